//! Image archives as `docker save`, `podman save`, `skopeo` and `buildah` write them: a tar file with `manifest.json`
//! (Docker) or `index.json` (OCI), compressed or not. Members are found by one pass over the file and read in place.

use crate::manifest::{Descriptor, Document};
use crate::platform::Platform;
use crate::{Digest, Error, compression};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use tar::{Archive as Tar, EntryType};

/// Real manifests and configurations have kilobytes.
const DOCUMENT_MAX: u64 = 16 << 20;
/// Links to links to links are not made by anybody.
const LINKS_MAX: usize = 8;
const NAME_ANNOTATIONS: [&str; 2] = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];

/// An archive that can be read anywhere.
#[derive(Debug)]
pub(crate) struct Archive {
    path: PathBuf,
    file: File,
    members: BTreeMap<PathBuf, Member>,
}

#[derive(Debug)]
enum Member {
    File { offset: u64, size: u64 },
    Link(PathBuf),
}

/// An image of an archive.
#[derive(Debug)]
pub(crate) struct Saved {
    pub(crate) config: Vec<u8>,
    /// The names of the layers' members, the lowest first.
    pub(crate) layers: Vec<PathBuf>,
    /// As the archive has them.
    pub(crate) names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DockerImage {
    config: PathBuf,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    layers: Vec<PathBuf>,
}

impl Archive {
    /// Opens an archive; `scratch` is a file that a compressed one may be written to in plain.
    pub(crate) fn open(path: &Path, scratch: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(Error::store("open", path))?;
        let file = seekable(file, scratch).map_err(Error::store("read", path))?;
        let members = members(&file).map_err(Error::store("read", path))?;
        Ok(Self { path: path.to_owned(), file, members })
    }

    pub(crate) fn images(&self) -> Result<Vec<Saved>, Error> {
        if self.members.contains_key(Path::new("manifest.json")) {
            return self.docker_images();
        }
        if self.members.contains_key(Path::new("index.json")) {
            return self.oci_images();
        }
        Err(self.broken("it has neither manifest.json nor index.json"))
    }

    fn docker_images(&self) -> Result<Vec<Saved>, Error> {
        let text = self.document(Path::new("manifest.json"))?;
        let images: Vec<DockerImage> = serde_json::from_slice(&text).map_err(|source| Error::Manifest { source })?;
        let saved = |image: DockerImage| {
            let config = self.document(&image.config)?;
            Ok(Saved { config, layers: image.layers, names: image.repo_tags.unwrap_or_default() })
        };
        images.into_iter().map(saved).collect()
    }

    fn oci_images(&self) -> Result<Vec<Saved>, Error> {
        let Document::Index(index) = Document::parse(&self.document(Path::new("index.json"))?)? else {
            return Err(self.broken("its index.json is not a list of images"));
        };
        index.manifests.iter().map(|descriptor| self.oci_image(descriptor)).collect()
    }

    fn oci_image(&self, descriptor: &Descriptor) -> Result<Saved, Error> {
        let name = NAME_ANNOTATIONS.iter().find_map(|name| descriptor.annotations.get(*name));
        let manifest = match Document::parse(&self.verified(&descriptor.digest)?)? {
            Document::Manifest(manifest) => manifest,
            Document::Index(variants) => {
                match Document::parse(&self.verified(&variants.choose(&Platform::own())?.digest)?)? {
                    Document::Manifest(manifest) => manifest,
                    Document::Index(_) => return Err(self.broken("it has lists of lists")),
                }
            }
        };
        let layers = manifest.layers.iter().map(|layer| blob_path(&layer.digest)).collect();
        // A reference of an OCI layout may be a mere tag, which names nothing by itself.
        let names = name.filter(|name| name.contains(['/', ':'])).cloned().into_iter().collect();
        Ok(Saved { config: self.verified(&manifest.config.digest)?, layers, names })
    }

    fn verified(&self, digest: &Digest) -> Result<Vec<u8>, Error> {
        let bytes = self.document(&blob_path(digest))?;
        let found = Digest::of(&bytes);
        if found == *digest { Ok(bytes) } else { Err(Error::Verification { expected: digest.clone(), found }) }
    }

    fn document(&self, name: &Path) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let read = self.member(name)?.take(DOCUMENT_MAX).read_to_end(&mut bytes);
        read.map_err(Error::store("read", &self.path))?;
        Ok(bytes)
    }

    /// The content of a member.
    pub(crate) fn member(&self, name: &Path) -> Result<impl Read + '_, Error> {
        let mut name = name.to_owned();
        for _link in 0..LINKS_MAX {
            match self.members.get(&name) {
                Some(Member::File { offset, size }) => {
                    return Ok(BufReader::new(Part { file: &self.file, at: *offset, left: *size }));
                }
                Some(Member::Link(target)) => name.clone_from(target),
                None => break,
            }
        }
        Err(self.broken("a file that its manifest names is missing"))
    }

    fn broken(&self, problem: &'static str) -> Error {
        Error::Archive { path: self.path.clone(), problem }
    }
}

fn blob_path(digest: &Digest) -> PathBuf {
    Path::new("blobs/sha256").join(digest.hex())
}

/// A stretch of a file.
struct Part<'a> {
    file: &'a File,
    at: u64,
    left: u64,
}

impl Read for Part<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.file.read_at(&mut buffer[..wanted], self.at)?;
        if count == 0 && wanted > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.at += count as u64;
        self.left -= count as u64;
        Ok(count)
    }
}

/// The file itself, or its plain content in another if it is compressed or a pipe.
fn seekable(mut file: File, scratch: &Path) -> io::Result<File> {
    const TAR_MAGIC_AT: u64 = 257;
    let mut magic = [0; 5];
    let is_plain = file.read_exact_at(&mut magic, TAR_MAGIC_AT).is_ok() && &magic == b"ustar";
    if is_plain {
        return Ok(file);
    }
    let mut plain = File::options().read(true).write(true).create_new(true).open(scratch)?;
    io::copy(&mut compression::plain(&mut file)?, &mut plain)?;
    plain.seek(SeekFrom::Start(0))?;
    Ok(plain)
}

fn members(file: &File) -> io::Result<BTreeMap<PathBuf, Member>> {
    let mut members = BTreeMap::new();
    for entry in Tar::new(file).entries_with_seek()? {
        let entry = entry?;
        let name = clean(&entry.path()?);
        let member = match (entry.header().entry_type(), entry.link_name()?) {
            (EntryType::Regular | EntryType::Continuous, _) => {
                Member::File { offset: entry.raw_file_position(), size: entry.size() }
            }
            (EntryType::Link, Some(target)) => Member::Link(clean(&target)),
            (EntryType::Symlink, Some(target)) => {
                Member::Link(clean(&name.parent().unwrap_or(Path::new("")).join(target)))
            }
            _ => continue,
        };
        members.insert(name, member);
    }
    Ok(members)
}

/// Without `./` and `..`; these are only keys here.
fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            std::path::Component::Normal(name) => clean.push(name),
            std::path::Component::ParentDir => drop(clean.pop()),
            _ => {}
        }
    }
    clean
}
