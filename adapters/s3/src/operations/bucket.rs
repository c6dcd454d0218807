//! Buckets: create, look at, list, delete.

use rusqlite::{Connection, OptionalExtension as _, params};
use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request};

use super::multipart;
use crate::backend::{Backend, now_ms};
use crate::conditions::timestamp;
use crate::failure::{Result, refuse};

/// The region that has no location constraint.
const DEFAULT_REGION: &str = "us-east-1";
const LIST_MAX: i32 = 10_000;

/// The region of the bucket; refuses if there is no such bucket.
pub(super) fn require(db: &Connection, bucket: &str) -> Result<String> {
    region(db, bucket)?.ok_or_else(|| refuse(S3ErrorCode::NoSuchBucket, "The specified bucket does not exist"))
}

fn region(db: &Connection, bucket: &str) -> Result<Option<String>> {
    let mut query = db.prepare_cached("SELECT region FROM buckets WHERE name = ?")?;
    Ok(query.query_row([bucket], |row| row.get(0)).optional()?)
}

/// In the default region, creating one's own bucket again succeeds, as in S3.
pub(super) async fn create(backend: &Backend, request: S3Request<CreateBucketInput>) -> Result<CreateBucketOutput> {
    let CreateBucketInput { bucket, create_bucket_configuration, .. } = request.input;
    let constraint = create_bucket_configuration.and_then(|configuration| configuration.location_constraint);
    let wanted = constraint.map_or(DEFAULT_REGION.to_owned(), |constraint| constraint.as_str().to_owned());
    let location = format!("/{bucket}");
    let change = move |change: &mut crate::database::writer::Change<'_>| {
        match region(change.db, &bucket)? {
            Some(existing) if existing == wanted && wanted == DEFAULT_REGION => return Ok(()),
            Some(_) => {
                let message = "Your previous request to create the named bucket succeeded and you already own it.";
                return Err(refuse(S3ErrorCode::BucketAlreadyOwnedByYou, message));
            }
            None => {}
        }
        let mut insert = change.db.prepare_cached("INSERT INTO buckets VALUES (?, ?, ?)")?;
        insert.execute(params![bucket, wanted, now_ms()])?;
        Ok(())
    };
    backend.write(None, change).await?;
    Ok(CreateBucketOutput { location: Some(location) })
}

pub(super) async fn head(backend: &Backend, request: S3Request<HeadBucketInput>) -> Result<HeadBucketOutput> {
    let bucket = request.input.bucket;
    let region = backend.read(move |db| require(db, &bucket)).await?;
    Ok(HeadBucketOutput { bucket_region: Some(region), ..Default::default() })
}

pub(super) async fn list(backend: &Backend, request: S3Request<ListBucketsInput>) -> Result<ListBucketsOutput> {
    let ListBucketsInput { prefix, continuation_token, max_buckets, .. } = request.input;
    let max = max_buckets.unwrap_or(LIST_MAX).clamp(1, LIST_MAX) as usize;
    let starts = prefix.clone().unwrap_or_default();
    let mut buckets = backend
        .read(move |db| {
            let mut query =
                db.prepare_cached("SELECT name, region, created_ms FROM buckets WHERE name > ? ORDER BY name")?;
            let rows = query.query_map([continuation_token.unwrap_or_default()], |row| {
                let bucket = Bucket {
                    name: Some(row.get(0)?),
                    bucket_region: Some(row.get(1)?),
                    creation_date: Some(timestamp(row.get(2)?)),
                };
                Ok(bucket)
            })?;
            Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?)
        })
        .await?;
    buckets.retain(|bucket| bucket.name.as_ref().is_some_and(|name| name.starts_with(&starts)));
    let is_truncated = buckets.len() > max;
    buckets.truncate(max);
    let continuation_token = buckets.last().filter(|_| is_truncated).and_then(|bucket| bucket.name.clone());
    Ok(ListBucketsOutput { buckets: Some(buckets), continuation_token, owner: Some(super::list::owner()), prefix })
}

/// Refuses while there are objects. Unfinished uploads go with the bucket.
pub(super) async fn delete(backend: &Backend, request: S3Request<DeleteBucketInput>) -> Result<DeleteBucketOutput> {
    let bucket = request.input.bucket;
    let change = move |change: &mut crate::database::writer::Change<'_>| {
        require(change.db, &bucket)?;
        let mut query = change.db.prepare_cached("SELECT 1 FROM objects WHERE bucket = ? LIMIT 1")?;
        if query.exists([&bucket])? {
            return Err(refuse(S3ErrorCode::BucketNotEmpty, "The bucket you tried to delete is not empty"));
        }
        drop(query);
        multipart::abort::all_of_bucket(change, &bucket)?;
        change.db.prepare_cached("DELETE FROM buckets WHERE name = ?")?.execute([&bucket])?;
        Ok(())
    };
    backend.write(None, change).await?;
    Ok(DeleteBucketOutput::default())
}

pub(super) async fn location(
    backend: &Backend,
    request: S3Request<GetBucketLocationInput>,
) -> Result<GetBucketLocationOutput> {
    let bucket = request.input.bucket;
    let region = backend.read(move |db| require(db, &bucket)).await?;
    let constraint = (region != DEFAULT_REGION).then(|| BucketLocationConstraint::from(region));
    Ok(GetBucketLocationOutput { location_constraint: constraint })
}

/// No status: the bucket has never had versioning.
pub(super) async fn versioning(
    backend: &Backend,
    request: S3Request<GetBucketVersioningInput>,
) -> Result<GetBucketVersioningOutput> {
    let bucket = request.input.bucket;
    backend.read(move |db| require(db, &bucket)).await?;
    Ok(GetBucketVersioningOutput::default())
}
