//! Owner, mode, times and extended attributes of an entry. Without the privilege to give files away they stay ours.

use super::tree::Place;
use crate::is_in_user_namespace;
use rustix::fs::{AtFlags, Gid, Mode, Timespec, Timestamps, Uid, XattrFlags};
use rustix::io::Errno;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use tar::Entry;

const XATTR_PREFIX: &str = "SCHILY.xattr.";
/// Ours, for values with a line end, on which the decoder of archives breaks off: in hexadecimal digits.
pub(crate) const HEX_PREFIX: &str = "LONGSHORE.xattr.hex.";
/// The overlay's own, with which a layer could redirect names to anywhere in it.
const REFUSED: [&str; 2] = ["trusted.overlay.", "user.overlay."];
const NANOS_DIGITS: usize = 9;

#[derive(Debug)]
pub(super) struct Attributes {
    owner: (Uid, Gid),
    mode: Mode,
    time: Timespec,
    extended: Vec<(String, Vec<u8>)>,
}

impl Attributes {
    pub(super) fn of<R: Read>(entry: &mut Entry<'_, R>) -> io::Result<Self> {
        let header = entry.header();
        let id = |number: u64| u32::try_from(number).map_err(|_| io::Error::from(Errno::INVAL));
        let owner = (Uid::from_raw(id(header.uid()?)?), Gid::from_raw(id(header.gid()?)?));
        let mode = Mode::from_raw_mode(header.mode()? & 0o7777);
        let mut time = Timespec { tv_sec: i64::try_from(header.mtime()?).unwrap_or_default(), tv_nsec: 0 };
        let mut extended = Vec::new();
        for extension in entry.pax_extensions()?.into_iter().flatten() {
            let extension = extension?;
            let Ok(key) = extension.key() else { continue };
            if key == "mtime" {
                time = extension.value().ok().and_then(timespec).unwrap_or(time);
            } else if let Some((name, value)) = attribute(key, extension.value_bytes())
                && !REFUSED.iter().any(|refused| name.starts_with(refused))
            {
                extended.push((name.to_owned(), value));
            }
        }
        Ok(Self { owner, mode, time, extended })
    }

    /// On an open file or directory. The owner first: a change of it takes away setuid bits and capabilities.
    pub(super) fn set(&self, file: &OwnedFd) -> io::Result<()> {
        permitted(rustix::fs::fchown(file, Some(self.owner.0), Some(self.owner.1)))?;
        rustix::fs::fchmod(file, self.mode)?;
        for (name, value) in &self.extended {
            permitted(rustix::fs::fsetxattr(file, name.as_str(), value, XattrFlags::empty()))?;
        }
        Ok(rustix::fs::futimens(file, &self.times())?)
    }

    pub(super) fn set_on_link(&self, place: &Place) -> io::Result<()> {
        self.give_away(place)?;
        for (name, value) in &self.extended {
            permitted(rustix::fs::lsetxattr(place.path(), name.as_str(), value, XattrFlags::empty()))?;
        }
        self.set_times(place)
    }

    /// On a device or pipe, which must not be opened.
    pub(super) fn set_on_node(&self, place: &Place) -> io::Result<()> {
        self.give_away(place)?;
        rustix::fs::chmodat(&place.parent, &place.name, self.mode, AtFlags::empty())?;
        self.set_times(place)
    }

    fn give_away(&self, place: &Place) -> io::Result<()> {
        let (user, group) = self.owner;
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        permitted(rustix::fs::chownat(&place.parent, &place.name, Some(user), Some(group), flags))
    }

    fn set_times(&self, place: &Place) -> io::Result<()> {
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        Ok(rustix::fs::utimensat(&place.parent, &place.name, &self.times(), flags)?)
    }

    fn times(&self) -> Timestamps {
        Timestamps { last_access: self.time, last_modification: self.time }
    }
}

/// The attribute that an extension stands for.
fn attribute<'a>(key: &'a str, value: &[u8]) -> Option<(&'a str, Vec<u8>)> {
    if let Some(name) = key.strip_prefix(XATTR_PREFIX) {
        return Some((name, value.to_vec()));
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes = value.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?));
    Some((key.strip_prefix(HEX_PREFIX)?, bytes.collect::<Option<_>>()?))
}

/// What only the privileged may do is left undone by others, and so is what the file system cannot keep.
fn permitted(result: rustix::io::Result<()>) -> io::Result<()> {
    match result {
        Err(Errno::OPNOTSUPP) => Ok(()),
        Err(Errno::PERM) if !rustix::process::geteuid().is_root() => Ok(()),
        // A user namespace may not have the owner, and what concerns the machine is not its business.
        Err(Errno::INVAL | Errno::PERM) if is_in_user_namespace() => Ok(()),
        result => Ok(result?),
    }
}

/// `seconds.fraction`.
fn timespec(text: &str) -> Option<Timespec> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let nanos: String = fraction.chars().chain(std::iter::repeat('0')).take(NANOS_DIGITS).collect();
    let (seconds, nanos): (i64, i64) = (seconds.parse().ok()?, nanos.parse().ok()?);
    Some(Timespec { tv_sec: seconds, tv_nsec: if seconds < 0 { 0 } else { nanos } })
}
