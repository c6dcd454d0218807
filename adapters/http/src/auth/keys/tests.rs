//! Signatures made by botocore hold; anything else is refused in AWS's words.

use super::{AccessKey, Keys};
use crate::context::Caller;
use crate::failure::Failure;
use bytes::Bytes;
use http::Request;
use http::request::Parts;

/// 2015-08-30T12:36:00Z, when the known requests were signed.
const SIGNED_AT: i64 = 1_440_938_160;
const BODY: &str = r#"{"jobName":"a"}"#;
const SUBMIT: &str = "4af8ccf8ba65456fb54836671f64e92b346fca92d97fca790da3b6c5a17b2da3";
const UNTAG: &str = "ae71a92b76bef635adc5a9631464377055851d5fb69e9d772abf497482d1ffe4";

fn keys() -> Keys {
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into();
    Keys::new([AccessKey { id: "AKIDEXAMPLE".into(), secret, user: "ana".into() }])
}

fn signed(method: &str, uri: &str, authorization: &str) -> Parts {
    let builder = Request::builder().method(method).uri(uri).header("host", "127.0.0.1:4566");
    let builder = builder.header("content-type", "application/json").header("x-amz-date", "20150830T123600Z");
    builder.header("authorization", authorization).body(()).unwrap().into_parts().0
}

fn submit(key: &str, signature: &str) -> Parts {
    let scope = format!("{key}/20150830/us-east-1/batch/aws4_request");
    let headers = "SignedHeaders=content-type;host;x-amz-date";
    signed("POST", "/v1/submitjob", &format!("AWS4-HMAC-SHA256 Credential={scope}, {headers}, Signature={signature}"))
}

fn check(parts: &Parts, body: &'static str, (service, now_s): (&str, i64), expected: Result<&str, (&str, &str)>) {
    let verified = keys().verify(parts, &Bytes::from_static(body.as_bytes()), (service, now_s));
    match (verified, expected) {
        (Ok(caller), Ok(name)) => {
            assert_eq!(caller, Caller::User { access_key: "AKIDEXAMPLE".into(), name: name.into() });
        }
        (Err(Failure::Denied { kind, text }), Err((expected, part))) => {
            assert_eq!(kind, expected);
            assert!(text.contains(part), "{text}");
        }
        (verified, expected) => panic!("{verified:?} is not {expected:?}"),
    }
}

#[test]
fn sig_1_request_signed_by_botocore_holds() {
    check(&submit("AKIDEXAMPLE", SUBMIT), BODY, ("batch", SIGNED_AT), Ok("ana"));
}

#[test]
fn sig_3_arn_in_the_path_is_encoded_twice() {
    let uri = "/v1/tags/arn%3Aaws%3Abatch%3Aus-east-1%3A1%3Ajob%2Fx?tagKeys=b%20c&tagKeys=a";
    let scope = "AKIDEXAMPLE/20150830/us-east-1/batch/aws4_request";
    let header = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={UNTAG}");
    check(&signed("DELETE", uri, &header), "", ("batch", SIGNED_AT), Ok("ana"));
}

#[test]
fn sig_4_clock_is_off_by_more_than_five_minutes_is_refused() {
    let request = submit("AKIDEXAMPLE", SUBMIT);
    check(&request, BODY, ("batch", SIGNED_AT + 300), Ok("ana"));
    let expired =
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)";
    check(&request, BODY, ("batch", SIGNED_AT + 301), Err(("InvalidSignatureException", expired)));
    check(&request, BODY, ("batch", SIGNED_AT - 301), Err(("InvalidSignatureException", "Signature not yet current")));
}

#[test]
fn err_7_each_cause_has_its_type() {
    let at = ("batch", SIGNED_AT);
    let wrong = Err(("InvalidSignatureException", "does not match the signature you provided"));
    check(&submit("AKIDEXAMPLE", SUBMIT), "{}", at, wrong);
    check(&submit("AKIDEXAMPLE", &SUBMIT.replace('4', "5")), BODY, at, wrong);
    check(&submit("AKIDEXAMPLE", "zz"), BODY, at, wrong);
    check(&submit("OTHER", SUBMIT), BODY, at, Err(("UnrecognizedClientException", "is invalid")));
    check(&submit("AKIDEXAMPLE", SUBMIT), BODY, ("logs", SIGNED_AT), Err(("InvalidSignatureException", "'logs'")));
    let header = signed("POST", "/v1/submitjob", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE");
    check(&header, BODY, at, Err(("IncompleteSignatureException", "5 slash-delimited elements")));
    let nothing = Request::builder().body(()).unwrap().into_parts().0;
    check(&nothing, BODY, at, Err(("MissingAuthenticationTokenException", "Missing Authentication Token")));
}

#[test]
fn key_used_twice_is_derived_once_and_still_holds() {
    let keys = keys();
    for _ in 0..2 {
        assert!(keys.verify(&submit("AKIDEXAMPLE", SUBMIT), &Bytes::from(BODY), ("batch", SIGNED_AT)).is_ok());
    }
    assert_eq!(keys.signing.lock().unwrap().len(), 1);
}
