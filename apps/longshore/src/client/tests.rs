//! The client against one answer at a time, over a real socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

use serde_json::json;

use super::*;

fn credentials() -> Credentials {
    Credentials::from_env(|_| None)
}

/// Answers one request with `answer`, and gives what was asked.
fn exchange(answer: &'static str, ask: impl FnOnce(&Client) + Send) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()), credentials()).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| ask(&client));
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            head.push_str(&line);
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        head + &String::from_utf8(body).unwrap()
    })
}

#[test]
fn batch_call_names_operation_service_and_body() {
    let asked = exchange("HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{\"jobId\":\"i\"}", |client| {
        assert_eq!(client.submit_job(&json!({ "jobName": "n" })).unwrap(), "i");
    });
    assert!(asked.starts_with("POST /v1/submitjob HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("/us-east-1/batch/aws4_request, SignedHeaders="), "{asked}");
    assert!(asked.ends_with("\r\n\r\n{\"jobName\":\"n\"}"), "{asked}");
}

#[test]
fn refusal_with_type_in_header_is_told_with_its_message() {
    let answer = "HTTP/1.1 400 Bad Request\r\nx-amzn-errortype: ClientException:http://x/\r\ncontent-length: 17\r\n\r\n{\"message\":\"why\"}";
    exchange(answer, |client| {
        let error = client.submit_job(&json!({})).unwrap_err();
        assert_eq!(error.to_string(), "SubmitJob was refused: why (ClientException)");
    });
}

#[test]
fn answer_of_another_kind_of_server_is_not_understood() {
    exchange("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n<html>hi<", |client| {
        let error = client.submit_job(&json!({})).unwrap_err();
        assert!(matches!(error, Error::NotUnderstood { status: 200, .. }), "{error}");
    });
}

#[test]
fn nobody_listening_is_unreachable() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = Client::new(&format!("http://{free}"), credentials()).unwrap();
    let error = client.submit_job(&json!({})).unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
}

#[test]
fn endpoint_without_scheme_or_with_path_is_refused() {
    for wrong in ["127.0.0.1:4566", "http://", "http://host/path", "ftp://host"] {
        assert!(matches!(Client::new(wrong, credentials()), Err(Error::BadEndpoint { .. })), "{wrong}");
    }
}

#[test]
fn listing_with_escaped_keys_is_read_as_text() {
    let xml = "<?xml version=\"1.0\"?><L><C><Key>a &amp; b/&#x41;</Key></C><C><Key>c</Key></C><Name>n</Name></L>";
    assert_eq!(s3::xml_texts(xml, "Key").unwrap(), ["a & b/A", "c"]);
}

#[test]
fn date_for_signatures_has_no_punctuation() {
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
    assert_eq!(amz_date(at), "20150830T123600Z");
}

#[test]
fn credentials_need_both_halves() {
    let only_id = Credentials::from_env(|name| (name == "AWS_ACCESS_KEY_ID").then(|| "AKIA".to_owned()));
    assert_eq!((only_id.access_key.as_str(), only_id.region.as_str()), ("longshore", "us-east-1"));
}
