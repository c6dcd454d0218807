//! CopyObject, and the source of any copy. A copy is read and written anew: it shares no content with its source.

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request};

use super::attributes::attributes_of;
use super::get::{self, Found};
use super::put::{self, Target};
use crate::backend::Backend;
use crate::checksum::{Algorithm, Claims, set_checksums};
use crate::conditions::{Conditions, timestamp};
use crate::endpoint::Trailer;
use crate::failure::{Result, refuse};
use crate::ingest::INLINE_MAX_BYTES;
use crate::object::{Attributes, Header, Object};

/// The conditions of a copy's source.
macro_rules! source_conditions {
    ($input:expr) => {
        $crate::conditions::Conditions {
            if_match: $input.copy_source_if_match.clone(),
            if_none_match: $input.copy_source_if_none_match.clone(),
            if_modified_since: $input.copy_source_if_modified_since.clone(),
            if_unmodified_since: $input.copy_source_if_unmodified_since.clone(),
        }
    };
}
pub(super) use source_conditions;

pub(super) async fn copy_object(backend: &Backend, request: S3Request<CopyObjectInput>) -> Result<CopyObjectOutput> {
    let input = request.input;
    let (source_bucket, source_key) = bucket_and_key(&input.copy_source)?;
    let asked = attributes_of!(input)?;
    let is_replacing = is(input.metadata_directive.as_ref().map(MetadataDirective::as_str), "REPLACE");
    let is_retagging = is(input.tagging_directive.as_ref().map(TaggingDirective::as_str), "REPLACE");
    if source_bucket == input.bucket && source_key == input.key && !is_replacing && asked.headers.is_empty() {
        let message = "This copy request is illegal because it is trying to copy an object to itself without changing \
                       the object's metadata, storage class, website redirect location or encryption attributes.";
        return Err(refuse(S3ErrorCode::InvalidRequest, message));
    }

    let found = source(backend, &input.copy_source, &source_conditions!(input)).await?;
    let algorithm = input.checksum_algorithm.as_ref().map(ChecksumAlgorithm::as_str);
    let claims = Claims { compute: algorithms(&found.object, algorithm), ..Claims::default() };
    let attributes = merge(&found.object.attributes, asked, is_replacing, is_retagging);
    let target = Target { bucket: input.bucket, key: input.key, attributes, if_match: None, if_none_match: None };

    put::refuse_early(backend, &target.bucket, None).await?;
    let range = 0..found.object.size;
    let body = Some(found.into_body(backend.content(), &range));
    let received = put::receive(backend, body, None, INLINE_MAX_BYTES, (claims, Trailer::default())).await?;
    let (etag, checksums) = (received.digests.etag(), received.digests.checksums.clone());
    let modified_ms = put::store(backend, target, received).await?;

    let mut result = CopyObjectResult {
        e_tag: Some(ETag::Strong(etag)),
        last_modified: Some(timestamp(modified_ms)),
        ..Default::default()
    };
    set_checksums!(result, checksums);
    Ok(CopyObjectOutput { copy_object_result: Some(result), ..Default::default() })
}

/// Finds the source of a copy and checks its conditions.
pub(super) async fn source(backend: &Backend, source: &CopySource, conditions: &Conditions) -> Result<Found> {
    let (bucket, key) = bucket_and_key(source)?;
    let found = get::find(backend, bucket, key).await?;
    conditions.require(&found.object)?;
    Ok(found)
}

fn bucket_and_key(source: &CopySource) -> Result<(&str, &str)> {
    match source {
        CopySource::Bucket { bucket, key, version_id: None } => Ok((bucket, key)),
        CopySource::Bucket { version_id: Some(version), .. } if &**version == "null" => {
            Err(refuse(S3ErrorCode::NotImplemented, "Versions of objects are not kept: leave out versionId"))
        }
        CopySource::Bucket { .. } => Err(refuse(S3ErrorCode::NoSuchVersion, "The specified version does not exist")),
        _ => Err(refuse(S3ErrorCode::NotImplemented, "A copy source must be a bucket and a key")),
    }
}

fn is(directive: Option<&str>, value: &str) -> bool {
    directive == Some(value)
}

/// A copy keeps the algorithms of its source unless the client chooses one.
fn algorithms(source: &Object, asked: Option<&str>) -> Vec<Algorithm> {
    match asked.and_then(Algorithm::parse) {
        Some(algorithm) => vec![algorithm],
        None => source.attributes.checksums.algorithms().collect(),
    }
}

fn merge(source: &Attributes, asked: Attributes, is_replacing: bool, is_retagging: bool) -> Attributes {
    let tags = if is_retagging { asked.tags.clone() } else { source.tags.clone() };
    if is_replacing {
        return Attributes { tags, ..asked };
    }
    // Storage class and redirect are properties of the copy, never of the source.
    let of_copy = [Header::StorageClass, Header::WebsiteRedirectLocation];
    let mut headers = source.headers.clone();
    headers.retain(|name, _| !of_copy.contains(name));
    headers.extend(asked.headers.into_iter().filter(|(name, _)| of_copy.contains(name)));
    Attributes { headers, metadata: source.metadata.clone(), tags, ..Attributes::default() }
}
