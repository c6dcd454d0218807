//! One port, several APIs: the request's head decides.

use super::{Scope, Target, scope, target};
use crate::ops::Ops;
use http::Request;
use http::request::Parts;

fn request(method: &str, uri: &str, headers: &[(&str, &str)]) -> Parts {
    let builder = Request::builder().method(method).uri(uri);
    let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
    builder.body(()).unwrap().into_parts().0
}

fn check(parts: &Parts, expected: &Target) {
    assert_eq!(&target(parts, scope(parts).as_ref()), expected);
}

fn signed(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

#[test]
fn sig_6_signed_request_goes_to_the_service_of_its_scope() {
    let cases = [
        ("batch", Target::Batch),
        ("logs", Target::Logs),
        ("sts", Target::Sts),
        ("longshore", Target::Longshore),
        ("s3", Target::S3),
    ];
    for (service, expected) in cases {
        check(&request("POST", "/", &[("authorization", &signed(service))]), &expected);
    }
    check(&request("POST", "/", &[("authorization", &signed("ecs"))]), &Target::Other("ecs".into()));
}

#[test]
fn sig_5_region_comes_from_the_scope_header_or_query() {
    let expected = Some(Scope { region: "eu-west-1".into(), service: "s3".into() });
    assert_eq!(scope(&request("GET", "/b/k", &[("authorization", &signed("s3"))])), expected);
    let presigned = "/b/k?X-Amz-Credential=AKID%2F20260101%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Expires=60";
    assert_eq!(scope(&request("GET", presigned, &[])), expected);
    assert_eq!(scope(&request("GET", "/b/k", &[])), None);
}

#[test]
fn unsigned_request_goes_by_its_form() {
    check(&request("GET", "/health", &[]), &Target::Ops(Ops::Alive));
    check(&request("POST", "/v1/submitjob", &[]), &Target::Batch);
    check(&request("DELETE", "/v1/tags/arn%3Aaws%3Abatch", &[]), &Target::Batch);
    check(&request("POST", "/", &[("x-amz-target", "Logs_20140328.GetLogEvents")]), &Target::Logs);
    check(&request("POST", "/", &[("content-type", "application/x-www-form-urlencoded; charset=utf-8")]), &Target::Sts);
    check(&request("GET", "/bucket/key", &[]), &Target::S3);
    check(&request("GET", "/longshore/v1/events?after=1", &[]), &Target::Longshore);
    check(&request("GET", "/longshore/v1", &[]), &Target::S3);
    check(&request("PUT", "/v1/submitjob", &[]), &Target::S3);
}

#[test]
fn signed_health_is_an_object_of_s3() {
    check(&request("GET", "/health", &[("authorization", &signed("s3"))]), &Target::S3);
}

#[test]
fn paths_that_no_bucket_can_have_tell_how_the_server_is() {
    for (path, expected) in
        [("ready", Ops::Ready), ("healthy", Ops::Alive), ("metrics", Ops::Metrics), ("x", Ops::Unknown)]
    {
        check(&request("GET", &format!("/-/{path}"), &[]), &Target::Ops(expected));
    }
    check(&request("POST", "/-/metrics", &[]), &Target::Ops(Ops::Unknown));
    check(&request("GET", "/-/metrics", &[("authorization", &signed("longshore"))]), &Target::Ops(Ops::Metrics));
    check(&request("GET", "/health", &[("authorization", &signed("s3"))]), &Target::S3);
    check(&request("GET", "/metrics", &[]), &Target::S3);
}
