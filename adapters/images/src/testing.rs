//! Images for tests, made from nothing: layers entry by entry, archives as `docker save` writes them, and an image with a
//! shell from this machine's static busybox. It panics where it cannot go on, as tests do.

use crate::Digest;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tar::{Builder, EntryType, Header};

/// Where Debian's busybox-static has it.
const BUSYBOX: &str = "/bin/busybox";

/// Those of its programs that tests use.
const PROGRAMS: &str = "basename cat chmod chown cp cut date dd dirname echo env false find grep head hostname id ip kill ln ls \
    mkdir mknod mount mv nc nproc ping printf ps pwd readlink rm rmdir sed seq sh sleep sort stat stty su sync tail tar tee test \
    touch tr true tty ulimit umount uname unshare wc wget whoami xargs yes";

/// A layer in the making. Everything in it is of root and of 2001.
pub struct Layer(Builder<Vec<u8>>);

impl std::fmt::Debug for Layer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Layer({} bytes)", self.0.get_ref().len())
    }
}

impl Default for Layer {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer {
    /// One with nothing in it.
    pub fn new() -> Self {
        Self(Builder::new(Vec::new()))
    }

    /// One with an entry of every kind.
    pub fn of_every_kind() -> Self {
        Self::new()
            .directory("bin", 0o711)
            .file("bin/su", 0o4755, b"program")
            .hard_link("bin/also-su", "bin/su")
            .symlink("sh", "bin/su")
            .file_of("home/worker/file", 0o640, (1000, 2000))
            .device("null", EntryType::Char, (1, 3))
            .link(EntryType::Fifo, "pipe", "")
    }

    fn header(kind: EntryType, mode: u32) -> Header {
        const MODIFIED: u64 = 1_000_000_000;
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(MODIFIED);
        header.set_size(0);
        header
    }

    /// Any entry; the name is taken as it is, however bad.
    #[must_use]
    pub fn entry(mut self, name: &str, mut header: Header, content: &[u8]) -> Self {
        let field = &mut header.as_gnu_mut().expect("it was made as one").name;
        field[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(content.len() as u64);
        header.set_cksum();
        self.0.append(&header, content).expect("memory takes it");
        self
    }

    /// A file.
    #[must_use]
    pub fn file(self, name: &str, mode: u32, content: &[u8]) -> Self {
        self.entry(name, Self::header(EntryType::Regular, mode), content)
    }

    /// A file of somebody.
    #[must_use]
    pub fn file_of(self, name: &str, mode: u32, owner: (u64, u64)) -> Self {
        let mut header = Self::header(EntryType::Regular, mode);
        header.set_uid(owner.0);
        header.set_gid(owner.1);
        self.entry(name, header, b"")
    }

    /// A file with extended attributes.
    #[must_use]
    pub fn file_with(mut self, name: &str, extended: &[(&str, &[u8])]) -> Self {
        let names: Vec<String> = extended.iter().map(|(name, _)| format!("SCHILY.xattr.{name}")).collect();
        let values = names.iter().zip(extended).map(|(name, (_, value))| (name.as_str(), *value));
        self.0.append_pax_extensions(values).expect("memory takes it");
        self.file(name, 0o644, b"")
    }

    /// A directory.
    #[must_use]
    pub fn directory(self, name: &str, mode: u32) -> Self {
        self.entry(name, Self::header(EntryType::Directory, mode), b"")
    }

    /// A link of either kind.
    #[must_use]
    pub fn link(self, kind: EntryType, name: &str, target: &str) -> Self {
        let mut header = Self::header(kind, 0o777);
        header.set_link_name_literal(target).expect("the target is short");
        self.entry(name, header, b"")
    }

    /// A symbolic link.
    #[must_use]
    pub fn symlink(self, name: &str, target: &str) -> Self {
        self.link(EntryType::Symlink, name, target)
    }

    /// A second name.
    #[must_use]
    pub fn hard_link(self, name: &str, target: &str) -> Self {
        self.link(EntryType::Link, name, target)
    }

    /// A device.
    #[must_use]
    pub fn device(self, name: &str, kind: EntryType, number: (u32, u32)) -> Self {
        let mut header = Self::header(kind, 0o600);
        header.set_device_major(number.0).expect("it is a GNU header");
        header.set_device_minor(number.1).expect("it is a GNU header");
        self.entry(name, header, b"")
    }

    /// Its archive, plain.
    pub fn finish(self) -> Vec<u8> {
        self.0.into_inner().expect("memory takes it")
    }
}

/// An image in the making.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// Plain archives, the lowest first.
    pub layers: Vec<Vec<u8>>,
    /// What containers get: `Cmd`, `Env`, …
    pub config: Value,
}

impl Recipe {
    /// An image of these layers that sets nothing.
    pub fn new(layers: Vec<Vec<u8>>) -> Self {
        Self { layers, config: json!({}) }
    }

    /// Its configuration, the document that is the image.
    pub fn document(&self) -> Vec<u8> {
        let layers: Vec<String> = self.layers.iter().map(|layer| Digest::of(layer).to_string()).collect();
        let document = json!({
            "architecture": "amd64",
            "os": "linux",
            "config": self.config,
            "rootfs": { "type": "layers", "diff_ids": layers },
        });
        document.to_string().into_bytes()
    }

    /// Its id.
    pub fn id(&self) -> Digest {
        Digest::of(&self.document())
    }

    /// What `docker save NAMES` would write.
    pub fn docker_archive(&self, names: &[&str]) -> Vec<u8> {
        let layers: Vec<String> = (0..self.layers.len()).map(|number| format!("{number}/layer.tar")).collect();
        let manifest = json!([{ "Config": "config.json", "RepoTags": names, "Layers": layers }]);
        let mut archive = Layer::new();
        for (name, layer) in layers.iter().zip(&self.layers) {
            archive = archive.file(name, 0o644, layer);
        }
        archive = archive.file("config.json", 0o644, &self.document());
        archive.file("manifest.json", 0o644, manifest.to_string().as_bytes()).finish()
    }

    /// What `skopeo copy … oci-archive:` would write.
    pub fn oci_archive(&self, name: &str) -> Vec<u8> {
        let blob = |archive: Layer, content: &[u8]| {
            archive.file(&format!("blobs/sha256/{}", Digest::of(content).hex()), 0o644, content)
        };
        let descriptor = |content: &[u8]| json!({ "digest": Digest::of(content), "size": content.len() });
        let layers: Vec<Value> = self.layers.iter().map(|layer| descriptor(layer)).collect();
        let manifest = json!({ "schemaVersion": 2, "config": descriptor(&self.document()), "layers": layers });
        let manifest = manifest.to_string().into_bytes();
        let mut listed = descriptor(&manifest);
        listed["annotations"] = json!({ "org.opencontainers.image.ref.name": name });
        let index = json!({ "schemaVersion": 2, "manifests": [listed] });
        let archive = self.layers.iter().fold(Layer::new(), |archive, layer| blob(archive, layer));
        let archive = blob(blob(archive, &self.document()), &manifest);
        archive.file("index.json", 0o644, index.to_string().as_bytes()).finish()
    }
}

/// A small system with a shell: busybox under the names of all its programs, root and another user.
pub fn busybox() -> Recipe {
    let program = fs::read(BUSYBOX).expect("busybox-static is installed: apt-get install busybox-static");
    let mut system = Layer::new().directory("bin", 0o755).file("bin/busybox", 0o755, &program);
    for name in PROGRAMS.split_whitespace() {
        system = system.hard_link(&format!("bin/{name}"), "bin/busybox");
    }
    for directory in ["etc", "root", "usr", "usr/bin"] {
        system = system.directory(directory, 0o755);
    }
    let users = "root:x:0:0:root:/root:/bin/sh\nworker:x:1000:1000:worker:/home/worker:/bin/sh\n";
    let groups = "root:x:0:\nworker:x:1000:\nextra:x:2000:worker\n";
    let system = system
        .directory("tmp", 0o1777)
        .symlink("usr/bin/env", "../../bin/env")
        .file("etc/passwd", 0o644, users.as_bytes())
        .file("etc/group", 0o644, groups.as_bytes())
        .file("etc/gone", 0o644, b"hidden by the layer above");
    let changes = Layer::new().directory("etc", 0o755).file("etc/.wh.gone", 0o644, b"");
    let mut recipe = Recipe::new(vec![system.finish(), changes.finish()]);
    recipe.config = json!({ "Cmd": ["sh"], "Env": ["PATH=/usr/local/bin:/usr/bin:/bin"] });
    recipe
}

/// Writes a recipe as `docker save` would.
pub fn save(recipe: &Recipe, names: &[&str], path: &Path) {
    fs::write(path, recipe.docker_archive(names)).expect("the directory is there");
}
