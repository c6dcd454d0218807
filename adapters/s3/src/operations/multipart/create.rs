//! CreateMultipartUpload.

use rusqlite::params;
use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request};

use crate::backend::{Backend, now_ms};
use crate::checksum::Algorithm;
use crate::failure::{Result, refuse};
use crate::operations::attributes::attributes_of;
use crate::operations::bucket;

pub(in crate::operations) async fn create(
    backend: &Backend,
    request: S3Request<CreateMultipartUploadInput>,
) -> Result<CreateMultipartUploadOutput> {
    let input = request.input;
    let attributes = serde_json::to_string(&attributes_of!(input)?)?;
    let algorithm = input.checksum_algorithm.as_ref().map(|name| parse(name.as_str())).transpose()?;
    let checksum_type = checksum_type(algorithm, input.checksum_type.as_ref().map(ChecksumType::as_str))?;
    let (bucket, key) = (input.bucket.clone(), input.key.clone());
    let id: String = backend
        .write(None, move |change| {
            bucket::require(change.db, &bucket)?;
            // The database has the only source of randomness that this crate needs.
            let mut insert = change.db.prepare_cached(
                "INSERT INTO uploads VALUES (lower(hex(randomblob(16))), ?, ?, ?, ?, ?, ?) RETURNING id",
            )?;
            let name = algorithm.map(Algorithm::name);
            let row = params![bucket, key, now_ms(), name, checksum_type, attributes];
            Ok(insert.query_row(row, |row| row.get(0))?)
        })
        .await?;
    Ok(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id),
        checksum_type: checksum_type.map(ChecksumType::from_static),
        checksum_algorithm: input.checksum_algorithm,
        ..Default::default()
    })
}

fn parse(name: &str) -> Result<Algorithm> {
    let unknown = || refuse(S3ErrorCode::InvalidRequest, format!("Unknown checksum algorithm {name}."));
    Algorithm::parse(name).ok_or_else(unknown)
}

/// CRC64NVME is of the full object only, the SHAs of the parts only; the other CRCs may be either.
fn checksum_type(algorithm: Option<Algorithm>, asked: Option<&str>) -> Result<Option<&'static str>> {
    let Some(algorithm) = algorithm else { return Ok(None) };
    let default = match algorithm {
        Algorithm::Crc64Nvme => ChecksumType::FULL_OBJECT,
        _ => ChecksumType::COMPOSITE,
    };
    let chosen = match asked {
        None => default,
        Some(ChecksumType::COMPOSITE) => ChecksumType::COMPOSITE,
        Some(_) => ChecksumType::FULL_OBJECT,
    };
    let is_possible = match algorithm {
        Algorithm::Crc32 | Algorithm::Crc32c => true,
        Algorithm::Crc64Nvme | Algorithm::Sha1 | Algorithm::Sha256 => chosen == default,
    };
    let name = algorithm.name();
    let message = format!("The {chosen} checksum type cannot be used with the {name} checksum algorithm.");
    if is_possible { Ok(Some(chosen)) } else { Err(refuse(S3ErrorCode::InvalidRequest, message)) }
}
