//! UploadPart and UploadPartCopy. A part that arrives again replaces the earlier one.

use std::ops;

use rusqlite::params;
use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request};

use super::{PART_NUMBER_MAX, Part, Upload};
use crate::backend::{Backend, now_ms};
use crate::checksum::{Claims, checksums_of, set_checksums};
use crate::conditions::timestamp;
use crate::endpoint::Trailer;
use crate::failure::{Result, refuse};
use crate::ingest::{Held, Place, Received};
use crate::object::{claim_file, release_file};
use crate::operations::copy::{self, source_conditions};
use crate::operations::put;

/// The place of a part.
struct Slot {
    bucket: String,
    key: String,
    upload: String,
    number: i32,
}

/// Parts are always files, so that completing the upload need not touch their bytes.
const INLINE_MAX: usize = 0;

pub(in crate::operations) async fn upload(
    backend: &Backend,
    request: S3Request<UploadPartInput>,
) -> Result<UploadPartOutput> {
    let trailer = Trailer::of(&request);
    let input = request.input;
    let asked = input.checksum_algorithm.as_ref().map(ChecksumAlgorithm::as_str);
    let mut claims = Claims::new(checksums_of!(input), input.content_md5.as_deref(), asked, &request.headers)?;
    let slot =
        Slot { bucket: input.bucket, key: input.key, upload: input.upload_id, number: part_number(input.part_number)? };
    put::require_room(backend, input.content_length)?;
    claims.compute.extend(upload_of(backend, &slot).await?.algorithm);
    let body = (input.body, input.content_length);
    let received = put::receive(backend, body.0, body.1, INLINE_MAX, (claims, trailer)).await?;
    let part = store(backend, slot, received).await?;
    let mut output = UploadPartOutput { e_tag: Some(ETag::Strong(part.etag)), ..Default::default() };
    set_checksums!(output, part.checksums);
    Ok(output)
}

pub(in crate::operations) async fn copy(
    backend: &Backend,
    request: S3Request<UploadPartCopyInput>,
) -> Result<UploadPartCopyOutput> {
    let input = request.input;
    let conditions = source_conditions!(input);
    let slot =
        Slot { bucket: input.bucket, key: input.key, upload: input.upload_id, number: part_number(input.part_number)? };
    let upload = upload_of(backend, &slot).await?;
    let found = copy::source(backend, &input.copy_source, &conditions).await?;
    let range = match input.copy_source_range.as_deref() {
        Some(range) => parse_range(range, found.object.size)?,
        None => 0..found.object.size,
    };
    let claims = Claims { compute: upload.algorithm.into_iter().collect(), ..Claims::default() };
    let body = Some(found.into_body(backend.content(), &range));
    let received = put::receive(backend, body, None, INLINE_MAX, (claims, Trailer::default())).await?;
    let part = store(backend, slot, received).await?;
    let mut result = CopyPartResult {
        e_tag: Some(ETag::Strong(part.etag)),
        last_modified: Some(timestamp(part.modified_ms)),
        ..Default::default()
    };
    set_checksums!(result, part.checksums);
    Ok(UploadPartCopyOutput { copy_part_result: Some(result), ..Default::default() })
}

async fn upload_of(backend: &Backend, slot: &Slot) -> Result<Upload> {
    let (bucket, key, id) = (slot.bucket.clone(), slot.key.clone(), slot.upload.clone());
    backend.read(move |db| Upload::find(db, &bucket, &key, &id)).await
}

fn part_number(number: i32) -> Result<i32> {
    let message = "Part number must be an integer between 1 and 10000, inclusive";
    let is_valid = (1..=PART_NUMBER_MAX).contains(&number);
    if is_valid { Ok(number) } else { Err(refuse(S3ErrorCode::InvalidArgument, message)) }
}

/// Unlike a GET's, a copy's range must be `bytes=first-last` and lie inside the source.
fn parse_range(range: &str, size: u64) -> Result<ops::Range<u64>> {
    let parsed = match Range::parse(range) {
        Ok(Range::Int { first, last: Some(last) }) => first..last + 1,
        _ => {
            let message = "The x-amz-copy-source-range value must be of the form bytes=first-last where first and \
                           last are the zero-based offsets of the first and last bytes to copy";
            return Err(refuse(S3ErrorCode::InvalidArgument, message));
        }
    };
    if parsed.end > size {
        let message = format!("Range specified is not valid for source object of size: {size}");
        return Err(refuse(S3ErrorCode::InvalidArgument, message));
    }
    Ok(parsed)
}

async fn store(backend: &Backend, slot: Slot, received: Received) -> Result<Part> {
    let Received { place, size, digests } = received;
    let Place::File(staged) = place else {
        return Err(refuse(S3ErrorCode::InternalError, "a part must be received into a file"));
    };
    let file = staged.id;
    let etag = digests.etag();
    let part = Part { number: slot.number, etag, size, modified_ms: now_ms(), file, checksums: digests.checksums };
    backend
        .write(Some(Held::File(staged)), move |change| {
            // Looked up again: the upload may have been completed or aborted while the part travelled.
            Upload::find(change.db, &slot.bucket, &slot.key, &slot.upload)?;
            let mut replaced =
                change.db.prepare_cached("DELETE FROM parts WHERE upload = ? AND number = ? RETURNING file, size")?;
            let replaced: Vec<(i64, i64)> = replaced
                .query_map(params![slot.upload, part.number], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            for (file, size) in replaced {
                release_file(change, file as u64, size as u64)?;
            }
            claim_file(change.db, part.file)?;
            let checksums = serde_json::to_string(&part.checksums)?;
            let mut insert = change.db.prepare_cached("INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)")?;
            let (size, file) = (part.size as i64, part.file as i64);
            insert.execute(params![slot.upload, part.number, part.etag, size, part.modified_ms, file, checksums])?;
            Ok(part)
        })
        .await
}
