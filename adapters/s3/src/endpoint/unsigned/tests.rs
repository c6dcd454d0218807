//! Presigned URLs: what stays, what goes, and when they end.

use std::time::UNIX_EPOCH;

use super::*;

/// 2025-01-31T23:59:59Z.
const SIGNED_S: u64 = 1_738_367_999;

fn check_expiry(query: &str, now_s: u64, expected: Option<S3ErrorCode>) {
    let uri: Uri = format!("/b/k?{query}").parse().unwrap();
    let outcome = require_unexpired(&uri, UNIX_EPOCH + Duration::from_secs(now_s));
    assert_eq!(outcome.err().map(|e| e.code().clone()), expected, "{query} at {now_s}");
}

#[test]
fn version_4_url_past_its_life_is_denied() {
    let query = "X-Amz-Date=20250131T235959Z&X-Amz-Expires=60&X-Amz-Signature=00";
    check_expiry(query, SIGNED_S + 60, None);
    check_expiry(query, SIGNED_S + 61, Some(S3ErrorCode::AccessDenied));
}

#[test]
fn version_2_url_past_its_life_is_denied() {
    check_expiry("AWSAccessKeyId=a&Expires=1000&Signature=x", 1000, None);
    check_expiry("AWSAccessKeyId=a&Expires=1000&Signature=x", 1001, Some(S3ErrorCode::AccessDenied));
}

#[test]
fn url_without_valid_times_is_refused() {
    let error = Some(S3ErrorCode::AuthorizationQueryParametersError);
    check_expiry("X-Amz-Signature=00", 0, error.clone());
    check_expiry("X-Amz-Date=yesterday&X-Amz-Expires=60&X-Amz-Signature=00", 0, error.clone());
    check_expiry("X-Amz-Date=20250131T235959Z&X-Amz-Expires=soon&X-Amz-Signature=00", 0, error);
}

#[test]
fn unsigned_url_does_not_expire() {
    check_expiry("list-type=2", u64::from(u32::MAX), None);
}

#[test]
fn signature_is_taken_off_and_the_rest_stays() {
    let uri: Uri = "/b/k%20x?partNumber=3&X-Amz-Signature=00&uploadId=u&X-Amz-Date=d".parse().unwrap();
    assert_eq!(without_signature(&uri).unwrap(), "/b/k%20x?partNumber=3&uploadId=u");
    let only: Uri = "/b/k?X-Amz-Signature=00".parse().unwrap();
    assert_eq!(without_signature(&only).unwrap(), "/b/k");
}
