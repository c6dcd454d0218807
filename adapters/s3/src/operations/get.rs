//! GetObject and HeadObject: conditions, ranges, parts, and the body itself.

use std::ops;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use rusqlite::Connection;
use s3s::dto::*;
use s3s::{Body, S3Error, S3ErrorCode, S3Request};

use super::attributes::{parse_http_date, storage_class};
use super::bucket;
use crate::backend::Backend;
use crate::checksum::{Checksums, set_checksums};
use crate::conditions::{self, Conditions, Verdict, timestamp};
use crate::content::Content;
use crate::content::reclaim::Session;
use crate::content::stream::{ContentStream, Extent};
use crate::failure::{Error, Result, refuse};
use crate::object::{self, Header, Object, Piece};

/// A found object and what is needed to read it, from one snapshot.
pub(super) struct Found {
    pub(super) object: Object,
    inline: Option<Bytes>,
    session: Session,
}

impl Found {
    /// The bytes of `range`, streamed.
    pub(super) fn into_body(self, content: &Content, range: &ops::Range<u64>) -> StreamingBlob {
        match self.inline {
            Some(bytes) => Body::from(bytes.slice(range.start as usize..range.end as usize)).into(),
            None => StreamingBlob::new(ContentStream::new(extents(&self.object.pieces, range, content), self.session)),
        }
    }
}

/// Looks the object up so that it can be read however long that takes, even if it is replaced meanwhile.
pub(super) async fn find(backend: &Backend, bucket: &str, key: &str) -> Result<Found> {
    let session = backend.content().session();
    let (bucket, key) = (bucket.to_owned(), key.to_owned());
    backend
        .read(move |db| {
            let Some(object) = Object::find(db, &bucket, &key)? else {
                bucket::require(db, &bucket)?;
                return Err(no_such_key());
            };
            let inline = inline(db, &object)?;
            Ok(Found { object, inline, session })
        })
        .await
}

fn inline(db: &Connection, object: &Object) -> Result<Option<Bytes>> {
    match object.pieces.as_slice() {
        [Piece::Inline { id, .. }] => Ok(Some(object::inline_bytes(db, *id)?.into())),
        _ => Ok(None),
    }
}

pub(super) fn no_such_key() -> Error {
    refuse(S3ErrorCode::NoSuchKey, "The specified key does not exist.")
}

/// The parts of files that make up a range of the object.
fn extents(pieces: &[Piece], range: &ops::Range<u64>, content: &Content) -> Vec<Extent> {
    let mut at = 0;
    let mut extents = Vec::new();
    for piece in pieces {
        let Piece::File { id, length } = *piece else { continue };
        let (start, end) = (range.start.max(at), range.end.min(at + length));
        if start < end {
            extents.push(Extent { path: content.path(id), offset: start - at, length: end - start });
        }
        at += length;
    }
    extents
}

/// Which bytes a read asks for.
struct Selection {
    range: ops::Range<u64>,
    is_partial: bool,
    part: Option<Checksums>,
}

/// The fields that decide what a read returns.
struct Read {
    conditions: Conditions,
    range: Option<Range>,
    part_number: Option<i32>,
    wants_checksums: bool,
}

macro_rules! read_of {
    ($input:expr) => {
        Read {
            conditions: Conditions {
                if_match: $input.if_match.clone(),
                if_none_match: $input.if_none_match.clone(),
                if_modified_since: $input.if_modified_since.clone(),
                if_unmodified_since: $input.if_unmodified_since.clone(),
            },
            range: $input.range,
            part_number: $input.part_number,
            wants_checksums: $input.checksum_mode.is_some(),
        }
    };
}

/// The outputs of Get and Head have the same fields for an object's description.
macro_rules! describe {
    ($output:ident, $object:expr, $read:expr, $selection:expr) => {{
        let (object, selection): (&Object, &Selection) = ($object, $selection);
        let header = |name: Header| object.attributes.headers.get(&name).cloned();
        $output {
            accept_ranges: Some("bytes".into()),
            cache_control: header(Header::CacheControl),
            content_disposition: header(Header::ContentDisposition),
            content_encoding: header(Header::ContentEncoding),
            content_language: header(Header::ContentLanguage),
            content_length: Some((selection.range.end - selection.range.start) as i64),
            content_range: content_range(object, selection),
            content_type: Some(header(Header::ContentType).unwrap_or_else(|| "binary/octet-stream".into())),
            e_tag: Some(ETag::Strong(object.etag.clone())),
            expires: header(Header::Expires).and_then(|text| parse_http_date(&text)),
            last_modified: Some(timestamp(object.modified_ms)),
            metadata: Some(object.attributes.metadata.clone().into_iter().collect()),
            parts_count: parts_count(object, $read),
            storage_class: header(Header::StorageClass).map(|_| storage_class(object)),
            website_redirect_location: header(Header::WebsiteRedirectLocation),
            ..Default::default()
        }
    }};
}

pub(super) async fn get_object(backend: &Backend, request: S3Request<GetObjectInput>) -> Result<GetObjectOutput> {
    let input = &request.input;
    let read = read_of!(input);
    let found = find(backend, &input.bucket, &input.key).await?;
    let object = &found.object;
    judge(&read.conditions, object)?;
    let selection = select(object, &read)?;
    let mut output = describe!(GetObjectOutput, object, &read, &selection);
    if let Some((checksums, kind)) = checksums(object, &read, &selection) {
        output.checksum_type = kind.map(ChecksumType::from);
        set_checksums!(output, checksums);
    }
    let tags = i32::try_from(object.attributes.tags.len()).unwrap_or(i32::MAX);
    output.tag_count = (tags > 0).then_some(tags);
    output.body = Some(found.into_body(backend.content(), &selection.range));
    Ok(output)
}

pub(super) async fn head_object(backend: &Backend, request: S3Request<HeadObjectInput>) -> Result<HeadObjectOutput> {
    let input = &request.input;
    let read = read_of!(input);
    let Found { object, .. } = find(backend, &input.bucket, &input.key).await?;
    judge(&read.conditions, &object)?;
    let selection = select(&object, &read)?;
    let mut output = describe!(HeadObjectOutput, &object, &read, &selection);
    if let Some((checksums, kind)) = checksums(&object, &read, &selection) {
        output.checksum_type = kind.map(ChecksumType::from);
        set_checksums!(output, checksums);
    }
    Ok(output)
}

fn judge(conditions: &Conditions, object: &Object) -> Result<()> {
    match conditions.judge(object) {
        Verdict::Proceed => Ok(()),
        Verdict::Failed => Err(conditions::precondition_failed()),
        Verdict::NotModified => {
            let mut answer = S3Error::new(S3ErrorCode::NotModified);
            answer.set_status_code(http::StatusCode::NOT_MODIFIED);
            let mut headers = HeaderMap::new();
            if let Ok(etag) = HeaderValue::try_from(format!("\"{}\"", object.etag)) {
                headers.insert(header::ETAG, etag);
            }
            answer.set_headers(headers);
            Err(answer.into())
        }
    }
}

fn select(object: &Object, read: &Read) -> Result<Selection> {
    match (read.range, read.part_number) {
        (None, None) => Ok(Selection { range: 0..object.size, is_partial: false, part: None }),
        (Some(range), None) => {
            let range = range.check(object.size).ok().filter(|range| !range.is_empty());
            Ok(Selection { range: range.ok_or_else(|| unsatisfiable(object))?, is_partial: true, part: None })
        }
        (None, Some(number)) => select_part(object, number),
        (Some(_), Some(_)) => {
            Err(refuse(S3ErrorCode::InvalidRequest, "Cannot specify both Range header and partNumber query parameter"))
        }
    }
}

/// An object that was not uploaded in parts is its own part 1.
fn select_part(object: &Object, number: i32) -> Result<Selection> {
    let parts = &object.attributes.parts;
    if parts.is_empty() && number == 1 {
        return Ok(Selection { range: 0..object.size, is_partial: object.size > 0, part: None });
    }
    let mut start = 0;
    for part in parts {
        if part.number == number {
            let range = start..start + part.size;
            return Ok(Selection { range, is_partial: true, part: Some(part.checksums.clone()) });
        }
        start += part.size;
    }
    let mut refusal = S3Error::with_message(
        S3ErrorCode::Custom("InvalidPartNumber".into()),
        "The requested partnumber is not satisfiable",
    );
    refusal.set_status_code(http::StatusCode::RANGE_NOT_SATISFIABLE);
    Err(refusal.into())
}

fn unsatisfiable(object: &Object) -> Error {
    let mut refusal = S3Error::with_message(S3ErrorCode::InvalidRange, "The requested range is not satisfiable");
    let mut headers = HeaderMap::new();
    if let Ok(range) = HeaderValue::try_from(format!("bytes */{}", object.size)) {
        headers.insert(header::CONTENT_RANGE, range);
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    refusal.set_headers(headers);
    refusal.into()
}

fn content_range(object: &Object, selection: &Selection) -> Option<String> {
    let ops::Range { start, end } = selection.range;
    (selection.is_partial && start < end).then(|| format!("bytes {start}-{}/{}", end - 1, object.size))
}

fn parts_count(object: &Object, read: &Read) -> Option<i32> {
    let count = object.attributes.parts.len();
    read.part_number.filter(|_| count > 0).and_then(|_| i32::try_from(count).ok())
}

/// Only for bytes that they are checksums of: the whole object or one whole part.
fn checksums(object: &Object, read: &Read, selection: &Selection) -> Option<(Checksums, Option<String>)> {
    if !read.wants_checksums {
        return None;
    }
    if let Some(part) = &selection.part {
        return Some((part.clone(), object.attributes.checksum_type.clone()));
    }
    let is_whole = selection.range == (0..object.size);
    is_whole.then(|| (object.attributes.checksums.clone(), object.attributes.checksum_type.clone()))
}
