//! Looking into a container's root, which an image has made: every path is resolved by the kernel inside it.

use crate::failure::Found;
use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;

/// Files of accounts are short; anything longer is none.
const READ_MAX: u64 = 1 << 20;
/// What the kernel looks at of a file that it is to execute: programs are large, and this is done for every container.
const FIRST_LINE_MAX: u64 = 256;

/// An open root.
#[derive(Debug)]
pub(crate) struct Root(OwnedFd);

impl Root {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self(rustix::fs::openat(CWD, path, flags, Mode::empty())?))
    }

    fn open_inside(&self, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        rustix::fs::openat2(&self.0, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve)
    }

    /// A text file, empty if there is none.
    pub(crate) fn read(&self, path: &str) -> String {
        String::from_utf8_lossy(&self.beginning(path, READ_MAX)).into_owned()
    }

    fn beginning(&self, path: &str, bytes: u64) -> Vec<u8> {
        let mut read = Vec::new();
        if let Ok(file) = self.open_inside(path, OFlags::RDONLY | OFlags::NONBLOCK) {
            let _what_could_be_read = File::from(file).take(bytes).read_to_end(&mut read);
        }
        read
    }

    /// A directory, if there is one.
    pub(crate) fn directory(&self, path: &str) -> Option<OwnedFd> {
        self.open_inside(path, OFlags::PATH | OFlags::DIRECTORY).ok()
    }

    /// Makes a directory and those above it, as Docker does for a working directory.
    pub(crate) fn make_directory(&self, path: &str) -> Result<(), Errno> {
        let mut made = String::from("/");
        for name in path.split('/').filter(|name| !name.is_empty() && *name != ".") {
            let parent = self.open_inside(&made, OFlags::PATH | OFlags::DIRECTORY)?;
            made.extend([name, "/"]);
            match self.open_inside(&made, OFlags::PATH | OFlags::DIRECTORY) {
                Err(Errno::NOENT) => rustix::fs::mkdirat(&parent, name, Mode::from_raw_mode(0o755))?,
                other => drop(other?),
            }
        }
        Ok(())
    }

    /// What there is under the name of a program, and why it cannot be executed; none if nothing is wrong with it, or if it may
    /// be in something else that is mounted over this root.
    pub(crate) fn fault(
        &self,
        program: &str,
        (path_variable, directory): (&str, &str),
        mounted_at: &[&Path],
    ) -> Option<(Found, Errno)> {
        let fault_of = |path: &str| {
            let is_hidden = mounted_at.iter().any(|mount| Path::new(path).starts_with(mount));
            // A link may lead to what is mounted.
            let is_elsewhere = |fault: &(Found, Errno)| fault.0 == Found::Nothing && !mounted_at.is_empty();
            let fault = if is_hidden { None } else { self.fault_of(path) };
            fault.filter(|fault| !is_elsewhere(fault))
        };
        if program.contains('/') {
            let from_root =
                if program.starts_with('/') { program.to_owned() } else { format!("{directory}/{program}") };
            return fault_of(&from_root);
        }
        let candidates = path_variable.split(':').map(|directory| format!("{directory}/{program}"));
        let mut faults = candidates.map(|candidate| fault_of(&candidate));
        // Any that is well is the one that was executed; else one that is there and is not well.
        let found = faults.try_fold(None, |worst, fault| match (worst, fault?) {
            (None, fault) if fault.0 != Found::Nothing => Some(Some(fault)),
            (worst, _) => Some(worst),
        })?;
        Some(found.unwrap_or((Found::Nothing, Errno::NOENT)))
    }

    /// What there is at a path, seen from a directory.
    pub(crate) fn found(&self, path: &str, directory: &str) -> Found {
        let path = if path.starts_with('/') { path.to_owned() } else { format!("{directory}/{path}") };
        let stat = self.open_inside(&path, OFlags::PATH).and_then(|file| rustix::fs::fstat(&file));
        match stat.map(|stat| FileType::from_raw_mode(stat.st_mode)) {
            Ok(FileType::Directory) => Found::Directory,
            Ok(_) => Found::File,
            Err(_) => Found::Nothing,
        }
    }

    fn fault_of(&self, path: &str) -> Option<(Found, Errno)> {
        let file = match self.open_inside(path, OFlags::PATH) {
            Ok(file) => file,
            Err(errno) => return Some((Found::Nothing, errno)),
        };
        let mode = rustix::fs::fstat(&file).ok()?.st_mode;
        match FileType::from_raw_mode(mode) {
            FileType::Directory => Some((Found::Directory, Errno::ACCESS)),
            _ if mode & 0o111 == 0 => Some((Found::File, Errno::ACCESS)),
            _ => self.missing_interpreter(path).then_some((Found::File, Errno::NOENT)),
        }
    }

    fn missing_interpreter(&self, path: &str) -> bool {
        let beginning = self.beginning(path, FIRST_LINE_MAX);
        let line = beginning.strip_prefix(b"#!").and_then(|rest| rest.split(|byte| *byte == b'\n').next());
        let line = line.map(String::from_utf8_lossy);
        let line = line.as_deref();
        let interpreter = line.and_then(|line| line.split_whitespace().next());
        interpreter.is_some_and(|interpreter| self.open_inside(interpreter, OFlags::PATH).is_err())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    const PATH: &str = "/bin:/opt/bin";

    /// A root with a program in `/bin` and one in `/opt/bin` that cannot be executed.
    fn fault(program: &str, mounted_at: &[&str]) -> Option<(Found, Errno)> {
        let directory = tempfile::tempdir().unwrap();
        for (path, mode) in [("bin/good", 0o755), ("opt/bin/bad", 0o644)] {
            let path = directory.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
        let mounted_at: Vec<&Path> = mounted_at.iter().map(Path::new).collect();
        Root::open(directory.path()).unwrap().fault(program, (PATH, "/opt"), &mounted_at)
    }

    #[test]
    fn program_is_judged_by_what_the_image_has() {
        assert_eq!(fault("good", &[]), None);
        assert_eq!(fault("bad", &[]), Some((Found::File, Errno::ACCESS)));
        assert_eq!(fault("none", &[]), Some((Found::Nothing, Errno::NOENT)));
        assert_eq!(fault("bin/bad", &[]), Some((Found::File, Errno::ACCESS)));
    }

    #[test]
    fn program_that_may_be_on_a_volume_is_not_judged() {
        assert_eq!(fault("/data/tool", &["/data"]), None);
        assert_eq!(fault("bad", &["/opt/bin"]), None);
        assert_eq!(fault("none", &["/data"]), None, "a directory of PATH may be a link to it");
        assert_eq!(fault("bin/bad", &["/data"]), Some((Found::File, Errno::ACCESS)));
    }
}
