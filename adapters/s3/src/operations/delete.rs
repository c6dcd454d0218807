//! DeleteObject and DeleteObjects. Deleting what is not there succeeds.

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request};

use super::bucket;
use crate::backend::Backend;
use crate::conditions;
use crate::failure::{Result, refuse};
use crate::object::Object;

const DELETE_MAX: usize = 1000;

pub(super) async fn one(backend: &Backend, request: S3Request<DeleteObjectInput>) -> Result<DeleteObjectOutput> {
    let DeleteObjectInput { bucket, key, if_match, .. } = request.input;
    backend
        .write(None, move |change| {
            bucket::require(change.db, &bucket)?;
            let object = Object::find(change.db, &bucket, &key)?;
            conditions::admit_write(if_match.as_ref(), None, object.as_ref())?;
            object.map_or(Ok(()), |object| object.remove(change, &bucket, &key))
        })
        .await?;
    Ok(DeleteObjectOutput::default())
}

/// All in one commit; a condition that fails is reported for its key and does not stop the others.
pub(super) async fn many(backend: &Backend, request: S3Request<DeleteObjectsInput>) -> Result<DeleteObjectsOutput> {
    let DeleteObjectsInput { bucket, delete, .. } = request.input;
    if delete.objects.is_empty() || delete.objects.len() > DELETE_MAX {
        let message = "The XML you provided must name between 1 and 1000 objects";
        return Err(refuse(S3ErrorCode::MalformedXML, message));
    }
    let is_quiet = delete.quiet.unwrap_or(false);
    let (deleted, errors) = backend
        .write(None, move |change| {
            bucket::require(change.db, &bucket)?;
            let (mut deleted, mut errors) = (Vec::new(), Vec::new());
            for ObjectIdentifier { key, e_tag, .. } in delete.objects {
                let object = Object::find(change.db, &bucket, &key)?;
                let if_match = e_tag.map(ETagCondition::ETag);
                if conditions::admit_write(if_match.as_ref(), None, object.as_ref()).is_err() {
                    errors.push(failed_precondition(key));
                    continue;
                }
                if let Some(object) = object {
                    object.remove(change, &bucket, &key)?;
                }
                deleted.push(DeletedObject { key: Some(key), ..Default::default() });
            }
            Ok((deleted, errors))
        })
        .await?;
    let deleted = (!is_quiet).then_some(deleted);
    Ok(DeleteObjectsOutput { deleted, errors: Some(errors), request_charged: None })
}

fn failed_precondition(key: String) -> Error {
    Error {
        code: Some("PreconditionFailed".into()),
        key: Some(key),
        message: Some("At least one of the pre-conditions you specified did not hold".into()),
        version_id: None,
    }
}
