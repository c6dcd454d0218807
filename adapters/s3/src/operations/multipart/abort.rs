//! AbortMultipartUpload.

use s3s::S3Request;
use s3s::dto::*;

use super::{Part, Upload, complete};
use crate::backend::Backend;
use crate::database::writer::Change;
use crate::failure::Result;
use crate::object::release_file;

pub(in crate::operations) async fn abort(
    backend: &Backend,
    request: S3Request<AbortMultipartUploadInput>,
) -> Result<AbortMultipartUploadOutput> {
    let AbortMultipartUploadInput { bucket, key, upload_id, .. } = request.input;
    backend
        .write(None, move |change| {
            Upload::find(change.db, &bucket, &key, &upload_id)?;
            discard(change, &upload_id)
        })
        .await?;
    Ok(AbortMultipartUploadOutput::default())
}

/// Discards every unfinished upload of a bucket that is being deleted.
pub(in crate::operations) fn all_of_bucket(change: &mut Change<'_>, bucket: &str) -> Result<()> {
    let mut query = change.db.prepare_cached("SELECT id FROM uploads WHERE bucket = ?")?;
    let uploads: Vec<String> = query.query_map([bucket], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    uploads.iter().try_for_each(|upload| discard(change, upload))
}

fn discard(change: &mut Change<'_>, upload: &str) -> Result<()> {
    for part in Part::all(change.db, upload)? {
        release_file(change, part.file, part.size)?;
    }
    complete::forget(change.db, upload)
}
