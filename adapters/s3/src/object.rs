//! The row of an object, and the only code that writes the tables `objects`, `inline_contents` and `content_files`.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use crate::checksum::Checksums;
use crate::database::writer::Change;
use crate::failure::Result;

/// An object as committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) etag: String,
    pub(crate) size: u64,
    pub(crate) modified_ms: i64,
    pub(crate) attributes: Attributes,
    pub(crate) pieces: Vec<Piece>,
}

/// A run of an object's bytes; an object is its pieces in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Piece {
    File { id: u64, length: u64 },
    Inline { id: i64, length: u64 },
}

/// What a client says about an object beyond its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Attributes {
    pub(crate) headers: BTreeMap<Header, String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) checksums: Checksums,
    /// `FULL_OBJECT` or `COMPOSITE`, if there are checksums.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) checksum_type: Option<String>,
    /// The parts of a multipart upload, in order; empty for any other object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) parts: Vec<PartRecord>,
}

/// The headers that are stored with an object and returned with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Header {
    CacheControl,
    ContentDisposition,
    ContentEncoding,
    ContentLanguage,
    ContentType,
    Expires,
    StorageClass,
    WebsiteRedirectLocation,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartRecord {
    pub(crate) number: i32,
    pub(crate) size: u64,
    #[serde(default)]
    pub(crate) checksums: Checksums,
}

impl Object {
    /// The committed object, if there is one.
    pub(crate) fn find(db: &Connection, bucket: &str, key: &str) -> Result<Option<Self>> {
        let mut query = db.prepare_cached(
            "SELECT etag, size, modified_ms, attributes, pieces FROM objects WHERE bucket = ? AND key = ?",
        )?;
        let row = query.query_row(params![bucket, key], |row| {
            Ok((
                row.get(0)?,
                row.get::<_, i64>(1)? as u64,
                row.get(2)?,
                row.get::<_, String>(3)?,
                row.get::<_, String>(4)?,
            ))
        });
        let Some((etag, size, modified_ms, attributes, pieces)) = row.optional()? else { return Ok(None) };
        let (attributes, pieces) = (serde_json::from_str(&attributes)?, serde_json::from_str(&pieces)?);
        Ok(Some(Self { etag, size, modified_ms, attributes, pieces }))
    }

    /// Makes this the object under `key`. The content of the one that it replaces is released. Pieces in files must
    /// already be on disk.
    pub(crate) fn store(&self, change: &mut Change<'_>, bucket: &str, key: &str) -> Result<()> {
        if let Some(replaced) = Self::find(change.db, bucket, key)? {
            drop_pieces(change, &replaced.pieces)?;
        }
        for piece in &self.pieces {
            if let Piece::File { id, .. } = piece {
                claim_file(change.db, *id)?;
            }
        }
        self.write_row(change.db, bucket, key)
    }

    /// Rewrites the row alone: the pieces stay as they are.
    pub(crate) fn write_row(&self, db: &Connection, bucket: &str, key: &str) -> Result<()> {
        let mut insert = db.prepare_cached("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?)")?;
        let (attributes, pieces) = (serde_json::to_string(&self.attributes)?, serde_json::to_string(&self.pieces)?);
        let size = self.size as i64;
        insert.execute(params![bucket, key, self.etag, size, self.modified_ms, attributes, pieces])?;
        Ok(())
    }

    /// Removes the object and releases its content.
    pub(crate) fn remove(&self, change: &mut Change<'_>, bucket: &str, key: &str) -> Result<()> {
        drop_pieces(change, &self.pieces)?;
        change.db.prepare_cached("DELETE FROM objects WHERE bucket = ? AND key = ?")?.execute([bucket, key])?;
        Ok(())
    }
}

fn drop_pieces(change: &mut Change<'_>, pieces: &[Piece]) -> Result<()> {
    for piece in pieces {
        match piece {
            Piece::Inline { id, length } => {
                change.released.bytes += length;
                change.db.prepare_cached("DELETE FROM inline_contents WHERE id = ?")?.execute([id])?;
            }
            Piece::File { id, length } => release_file(change, *id, *length)?,
        }
    }
    Ok(())
}

/// Stores a small body in the database itself.
pub(crate) fn insert_inline(db: &Connection, bytes: &[u8]) -> Result<Piece> {
    db.prepare_cached("INSERT INTO inline_contents (bytes) VALUES (?)")?.execute([bytes])?;
    Ok(Piece::Inline { id: db.last_insert_rowid(), length: bytes.len() as u64 })
}

/// The bytes of an inline piece; ask in the snapshot that the piece came from.
pub(crate) fn inline_bytes(db: &Connection, id: i64) -> Result<Vec<u8>> {
    let mut query = db.prepare_cached("SELECT bytes FROM inline_contents WHERE id = ?")?;
    Ok(query.query_row([id], |row| row.get(0))?)
}

/// Records that a committed row names the file; it may have been a part's before it is an object's.
pub(crate) fn claim_file(db: &Connection, id: u64) -> Result<()> {
    db.prepare_cached("INSERT OR IGNORE INTO content_files VALUES (?)")?.execute([id as i64])?;
    Ok(())
}

/// Records that no row names the file any more.
pub(crate) fn release_file(change: &mut Change<'_>, id: u64, bytes: u64) -> Result<()> {
    change.db.prepare_cached("DELETE FROM content_files WHERE id = ?")?.execute([id as i64])?;
    change.released.files.push(id);
    change.released.bytes += bytes;
    Ok(())
}

/// The bytes of all content that committed rows name.
pub(crate) fn committed_bytes(db: &Connection) -> rusqlite::Result<u64> {
    let sums = "SELECT (SELECT coalesce(sum(size), 0) FROM objects) + (SELECT coalesce(sum(size), 0) FROM parts)";
    db.query_row(sums, [], |row| Ok(row.get::<_, i64>(0)? as u64))
}

/// Every file that a committed row names, ascending.
pub(crate) fn committed_files(db: &Connection) -> rusqlite::Result<Vec<u64>> {
    let mut query = db.prepare("SELECT id FROM content_files ORDER BY id")?;
    query.query_map([], |row| Ok(row.get::<_, i64>(0)? as u64))?.collect()
}
