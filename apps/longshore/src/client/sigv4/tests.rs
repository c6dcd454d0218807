//! Against the examples that AWS publishes for Signature Version 4.

use super::*;

const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn signer<'a>() -> Signer<'a> {
    Signer {
        access_key: "AKIDEXAMPLE",
        secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        region: "us-east-1",
        service: "service",
        date: "20150830T123600Z",
    }
}

fn check(method: &str, query: &str, signature: &str) {
    let headers = [("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z")];
    let signed = Signed { method, path: "/", query, headers: &headers, body_sha256: EMPTY_SHA256 };
    assert_eq!(
        signer().authorization(&signed),
        format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature={signature}"
        )
    );
}

#[test]
fn get_vanilla_signs_as_published() {
    check("GET", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

#[test]
fn post_vanilla_signs_as_published() {
    check("POST", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

#[test]
fn get_vanilla_query_order_key_signs_as_published() {
    check("GET", "Param1=value1&Param2=value2", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

#[test]
fn empty_body_has_known_digest() {
    assert_eq!(sha256_hex(b""), EMPTY_SHA256);
}
