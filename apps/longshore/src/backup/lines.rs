//! The list of files: `<64 hex digits>  <path>` per line, as `sha256sum` writes it, in the order in which they are in the
//! backup. It is written and read line by line, however many there are.

use super::{Error, Result};
use sha2::{Digest, Sha256};
use std::io::{BufRead, Write};
use std::path::Path;

/// Writes lines and hashes them.
#[derive(Debug)]
pub(super) struct Lines<W> {
    out: W,
    hash: Sha256,
    pub(super) files: u64,
    pub(super) bytes: u64,
}

impl<W: Write> Lines<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, hash: Sha256::new(), files: 0, bytes: 0 }
    }

    pub(super) fn add(&mut self, path: &str, (bytes, sum): (u64, &str)) -> std::io::Result<()> {
        let line = format!("{sum}  {path}\n");
        self.hash.update(&line);
        self.files += 1;
        self.bytes += bytes;
        self.out.write_all(line.as_bytes())
    }

    /// The SHA-256 of all lines.
    pub(super) fn finish(mut self) -> std::io::Result<String> {
        self.out.flush()?;
        Ok(hex(&self.hash.finalize()))
    }
}

/// The next line of a list: the file's path and its sum; `None` at the end.
pub(super) fn next(list: &mut impl BufRead, backup: &Path) -> Result<Option<(String, String)>> {
    let mut line = String::new();
    if list.read_line(&mut line).map_err(Error::reading(backup))? == 0 {
        return Ok(None);
    }
    let parted = line.trim_end_matches('\n').split_once("  ");
    let (sum, path) = parted.ok_or_else(|| Error::damaged(backup, "its list of files has a line of another form"))?;
    if path.starts_with('/') || path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(Error::damaged(backup, format!("its list names a file outside of it: {path:?}")));
    }
    Ok(Some((path.to_owned(), sum.to_owned())))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_reads_back_in_order_with_its_own_sum() {
        let mut written = Vec::new();
        let mut lines = Lines::new(&mut written);
        lines.add("longshore.db", (3, &"a".repeat(64))).unwrap();
        lines.add("output/3f/x y.log", (0, &"b".repeat(64))).unwrap();
        assert_eq!((lines.files, lines.bytes), (2, 3));
        let sum = lines.finish().unwrap();
        assert_eq!(sum, hex(&Sha256::digest(&written)));
        let (mut list, backup) = (written.as_slice(), Path::new("b"));
        assert_eq!(next(&mut list, backup).unwrap(), Some(("longshore.db".into(), "a".repeat(64))));
        assert_eq!(next(&mut list, backup).unwrap(), Some(("output/3f/x y.log".into(), "b".repeat(64))));
        assert_eq!(next(&mut list, backup).unwrap(), None);
    }

    #[test]
    fn list_that_leads_outside_is_refused() {
        for path in ["/etc/passwd", "../x", "output/../../x", "output//x"] {
            let line = format!("{}  {path}\n", "a".repeat(64));
            assert!(matches!(next(&mut line.as_bytes(), Path::new("b")), Err(Error::Damaged { .. })), "{path}");
        }
    }
}
