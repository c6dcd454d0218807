//! Socket paths of any length: the kernel takes 107 bytes, so a longer path goes by way of its opened directory.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

const PATH_MAX: usize = 107;

/// A path that fits, valid while `_directory` is open.
struct Address {
    path: PathBuf,
    _directory: Option<File>,
}

fn address(path: &Path) -> io::Result<Address> {
    if path.as_os_str().len() <= PATH_MAX {
        return Ok(Address { path: path.to_owned(), _directory: None });
    }
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let directory = File::open(parent)?;
    let path = Path::new("/proc/self/fd").join(directory.as_raw_fd().to_string()).join(name);
    Ok(Address { path, _directory: Some(directory) })
}

pub(crate) fn connect(path: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(&address(path)?.path)
}

pub(crate) fn bind(path: &Path) -> io::Result<UnixListener> {
    UnixListener::bind(&address(path)?.path)
}
