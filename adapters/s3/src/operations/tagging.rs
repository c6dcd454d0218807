//! Object tags: read, replace, remove, and the `x-amz-tagging` header.

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request};

use super::{bucket, get};
use crate::backend::Backend;
use crate::failure::{Error, Result, refuse};
use crate::object::Object;

const TAGS_MAX: usize = 10;
const TAG_KEY_MAX_CHARS: usize = 128;
const TAG_VALUE_MAX_CHARS: usize = 256;

type Tags = Vec<(String, String)>;

/// `a=b&c=d`, percent-encoded.
pub(super) fn parse_header(header: &str) -> Result<Tags> {
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        urlencoding::decode(&spaced).map(std::borrow::Cow::into_owned).map_err(|_| invalid("The header is not UTF-8"))
    };
    let pairs = header.split('&').filter(|pair| !pair.is_empty());
    let tags: Result<Tags> = pairs
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(key)?, decode(value)?))
        })
        .collect();
    validate(tags?)
}

fn validate(tags: Tags) -> Result<Tags> {
    if tags.len() > TAGS_MAX {
        return Err(invalid("Object tags cannot be greater than 10"));
    }
    for (at, (key, value)) in tags.iter().enumerate() {
        if key.is_empty() || key.chars().count() > TAG_KEY_MAX_CHARS {
            return Err(invalid("The TagKey you have provided is invalid"));
        }
        if value.chars().count() > TAG_VALUE_MAX_CHARS {
            return Err(invalid("The TagValue you have provided is invalid"));
        }
        if tags[..at].iter().any(|(other, _)| other == key) {
            return Err(invalid("Cannot provide multiple Tags with the same key"));
        }
    }
    Ok(tags)
}

fn invalid(message: &'static str) -> Error {
    refuse(S3ErrorCode::InvalidTag, message)
}

pub(super) async fn get(
    backend: &Backend,
    request: S3Request<GetObjectTaggingInput>,
) -> Result<GetObjectTaggingOutput> {
    let GetObjectTaggingInput { bucket, key, .. } = request.input;
    let object = backend
        .read(move |db| {
            bucket::require(db, &bucket)?;
            Object::find(db, &bucket, &key)?.ok_or_else(get::no_such_key)
        })
        .await?;
    let tag = |(key, value)| Tag { key: Some(key), value: Some(value) };
    Ok(GetObjectTaggingOutput { tag_set: object.attributes.tags.into_iter().map(tag).collect(), version_id: None })
}

pub(super) async fn put(
    backend: &Backend,
    request: S3Request<PutObjectTaggingInput>,
) -> Result<PutObjectTaggingOutput> {
    let PutObjectTaggingInput { bucket, key, tagging, .. } = request.input;
    let pair = |tag: Tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
    let tags = validate(tagging.tag_set.into_iter().map(pair).collect())?;
    replace(backend, bucket, key, tags).await?;
    Ok(PutObjectTaggingOutput::default())
}

pub(super) async fn delete(
    backend: &Backend,
    request: S3Request<DeleteObjectTaggingInput>,
) -> Result<DeleteObjectTaggingOutput> {
    let DeleteObjectTaggingInput { bucket, key, .. } = request.input;
    replace(backend, bucket, key, Tags::new()).await?;
    Ok(DeleteObjectTaggingOutput::default())
}

/// Tags are not content: neither ETag nor modification time changes.
async fn replace(backend: &Backend, bucket: String, key: String, tags: Tags) -> Result<()> {
    backend
        .write(None, move |change| {
            bucket::require(change.db, &bucket)?;
            let mut object = Object::find(change.db, &bucket, &key)?.ok_or_else(get::no_such_key)?;
            object.attributes.tags = tags;
            object.write_row(change.db, &bucket, &key)
        })
        .await
}
