//! The S3 client against a server that answers from a script and remembers what it was asked.

use super::*;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;
use std::time::Duration;

#[derive(Debug)]
struct Asked {
    line: String,
    headers: Vec<String>,
    body: Vec<u8>,
}

/// Gives each answer to one connection, then stops.
fn serve(answers: Vec<(u16, &'static str)>) -> (String, JoinHandle<Vec<Asked>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let answer = move |(status, body): (u16, &str)| {
        let (mut stream, _) = listener.accept().unwrap();
        let asked = read_request(&mut BufReader::new(&stream));
        let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).unwrap();
        asked
    };
    (endpoint, std::thread::spawn(move || answers.into_iter().map(answer).collect()))
}

fn read_request(reader: &mut impl BufRead) -> Asked {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let length = lines.iter().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    Asked { line: lines.remove(0), headers: lines, body }
}

fn environment(endpoint: String) -> impl Fn(&str) -> Option<String> {
    move |name| match name {
        "AWS_ENDPOINT_URL" => Some(endpoint.clone()),
        "AWS_ACCESS_KEY_ID" => Some("KEY".into()),
        "AWS_SECRET_ACCESS_KEY" => Some("SECRET".into()),
        "AWS_REGION" => Some("eu-north-1".into()),
        _ => None,
    }
}

fn client(endpoint: String) -> Client {
    let mut client = Client::new("bucket", &environment(endpoint)).unwrap();
    client.first_pause = Duration::from_micros(10);
    client
}

#[test]
fn object_written_is_sent_signed_to_the_path_of_the_bucket() {
    let (endpoint, server) = serve(vec![(200, "")]);
    client(endpoint).put("a folder/key", b"content").unwrap();
    let asked = server.join().unwrap();
    assert!(asked[0].line.starts_with("PUT /bucket/a%20folder/key?"), "{}", asked[0].line);
    assert!(asked[0].line.contains("X-Amz-Credential=KEY%2F") && asked[0].line.contains("%2Feu-north-1%2Fs3%2F"));
    assert!(asked[0].line.contains("X-Amz-Signature="));
    assert_eq!(asked[0].body, b"content");
}

#[test]
fn server_errors_are_retried_until_the_answer_comes() {
    let (endpoint, server) = serve(vec![(503, ""), (500, ""), (200, "content")]);
    assert_eq!(client(endpoint).get("key").unwrap(), b"content");
    assert_eq!(server.join().unwrap().len(), 3);
}

#[test]
fn lasting_server_error_is_reported_after_the_last_attempt() {
    let busy = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";
    let (endpoint, server) = serve(vec![(503, busy); 6]);
    let message = client(endpoint).get("key").unwrap_err().to_string();
    assert!(message.ends_with("answers 503 SlowDown: Please reduce your request rate."), "{message}");
    server.join().unwrap();
}

#[test]
fn listing_follows_every_page() {
    const FIRST: &str = r#"<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><Prefix>p/</Prefix><MaxKeys>1000</MaxKeys><IsTruncated>true</IsTruncated><NextContinuationToken>next page</NextContinuationToken><Contents><Key>p/one</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>"e"</ETag><Size>1</Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>"#;
    const LAST: &str = r#"<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><Prefix>p/</Prefix><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated><Contents><Key>p/a&amp;b</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>"e"</ETag><Size>1</Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>"#;
    let (endpoint, server) = serve(vec![(200, FIRST), (200, LAST)]);
    let store = Store::Bucket { client: Box::new(client(endpoint)), prefix: "p/".into() };
    assert_eq!(store.names("").unwrap(), ["a&b", "one"]);
    let asked = server.join().unwrap();
    assert!(asked[1].line.contains("continuation-token=next%20page"), "{}", asked[1].line);
}

#[test]
fn refusals_say_what_is_absent() {
    let check = |answer: &'static str, expected: &str| {
        let (endpoint, server) = serve(vec![(404, answer)]);
        assert_eq!(client(endpoint).get("key").unwrap_err().to_string(), expected);
        server.join().unwrap();
    };
    check("<Error><Code>NoSuchKey</Code></Error>", "cannot read s3://bucket/key: there is no such object");
    check(
        "<Error><Code>NoSuchBucket</Code></Error>",
        "cannot read s3://bucket/key: there is no bucket `bucket`; create it, or correct BUCKET_NAME",
    );
}

#[test]
fn unreachable_endpoint_is_named() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let message = client(format!("http://{closed}")).get("key").unwrap_err().to_string();
    assert_eq!(message, format!("cannot read s3://bucket/key: http://{closed} cannot be reached"));
}

#[test]
fn missing_credentials_say_which_variables_to_set() {
    let refused = Client::new("bucket", &|_| None).unwrap_err().to_string();
    assert!(refused.contains("AWS_ACCESS_KEY_ID") && refused.contains("AWS_CONTAINER_CREDENTIALS_FULL_URI"));
}

#[test]
fn container_credentials_are_asked_for_with_the_token_and_used() {
    let answer = r#"{"AccessKeyId":"FROMROLE","SecretAccessKey":"s","Token":"session","Expiration":"x"}"#;
    let (endpoint, server) = serve(vec![(200, answer), (200, "content")]);
    let environment = |name: &str| match name {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI" => Some(format!("{endpoint}/credentials")),
        "AWS_CONTAINER_AUTHORIZATION_TOKEN" => Some("secret token".to_owned()),
        "AWS_ENDPOINT_URL_S3" => Some(endpoint.clone()),
        _ => None,
    };
    assert_eq!(read_address("s3://bucket/key", &environment).unwrap(), b"content");
    let asked = server.join().unwrap();
    assert_eq!(asked[0].line, "GET /credentials HTTP/1.1");
    assert!(asked[0].headers.iter().any(|header| header.eq_ignore_ascii_case("authorization: secret token")));
    assert!(asked[1].line.contains("X-Amz-Credential=FROMROLE%2F"));
    assert!(asked[1].line.contains("X-Amz-Security-Token=session"));
}

#[test]
fn address_without_a_key_is_refused() {
    for address in ["s3://bucket", "s3:///key", "s3://bucket/"] {
        let message = read_address(address, &|_| None).unwrap_err().to_string();
        assert_eq!(message, format!("`{address}` is not of the form s3://BUCKET/KEY"));
    }
}

#[test]
fn file_written_replaces_the_old_one_and_leaves_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::Folder(folder.path().join("new"));
    store.write("name", b"old").unwrap();
    store.write("name", b"new").unwrap();
    assert_eq!((store.names("").unwrap(), store.read("name").unwrap()), (vec!["name".to_owned()], b"new".to_vec()));
}
