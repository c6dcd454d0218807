//! ListObjects, versions 1 and 2, over the pure listing.

use rusqlite::{Connection, params};
use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request};

use super::bucket;
use crate::backend::Backend;
use crate::conditions::timestamp;
use crate::failure::{Error, Result, refuse};
use crate::listing::{self, From, Page, Request};

const KEYS_MAX: i32 = 1000;

/// What a listing shows of an object.
struct Summary {
    etag: String,
    size: i64,
    modified_ms: i64,
    storage_class: Option<String>,
}

/// The one account there is.
pub(super) fn owner() -> Owner {
    Owner { display_name: Some("longshore".into()), id: Some("longshore".into()) }
}

pub(super) async fn version_1(backend: &Backend, request: S3Request<ListObjectsInput>) -> Result<ListObjectsOutput> {
    let input = request.input;
    let max = page_size(input.max_keys, KEYS_MAX)?;
    let wanted = Request {
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone().unwrap_or_default(),
        after: input.marker.clone().unwrap_or_default(),
        max,
    };
    let page = list(backend, input.bucket.clone(), wanted).await?;
    let encode = encoder(input.encoding_type.as_ref());
    let has_delimiter = input.delimiter.is_some();
    Ok(ListObjectsOutput {
        name: Some(input.bucket),
        is_truncated: Some(page.next.is_some()),
        next_marker: page.next.as_deref().filter(|_| has_delimiter).map(&encode),
        max_keys: i32::try_from(max).ok(),
        common_prefixes: Some(
            page.prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(encode(prefix)) }).collect(),
        ),
        contents: Some(page.entries.into_iter().map(|(key, row)| object(encode(&key), row, Some(owner()))).collect()),
        prefix: Some(encode(&input.prefix.unwrap_or_default())),
        marker: Some(encode(&input.marker.unwrap_or_default())),
        delimiter: input.delimiter.as_deref().map(&encode),
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}

pub(super) async fn version_2(
    backend: &Backend,
    request: S3Request<ListObjectsV2Input>,
) -> Result<ListObjectsV2Output> {
    let input = request.input;
    let max = page_size(input.max_keys, KEYS_MAX)?;
    let after = match input.continuation_token.as_deref() {
        Some(token) => parse_token(token)?,
        None => input.start_after.clone().unwrap_or_default(),
    };
    let wanted = Request {
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone().unwrap_or_default(),
        after,
        max,
    };
    let page = list(backend, input.bucket.clone(), wanted).await?;
    let encode = encoder(input.encoding_type.as_ref());
    let owner = input.fetch_owner.unwrap_or(false).then(owner);
    Ok(ListObjectsV2Output {
        name: Some(input.bucket),
        is_truncated: Some(page.next.is_some()),
        next_continuation_token: page.next.as_deref().map(token),
        key_count: i32::try_from(page.entries.len() + page.prefixes.len()).ok(),
        max_keys: i32::try_from(max).ok(),
        common_prefixes: Some(
            page.prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(encode(prefix)) }).collect(),
        ),
        contents: Some(page.entries.into_iter().map(|(key, row)| object(encode(&key), row, owner.clone())).collect()),
        prefix: Some(encode(&input.prefix.unwrap_or_default())),
        delimiter: input.delimiter.as_deref().map(&encode),
        start_after: input.start_after.as_deref().map(&encode),
        continuation_token: input.continuation_token,
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}

async fn list(backend: &Backend, bucket: String, wanted: Request) -> Result<Page<Summary>> {
    backend
        .read(move |db| {
            bucket::require(db, &bucket)?;
            listing::list(&wanted, |from, count| fetch(db, &bucket, from, count))
        })
        .await
}

fn fetch(db: &Connection, bucket: &str, from: &From, count: usize) -> Result<Vec<(String, Summary)>> {
    const FROM: &str = "SELECT key, etag, size, modified_ms, attributes ->> '$.headers.storage-class' FROM objects";
    let (comparison, key) = match from {
        From::AtLeast(key) => (">=", key),
        From::After(key) => (">", key),
    };
    let mut query =
        db.prepare_cached(&format!("{FROM} WHERE bucket = ? AND key {comparison} ? ORDER BY key LIMIT ?"))?;
    let rows = query.query_map(params![bucket, key, i64::try_from(count).unwrap_or(i64::MAX)], |row| {
        let summary =
            Summary { etag: row.get(1)?, size: row.get(2)?, modified_ms: row.get(3)?, storage_class: row.get(4)? };
        Ok((row.get(0)?, summary))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn object(key: String, summary: Summary, owner: Option<Owner>) -> Object {
    Object {
        e_tag: Some(ETag::Strong(summary.etag)),
        key: Some(key),
        last_modified: Some(timestamp(summary.modified_ms)),
        owner,
        size: Some(summary.size),
        storage_class: Some(
            summary.storage_class.map_or_else(
                || ObjectStorageClass::from_static(ObjectStorageClass::STANDARD),
                ObjectStorageClass::from,
            ),
        ),
        ..Default::default()
    }
}

/// The page size asked for, at most `limit`, which is also the default.
pub(super) fn page_size(asked: Option<i32>, limit: i32) -> Result<usize> {
    let asked = asked.unwrap_or(limit).min(limit);
    usize::try_from(asked).map_err(|_| refuse(S3ErrorCode::InvalidArgument, "A page size must not be negative"))
}

/// How names travel: percent-encoded if the client asked for it.
pub(super) fn encoder(encoding: Option<&EncodingType>) -> impl Fn(&str) -> String + use<> {
    let is_url = encoding.is_some_and(|encoding| encoding.as_str() == EncodingType::URL);
    move |name| {
        if !is_url {
            return name.to_owned();
        }
        let segments: Vec<_> = name.split('/').map(urlencoding::encode).collect();
        segments.join("/")
    }
}

/// Opaque to clients: the last name of the page before.
fn token(last: &str) -> String {
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(last)
}

fn parse_token(token: &str) -> Result<String> {
    let invalid = || -> Error { refuse(S3ErrorCode::InvalidArgument, "The continuation token provided is incorrect") };
    let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(token).map_err(|_| invalid())?;
    String::from_utf8(bytes).map_err(|_| invalid())
}
