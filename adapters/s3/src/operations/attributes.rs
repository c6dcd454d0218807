//! GetObjectAttributes, and the attributes that a request gives to an object: headers, metadata, tags.

use std::collections::BTreeMap;

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request};

use super::{bucket, get, tagging};
use crate::backend::Backend;
use crate::checksum::set_checksums;
use crate::conditions::timestamp;
use crate::failure::{Result, refuse};
use crate::object::{Attributes, Header, Object};

/// S3's limit on user metadata, names and values together.
const METADATA_MAX_BYTES: usize = 2048;

/// The fields that PutObject, CopyObject and CreateMultipartUpload have in common.
macro_rules! attributes_of {
    ($input:expr) => {{
        use $crate::object::Header;
        let input = &$input;
        $crate::operations::attributes::from_request(
            [
                (Header::CacheControl, input.cache_control.clone()),
                (Header::ContentDisposition, input.content_disposition.clone()),
                (Header::ContentEncoding, input.content_encoding.clone()),
                (Header::ContentLanguage, input.content_language.clone()),
                (Header::ContentType, input.content_type.as_ref().map(ToString::to_string)),
                (Header::Expires, input.expires.as_ref().and_then($crate::operations::attributes::http_date)),
                (Header::StorageClass, input.storage_class.as_ref().map(|class| class.as_str().to_owned())),
                (Header::WebsiteRedirectLocation, input.website_redirect_location.clone()),
            ],
            input.metadata.as_ref(),
            input.tagging.as_deref(),
        )
    }};
}
pub(super) use attributes_of;

pub(super) fn from_request(
    headers: [(Header, Option<String>); 8],
    metadata: Option<&Metadata>,
    tags: Option<&str>,
) -> Result<Attributes> {
    let mut headers: BTreeMap<Header, String> =
        headers.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    if let Some(encoding) = headers.remove(&Header::ContentEncoding).and_then(|value| without_aws_chunked(&value)) {
        headers.insert(Header::ContentEncoding, encoding);
    }
    let metadata: BTreeMap<String, String> =
        metadata.map(|all| all.iter().map(|(name, value)| (name.clone(), value.clone())).collect()).unwrap_or_default();
    if metadata.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > METADATA_MAX_BYTES {
        let message = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(refuse(S3ErrorCode::MetadataTooLarge, message));
    }
    let tags = tags.map(tagging::parse_header).transpose()?.unwrap_or_default();
    Ok(Attributes { headers, metadata, tags, ..Attributes::default() })
}

/// `aws-chunked` describes the transfer, not the object.
fn without_aws_chunked(encoding: &str) -> Option<String> {
    let kept: Vec<&str> = encoding
        .split(',')
        .map(str::trim)
        .filter(|e| !e.is_empty() && !e.eq_ignore_ascii_case("aws-chunked"))
        .collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

pub(super) fn http_date(time: &Timestamp) -> Option<String> {
    let mut text = Vec::new();
    time.format(TimestampFormat::HttpDate, &mut text).ok()?;
    String::from_utf8(text).ok()
}

/// The reverse of `http_date`.
pub(super) fn parse_http_date(text: &str) -> Option<Timestamp> {
    Timestamp::parse(TimestampFormat::HttpDate, text).ok()
}

pub(super) async fn get(
    backend: &Backend,
    request: S3Request<GetObjectAttributesInput>,
) -> Result<GetObjectAttributesOutput> {
    let input = request.input;
    let (bucket, key) = (input.bucket.clone(), input.key.clone());
    let object = backend
        .read(move |db| {
            bucket::require(db, &bucket)?;
            Object::find(db, &bucket, &key)?.ok_or_else(get::no_such_key)
        })
        .await?;
    // The header may list several, and s3s takes it for one.
    let wanted: Vec<&str> = input.object_attributes.iter().flat_map(|names| names.as_str().split(',')).collect();
    let wants = |name: &'static str| wanted.iter().any(|wanted| wanted.trim() == name);
    let mut output =
        GetObjectAttributesOutput { last_modified: Some(timestamp(object.modified_ms)), ..Default::default() };
    output.e_tag = wants(ObjectAttributes::ETAG).then(|| ETag::Strong(object.etag.clone()));
    output.object_size = wants(ObjectAttributes::OBJECT_SIZE).then_some(object.size as i64);
    output.storage_class = wants(ObjectAttributes::STORAGE_CLASS).then(|| storage_class(&object));
    output.checksum = wants(ObjectAttributes::CHECKSUM).then(|| checksum(&object)).flatten();
    output.object_parts = wants(ObjectAttributes::OBJECT_PARTS).then(|| parts(&object, &input)).flatten();
    Ok(output)
}

pub(super) fn storage_class(object: &Object) -> StorageClass {
    let class = object.attributes.headers.get(&Header::StorageClass).cloned();
    class.map_or(StorageClass::from_static(StorageClass::STANDARD), StorageClass::from)
}

fn checksum(object: &Object) -> Option<Checksum> {
    object.attributes.checksums.algorithms().next()?;
    let mut checksum = Checksum::default();
    set_checksums!(checksum, object.attributes.checksums.clone());
    checksum.checksum_type = object.attributes.checksum_type.clone().map(ChecksumType::from);
    Some(checksum)
}

fn parts(object: &Object, input: &GetObjectAttributesInput) -> Option<GetObjectAttributesParts> {
    let all = &object.attributes.parts;
    if all.is_empty() {
        return None;
    }
    let marker = input.part_number_marker.unwrap_or(0);
    let max = input.max_parts.unwrap_or(1000).clamp(0, 1000);
    let mut rest = all.iter().filter(|part| part.number > marker);
    let page: Vec<ObjectPart> = rest
        .by_ref()
        .take(max as usize)
        .map(|record| {
            let mut part =
                ObjectPart { part_number: Some(record.number), size: Some(record.size as i64), ..Default::default() };
            set_checksums!(part, record.checksums.clone());
            part
        })
        .collect();
    Some(GetObjectAttributesParts {
        is_truncated: Some(rest.next().is_some()),
        max_parts: Some(max),
        next_part_number_marker: page.last().and_then(|part| part.part_number),
        part_number_marker: Some(marker),
        parts: Some(page),
        total_parts_count: i32::try_from(all.len()).ok(),
    })
}
