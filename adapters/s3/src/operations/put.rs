//! PutObject, and the steps that every write of an object shares.

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request};

use super::attributes::attributes_of;
use super::bucket;
use crate::backend::{Backend, now_ms};
use crate::checksum::{Claims, checksums_of, set_checksums};
use crate::conditions;
use crate::endpoint::Trailer;
use crate::failure::{Error, Result, refuse};
use crate::ingest::{self, INLINE_MAX_BYTES, Received};
use crate::object::{Attributes, Object};

/// An object to be written once its content has arrived.
pub(super) struct Target {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) attributes: Attributes,
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
}

pub(super) async fn put_object(backend: &Backend, request: S3Request<PutObjectInput>) -> Result<PutObjectOutput> {
    let trailer = Trailer::of(&request);
    let input = request.input;
    let algorithm = input.checksum_algorithm.as_ref().map(ChecksumAlgorithm::as_str);
    let claims = Claims::new(checksums_of!(input), input.content_md5.as_deref(), algorithm, &request.headers)?;
    let target = Target {
        attributes: attributes_of!(input)?,
        bucket: input.bucket,
        key: input.key,
        if_match: input.if_match,
        if_none_match: input.if_none_match,
    };
    refuse_early(backend, &target.bucket, input.content_length).await?;

    let received = receive(backend, input.body, input.content_length, INLINE_MAX_BYTES, (claims, trailer)).await?;
    let etag = received.digests.etag();
    let checksums = received.digests.checksums.clone();
    store(backend, target, received).await?;

    let mut output = PutObjectOutput { e_tag: Some(ETag::Strong(etag)), ..Default::default() };
    if checksums.algorithms().next().is_some() {
        output.checksum_type = Some(ChecksumType::from_static(ChecksumType::FULL_OBJECT));
    }
    set_checksums!(output, checksums);
    Ok(output)
}

/// A large body for a bucket that is not there, or that there is no room for, need not travel first.
pub(super) async fn refuse_early(backend: &Backend, bucket: &str, content_length: Option<i64>) -> Result<()> {
    let is_small = content_length.is_some_and(|length| length <= INLINE_MAX_BYTES as i64);
    if is_small {
        return Ok(());
    }
    require_room(backend, content_length)?;
    let bucket = bucket.to_owned();
    backend.read(move |db| bucket::require(db, &bucket)).await.map(drop)
}

/// Room for so many bytes, if it is known how many come. Those that arrive are counted again, as they do.
pub(super) fn require_room(backend: &Backend, content_length: Option<i64>) -> Result<()> {
    backend.content().usage().require(content_length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0))
}

/// Receives a body and checks it against everything that the client claimed of it.
pub(super) async fn receive(
    backend: &Backend,
    body: Option<StreamingBlob>,
    content_length: Option<i64>,
    inline_max: usize,
    (mut claims, trailer): (Claims, Trailer),
) -> Result<Received> {
    let body = body.unwrap_or_else(|| StreamingBlob::from(s3s::Body::empty()));
    let received = ingest::receive(backend.content(), body, &claims.compute, inline_max).await?;
    if content_length.is_some_and(|length| u64::try_from(length) != Ok(received.size)) {
        let message = "You did not provide the number of bytes specified by the Content-Length HTTP header";
        return Err(refuse(S3ErrorCode::IncompleteBody, message));
    }
    if let Some(trailer) = trailer.take() {
        claims.checksums.add_trailer(&trailer);
    }
    claims.require(&received.digests)?;
    Ok(received)
}

/// Commits the object. Returns its time of modification.
pub(super) async fn store(backend: &Backend, target: Target, received: Received) -> Result<i64> {
    let Received { place, size, digests } = received;
    let (held, unplaced) = place.split();
    backend
        .write(Some(held), move |change| {
            let Target { bucket, key, mut attributes, if_match, if_none_match } = target;
            bucket::require(change.db, &bucket)?;
            if if_match.is_some() || if_none_match.is_some() {
                let existing = Object::find(change.db, &bucket, &key)?;
                conditions::admit_write(if_match.as_ref(), if_none_match.as_ref(), existing.as_ref())?;
            }
            if digests.checksums.algorithms().next().is_some() {
                attributes.checksum_type = Some(ChecksumType::FULL_OBJECT.to_owned());
            }
            attributes.checksums = digests.checksums.clone();
            let pieces = unplaced.place(change.db)?;
            let object = Object { etag: digests.etag(), size, modified_ms: now_ms(), attributes, pieces };
            object.store(change, &bucket, &key)?;
            Ok::<_, Error>(object.modified_ms)
        })
        .await
}
