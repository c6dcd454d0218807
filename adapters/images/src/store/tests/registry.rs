//! Debian's docker-registry on a port of its own, and what `docker push` would send to it.

use crate::testing::Recipe;
use crate::{Digest, Reference};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);
pub(super) const USER: &str = "somebody";
pub(super) const PASSWORD: &str = "a:secret";

pub(super) struct Registry {
    pub(super) address: String,
    process: Child,
    protected: bool,
    _directory: TempDir,
}

/// How the layers of an image are compressed and called.
#[derive(Clone, Copy)]
pub(super) enum Form {
    DockerGzip,
    OciZstd,
    OciPlain,
}

impl Form {
    fn pack(self, layer: &[u8]) -> Vec<u8> {
        match self {
            Self::OciPlain => layer.to_vec(),
            Self::OciZstd => ruzstd::encoding::compress_to_vec(layer, ruzstd::encoding::CompressionLevel::Fastest),
            Self::DockerGzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(layer).unwrap();
                encoder.finish().unwrap()
            }
        }
    }

    /// Of the manifest, the configuration and a layer.
    fn media_types(self) -> [&'static str; 3] {
        match self {
            Self::DockerGzip => [
                "application/vnd.docker.distribution.manifest.v2+json",
                "application/vnd.docker.container.image.v1+json",
                "application/vnd.docker.image.rootfs.diff.tar.gzip",
            ],
            Self::OciZstd => [
                "application/vnd.oci.image.manifest.v1+json",
                "application/vnd.oci.image.config.v1+json",
                "application/vnd.oci.image.layer.v1.tar+zstd",
            ],
            Self::OciPlain => [
                "application/vnd.oci.image.manifest.v1+json",
                "application/vnd.oci.image.config.v1+json",
                "application/vnd.oci.image.layer.v1.tar",
            ],
        }
    }
}

impl Registry {
    pub(super) fn start() -> Self {
        Self::with("")
    }

    /// One that only lets [`USER`] in.
    pub(super) fn protected() -> Self {
        Self::with("auth:\n  htpasswd:\n    realm: test\n    path: PASSWORDS\n")
    }

    fn with(authentication: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let path = |name: &str| directory.path().join(name).display().to_string();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let passwords = Command::new("htpasswd").args(["-Bbn", USER, PASSWORD]).output();
        fs::write(path("passwords"), passwords.expect("apt-get install apache2-utils").stdout).unwrap();
        let storage = format!("storage:\n  filesystem:\n    rootdirectory: {}\n", path("data"));
        let text = format!("version: 0.1\nlog:\n  level: error\n{storage}http:\n  addr: {address}\n{authentication}");
        fs::write(path("config.yml"), text.replace("PASSWORDS", &path("passwords"))).unwrap();
        let mut command = Command::new("docker-registry");
        command.args(["serve", &path("config.yml")]).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect("apt-get install docker-registry");
        let begin = Instant::now();
        while TcpStream::connect(&address).is_err() {
            assert!(begin.elapsed() < PATIENCE, "the registry does not start");
            std::thread::yield_now();
        }
        Self { address, process, protected: !authentication.is_empty(), _directory: directory }
    }

    pub(super) fn name(&self, rest: &str) -> Reference {
        format!("{}/{rest}", self.address).parse().unwrap()
    }

    /// Pushes an image and answers its manifest's descriptor.
    pub(super) fn push(&self, recipe: &Recipe, form: Form, place: (&str, &str)) -> Value {
        let [manifest_type, config_type, layer_type] = form.media_types();
        let (repository, tag) = place;
        let descriptor = |media_type: &str, content: &[u8]| {
            self.put_blob(repository, content);
            json!({ "mediaType": media_type, "digest": Digest::of(content), "size": content.len() })
        };
        let layers: Vec<Value> = recipe.layers.iter().map(|layer| descriptor(layer_type, &form.pack(layer))).collect();
        let config = descriptor(config_type, &recipe.document());
        let manifest = json!({ "schemaVersion": 2, "mediaType": manifest_type, "config": config, "layers": layers });
        self.put_manifest(repository, tag, &manifest)
    }

    pub(super) fn put_manifest(&self, repository: &str, tag: &str, manifest: &Value) -> Value {
        let url = format!("http://{}/v2/{repository}/manifests/{tag}", self.address);
        let media_type = manifest["mediaType"].as_str().unwrap();
        let text = manifest.to_string();
        self.signed(ureq::put(url)).header("Content-Type", media_type).send(&text).unwrap();
        json!({ "mediaType": media_type, "digest": Digest::of(text.as_bytes()), "size": text.len() })
    }

    fn put_blob(&self, repository: &str, content: &[u8]) {
        let url = format!("http://{}/v2/{repository}/blobs/uploads/", self.address);
        let answer = self.signed(ureq::post(url)).send_empty().unwrap();
        let place = answer.headers()["location"].to_str().unwrap().to_owned();
        let upload = self.signed(ureq::put(place)).query("digest", Digest::of(content).to_string());
        upload.header("Content-Type", "application/octet-stream").send(content).unwrap();
    }

    fn signed<T>(&self, request: ureq::RequestBuilder<T>) -> ureq::RequestBuilder<T> {
        let proof = base64_simd::STANDARD.encode_to_string(format!("{USER}:{PASSWORD}"));
        if self.protected { request.header("Authorization", format!("Basic {proof}")) } else { request }
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}
