//! A container's directory and root: `containers/<output>/` with the overlay's upper and work directories, the bundle, the
//! OCI runtime's state and log. It all goes away with the value.

use super::failure::Failure;
use longshore_images::is_in_user_namespace;
use rustix::fs::{CWD, Mode, OFlags};
use rustix::mount::{MountFlags, UnmountFlags};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(super) struct Bundle {
    directory: PathBuf,
    mounted: bool,
}

impl Bundle {
    /// Makes the directory and mounts the root: `layers`, the lowest first, under a layer of the container's own.
    pub(super) fn make(directory: PathBuf, layers: &[PathBuf]) -> Result<Self, Failure> {
        let mut bundle = Self::bare(directory)?;
        bundle.mount(layers).map_err(Failure::create("mount its root"))?;
        Ok(bundle)
    }

    /// Makes the directory alone.
    pub(super) fn bare(directory: PathBuf) -> Result<Self, Failure> {
        let bundle = Self { directory, mounted: false };
        for name in ["upper", "work", "root", "state"] {
            fs::create_dir_all(bundle.path(name)).map_err(Failure::create("make its directory"))?;
        }
        Ok(bundle)
    }

    /// The layers are given as descriptors: that is short whatever their paths are, and the kernel takes one page.
    fn mount(&mut self, layers: &[PathBuf]) -> io::Result<()> {
        let open = |path: &Path| {
            rustix::fs::openat(CWD, path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        };
        let lower = layers.iter().rev().map(|layer| open(layer)).collect::<Result<Vec<OwnedFd>, _>>()?;
        let (upper, work) = (open(&self.path("upper"))?, open(&self.path("work"))?);
        let mut options = String::from("lowerdir=");
        for (place, layer) in lower.iter().enumerate() {
            let colon = if place == 0 { "" } else { ":" };
            write!(options, "{colon}/proc/self/fd/{}", layer.as_raw_fd()).map_err(io::Error::other)?;
        }
        let (upper, work) = (upper.as_raw_fd(), work.as_raw_fd());
        write!(options, ",upperdir=/proc/self/fd/{upper},workdir=/proc/self/fd/{work}").map_err(io::Error::other)?;
        if is_in_user_namespace() {
            options.push_str(",userxattr");
        }
        // The layer goes away with the container: without this the end of each would wait until the kernel has written out
        // the whole file system that it lies on, what other jobs have written too.
        // Linux before 5.10 does not know the word.
        self.mount_with(&format!("{options},volatile")).or_else(|_unknown| self.mount_with(&options))?;
        self.mounted = true;
        Ok(())
    }

    /// The directory as the source is how what a dead agent left is told from what is others'.
    fn mount_with(&self, options: &str) -> io::Result<()> {
        let options = std::ffi::CString::new(options)?;
        Ok(rustix::mount::mount(&self.directory, self.path("root"), "overlay", MountFlags::NODEV, options.as_c_str())?)
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

impl Drop for Bundle {
    fn drop(&mut self) {
        let unmounted = match self.mounted {
            true => rustix::mount::unmount(self.path("root"), UnmountFlags::DETACH).map_err(io::Error::from),
            false => Ok(()),
        };
        if let Err(error) = unmounted.and_then(|()| fs::remove_dir_all(&self.directory)) {
            tracing::warn!(directory = %self.directory.display(), %error, "a container's directory stays until the next start");
        }
    }
}
