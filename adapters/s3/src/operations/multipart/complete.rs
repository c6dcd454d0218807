//! CompleteMultipartUpload: one transaction that turns parts into an object.

use std::collections::BTreeMap;

use rusqlite::Connection;
use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request};

use super::{PART_MIN_BYTES, Part, Upload};
use crate::backend::{Backend, now_ms};
use crate::checksum::{Algorithm, Checksums, checksums_of, multipart, set_checksums};
use crate::conditions;
use crate::database::writer::Change;
use crate::failure::{Error, Result, refuse};
use crate::object::{Attributes, Object, PartRecord, Piece, release_file};

pub(in crate::operations) async fn complete(
    backend: &Backend,
    request: S3Request<CompleteMultipartUploadInput>,
) -> Result<CompleteMultipartUploadOutput> {
    let input = request.input;
    let location = format!("/{}/{}", input.bucket, input.key);
    let (bucket, key) = (input.bucket.clone(), input.key.clone());
    let object = backend.write(None, move |change| finish(change, input)).await?;
    let mut output = CompleteMultipartUploadOutput {
        bucket: Some(bucket),
        key: Some(key),
        location: Some(location),
        e_tag: Some(ETag::Strong(object.etag)),
        checksum_type: object.attributes.checksum_type.map(ChecksumType::from),
        ..Default::default()
    };
    set_checksums!(output, object.attributes.checksums);
    Ok(output)
}

fn finish(change: &mut Change<'_>, input: CompleteMultipartUploadInput) -> Result<Object> {
    let claimed = checksums_of!(input);
    let CompleteMultipartUploadInput { bucket, key, upload_id, multipart_upload, if_match, if_none_match, .. } = input;
    let listed = multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
    let upload = match Upload::find(change.db, &bucket, &key, &upload_id) {
        Ok(upload) => upload,
        Err(missing) => return repeated(change.db, &bucket, &key, &listed)?.ok_or(missing),
    };
    let arrived = Part::all(change.db, &upload_id)?;
    let (chosen, unused) = choose(&listed, arrived)?;
    let size: u64 = chosen.iter().map(|part| part.size).sum();
    if input.mpu_object_size.is_some_and(|claimed| u64::try_from(claimed) != Ok(size)) {
        let message = "The provided 'x-amz-mp-object-size' header does not match what was uploaded";
        return Err(refuse(S3ErrorCode::InvalidRequest, message));
    }
    let existing = Object::find(change.db, &bucket, &key)?;
    conditions::admit_write(if_match.as_ref(), if_none_match.as_ref(), existing.as_ref())?;

    let object = Object {
        etag: multipart::etag(chosen.iter().map(|part| part.etag.as_str())),
        size,
        modified_ms: now_ms(),
        pieces: chosen.iter().map(|part| Piece::File { id: part.file, length: part.size }).collect(),
        attributes: attributes(upload, &claimed, chosen)?,
    };
    object.store(change, &bucket, &key)?;
    for part in unused {
        release_file(change, part.file, part.size)?;
    }
    forget(change.db, &upload_id)?;
    Ok(object)
}

/// A client whose answer was lost asks again: the upload is gone, but the object is the one that those parts make.
fn repeated(db: &Connection, bucket: &str, key: &str, listed: &[CompletedPart]) -> Result<Option<Object>> {
    let etag = multipart::etag(listed.iter().filter_map(|part| part.e_tag.as_ref()).map(ETag::value));
    Ok(Object::find(db, bucket, key)?.filter(|object| object.etag == etag))
}

/// Removes the rows of an upload; its files have been named or released by the caller.
pub(super) fn forget(db: &Connection, upload: &str) -> Result<()> {
    db.prepare_cached("DELETE FROM parts WHERE upload = ?")?.execute([upload])?;
    db.prepare_cached("DELETE FROM uploads WHERE id = ?")?.execute([upload])?;
    Ok(())
}

/// Splits the parts that arrived into those listed, in order, and the rest. Numbers must ascend; gaps are legal.
fn choose(listed: &[CompletedPart], arrived: Vec<Part>) -> Result<(Vec<Part>, Vec<Part>)> {
    if listed.is_empty() {
        let message = "The XML you provided was not well-formed or did not validate against our published schema: it \
                       must list at least one part";
        return Err(refuse(S3ErrorCode::MalformedXML, message));
    }
    let mut rest: BTreeMap<i32, Part> = arrived.into_iter().map(|part| (part.number, part)).collect();
    let mut chosen: Vec<Part> = Vec::with_capacity(listed.len());
    for wanted in listed {
        let number = wanted.part_number.ok_or_else(invalid_part)?;
        if chosen.last().is_some_and(|before| before.number >= number) {
            let message = "The list of parts was not in ascending order. Parts must be ordered by part number.";
            return Err(refuse(S3ErrorCode::InvalidPartOrder, message));
        }
        if chosen.last().is_some_and(|before| before.size < PART_MIN_BYTES) {
            let message = "Your proposed upload is smaller than the minimum allowed size";
            return Err(refuse(S3ErrorCode::EntityTooSmall, message));
        }
        let part = rest.remove(&number).ok_or_else(invalid_part)?;
        let is_same = wanted.e_tag.as_ref().is_some_and(|etag| etag.value() == part.etag);
        let claimed = checksums_of!(wanted);
        let holds = claimed.algorithms().all(|algorithm| claimed.get(algorithm) == part.checksums.get(algorithm));
        if !is_same || !holds {
            return Err(invalid_part());
        }
        chosen.push(part);
    }
    Ok((chosen, rest.into_values().collect()))
}

fn invalid_part() -> Error {
    let message = "One or more of the specified parts could not be found. The part may not have been uploaded, or the \
                   specified entity tag may not match the part's entity tag.";
    refuse(S3ErrorCode::InvalidPart, message)
}

fn attributes(upload: Upload, claimed: &Checksums, parts: Vec<Part>) -> Result<Attributes> {
    let sums: Vec<(u64, Checksums)> = parts.iter().map(|part| (part.size, part.checksums.clone())).collect();
    let is_full = upload.checksum_type.as_deref() == Some(ChecksumType::FULL_OBJECT);
    let mut checksums = Checksums::default();
    let join = |algorithm: Algorithm| match is_full {
        true => multipart::full_object(algorithm, &sums),
        false => multipart::composite(algorithm, &sums),
    };
    if let Some((algorithm, sum)) = upload.algorithm.and_then(|algorithm| Some((algorithm, join(algorithm)?))) {
        checksums.set(algorithm, sum);
        let claimed = claimed.get(algorithm).map(str::to_owned);
        if claimed.is_some_and(|claimed| !is_same(&claimed, checksums.get(algorithm).unwrap_or_default())) {
            let name = algorithm.name();
            let message = format!("The {name} you specified did not match the calculated checksum.");
            return Err(refuse(S3ErrorCode::BadDigest, message));
        }
    }
    let record = |part: Part| PartRecord { number: part.number, size: part.size, checksums: part.checksums };
    let checksum_type = checksums.algorithms().next().and(upload.checksum_type);
    Ok(Attributes { checksum_type, checksums, parts: parts.into_iter().map(record).collect(), ..upload.attributes })
}

/// A client may leave out the count at the end of a composite checksum.
fn is_same(claimed: &str, computed: &str) -> bool {
    claimed == computed || computed.rsplit_once('-').is_some_and(|(sum, _)| sum == claimed)
}
