//! ListParts and ListMultipartUploads.

use rusqlite::{Connection, params};
use s3s::S3Request;
use s3s::dto::*;

use super::{Part as StoredPart, Upload};
use crate::backend::Backend;
use crate::checksum::{Algorithm, set_checksums};
use crate::conditions::timestamp;
use crate::failure::Result;
use crate::operations::bucket;
use crate::operations::list::{encoder, owner, page_size};

const PAGE_MAX: i32 = 1000;

pub(in crate::operations) async fn parts(
    backend: &Backend,
    request: S3Request<ListPartsInput>,
) -> Result<ListPartsOutput> {
    let input = request.input;
    let max = page_size(input.max_parts, PAGE_MAX)?;
    let marker = input.part_number_marker.unwrap_or(0);
    let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
    let (upload, stored) =
        backend.read(move |db| Ok((Upload::find(db, &bucket, &key, &id)?, StoredPart::all(db, &id)?))).await?;
    let mut rest = stored.into_iter().filter(|part| part.number > marker);
    let page: Vec<Part> = rest.by_ref().take(max).map(describe).collect();
    Ok(ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        part_number_marker: Some(marker),
        next_part_number_marker: Some(page.last().and_then(|part| part.part_number).unwrap_or(0)),
        max_parts: i32::try_from(max).ok(),
        is_truncated: Some(rest.next().is_some()),
        parts: Some(page),
        initiator: Some(initiator()),
        owner: Some(owner()),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
        checksum_algorithm: upload.algorithm.map(|algorithm| ChecksumAlgorithm::from_static(algorithm.name())),
        checksum_type: upload.checksum_type.map(ChecksumType::from),
        ..Default::default()
    })
}

fn describe(stored: StoredPart) -> Part {
    let mut part = Part {
        e_tag: Some(ETag::Strong(stored.etag)),
        last_modified: Some(timestamp(stored.modified_ms)),
        part_number: Some(stored.number),
        size: Some(stored.size as i64),
        ..Default::default()
    };
    set_checksums!(part, stored.checksums);
    part
}

fn initiator() -> Initiator {
    let Owner { display_name, id } = owner();
    Initiator { display_name, id }
}

/// An upload's name in a listing, and what is shown of it.
struct Listed {
    key: String,
    upload: MultipartUpload,
}

pub(in crate::operations) async fn uploads(
    backend: &Backend,
    request: S3Request<ListMultipartUploadsInput>,
) -> Result<ListMultipartUploadsOutput> {
    let input = request.input;
    let max = page_size(input.max_uploads, PAGE_MAX)?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let delimiter = input.delimiter.clone().unwrap_or_default();
    let after = (input.key_marker.clone().unwrap_or_default(), input.upload_id_marker.clone());
    let bucket = input.bucket.clone();
    let all = backend.read(move |db| fetch(db, &bucket, &after)).await?;
    let page = roll_up(all, &prefix, &delimiter, max, input.key_marker.as_deref().unwrap_or_default());

    let encode = encoder(input.encoding_type.as_ref());
    let is_truncated = page.next.is_some();
    let (next_key, next_upload) = page.next.unzip();
    let encoded = |mut listed: Listed| {
        listed.upload.key = Some(encode(&listed.key));
        listed.upload
    };
    Ok(ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        common_prefixes: Some(
            page.prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(encode(prefix)) }).collect(),
        ),
        uploads: Some(page.uploads.into_iter().map(encoded).collect()),
        delimiter: input.delimiter.as_deref().map(&encode),
        prefix: Some(encode(&prefix)),
        key_marker: Some(encode(&input.key_marker.unwrap_or_default())),
        upload_id_marker: Some(input.upload_id_marker.unwrap_or_default()),
        next_key_marker: next_key.as_deref().map(&encode),
        next_upload_id_marker: next_upload,
        is_truncated: Some(is_truncated),
        max_uploads: i32::try_from(max).ok(),
        encoding_type: input.encoding_type,
        ..Default::default()
    })
}

/// Behind the marker: greater keys, and with an upload id also the later uploads of the same key.
fn fetch(db: &Connection, bucket: &str, (key, upload): &(String, Option<String>)) -> Result<Vec<Listed>> {
    bucket::require(db, bucket)?;
    let mut query = db.prepare_cached(
        "SELECT key, id, initiated_ms, algorithm, checksum_type FROM uploads
         WHERE bucket = ?1 AND (key > ?2 OR (key = ?2 AND id > ?3)) ORDER BY key, id",
    )?;
    // No id is greater than one that no upload can have.
    let upload = upload.as_deref().filter(|upload| !upload.is_empty()).unwrap_or("~");
    let rows = query.query_map(params![bucket, key, upload], |row| {
        let algorithm: Option<String> = row.get(3)?;
        let algorithm = algorithm.as_deref().and_then(Algorithm::parse);
        let upload = MultipartUpload {
            upload_id: Some(row.get(1)?),
            initiated: Some(timestamp(row.get(2)?)),
            checksum_algorithm: algorithm.map(|algorithm| ChecksumAlgorithm::from_static(algorithm.name())),
            checksum_type: row.get::<_, Option<String>>(4)?.map(ChecksumType::from),
            initiator: Some(initiator()),
            owner: Some(owner()),
            storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
            ..Default::default()
        };
        Ok(Listed { key: row.get(0)?, upload })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[derive(Default)]
struct Page {
    uploads: Vec<Listed>,
    prefixes: Vec<String>,
    /// The key and upload id markers of the next page.
    next: Option<(String, String)>,
}

/// Unfinished uploads are few, so unlike objects they are rolled up by a scan.
fn roll_up(all: Vec<Listed>, prefix: &str, delimiter: &str, max: usize, marker: &str) -> Page {
    let mut page = Page::default();
    let mut last = (String::new(), String::new());
    for listed in all {
        let Some(rest) = listed.key.strip_prefix(prefix) else { continue };
        let cut = if delimiter.is_empty() { None } else { rest.find(delimiter) };
        let rolled_up = cut.map(|at| listed.key[..prefix.len() + at + delimiter.len()].to_owned());
        if rolled_up.as_ref().is_some_and(|name| page.prefixes.last() == Some(name) || name.as_str() <= marker) {
            continue;
        }
        if page.uploads.len() + page.prefixes.len() == max {
            page.next = (max > 0).then_some(last);
            return page;
        }
        match rolled_up {
            Some(name) => {
                last = (name.clone(), String::new());
                page.prefixes.push(name);
            }
            None => {
                last = (listed.key.clone(), listed.upload.upload_id.clone().unwrap_or_default());
                page.uploads.push(listed);
            }
        }
    }
    page
}
