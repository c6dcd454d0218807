//! Uploads in parts. A part is a content file from the start, and completing an upload only names the files: it copies
//! nothing, whatever the size.

use rusqlite::{Connection, OptionalExtension as _, Row};
use s3s::S3ErrorCode;

use crate::checksum::{Algorithm, Checksums};
use crate::failure::{Error, Result, refuse};
use crate::object::Attributes;

pub(super) mod abort;
pub(super) mod complete;
pub(super) mod create;
pub(super) mod list;
pub(super) mod part;

/// S3's limits on parts.
const PART_NUMBER_MAX: i32 = 10_000;
const PART_MIN_BYTES: u64 = 5 << 20;

/// An upload under way.
struct Upload {
    algorithm: Option<Algorithm>,
    checksum_type: Option<String>,
    attributes: Attributes,
}

/// A part that has arrived.
struct Part {
    number: i32,
    etag: String,
    size: u64,
    modified_ms: i64,
    file: u64,
    checksums: Checksums,
}

impl Upload {
    /// The upload of that id, for that key.
    fn find(db: &Connection, bucket: &str, key: &str, id: &str) -> Result<Self> {
        let mut query = db.prepare_cached(
            "SELECT algorithm, checksum_type, attributes FROM uploads WHERE id = ? AND bucket = ? AND key = ?",
        )?;
        let row = query
            .query_row([id, bucket, key], |row| {
                Ok((row.get::<_, Option<String>>(0)?, row.get(1)?, row.get::<_, String>(2)?))
            })
            .optional()?;
        let Some((algorithm, checksum_type, attributes)) = row else {
            super::bucket::require(db, bucket)?;
            return Err(no_such_upload());
        };
        let algorithm = algorithm.as_deref().and_then(Algorithm::parse);
        Ok(Self { algorithm, checksum_type, attributes: serde_json::from_str(&attributes)? })
    }
}

impl Part {
    /// All parts of the upload, by number.
    fn all(db: &Connection, upload: &str) -> Result<Vec<Self>> {
        let mut query = db.prepare_cached(
            "SELECT number, etag, size, modified_ms, file, checksums FROM parts WHERE upload = ? ORDER BY number",
        )?;
        let mut rows = query.query([upload])?;
        let mut parts = Vec::new();
        while let Some(row) = rows.next()? {
            parts.push(Self::from_row(row)?);
        }
        Ok(parts)
    }

    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            etag: row.get(1)?,
            size: row.get::<_, i64>(2)? as u64,
            modified_ms: row.get(3)?,
            file: row.get::<_, i64>(4)? as u64,
            checksums: serde_json::from_str(&row.get::<_, String>(5)?)?,
        })
    }
}

fn no_such_upload() -> Error {
    let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
                   aborted or completed.";
    refuse(S3ErrorCode::NoSuchUpload, message)
}
