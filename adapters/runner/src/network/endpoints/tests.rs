//! Where endpoints are heard, by which names, and what variables become.

use super::*;

fn heard_at(urls: &[&str]) -> Vec<String> {
    let urls: Vec<String> = urls.iter().map(|&url| url.to_owned()).collect();
    Endpoints::of(&urls).unwrap().all.iter().map(|one| one.listen.to_string()).collect()
}

#[test]
fn endpoint_with_an_address_is_heard_there() {
    assert_eq!(heard_at(&["http://127.0.0.1:4566"]), ["127.0.0.1:4566", "169.254.170.2:80"]);
    assert_eq!(heard_at(&["http://[::1]:4566/"]), ["[::1]:4566", "169.254.170.2:80"]);
    assert_eq!(heard_at(&["http://10.0.0.7"]), ["10.0.0.7:80", "169.254.170.2:80"]);
    assert_eq!(heard_at(&[]), Vec::<String>::new());
}

#[test]
fn endpoint_with_a_name_gets_an_address_and_a_line_for_it() {
    let urls = ["http://127.0.0.1:4566", "https://u:p@store.lab/base", "https://store.lab:9000"];
    let expected = ["127.0.0.1:4566", "127.69.0.2:443", "127.69.0.2:9000", "169.254.170.2:80"];
    assert_eq!(heard_at(&urls), expected);
    let hosts = Endpoints::of(&urls.map(str::to_owned)).unwrap().hosts_file();
    assert_eq!(hosts.lines().skip(2).collect::<Vec<_>>(), ["127.69.0.2\tstore.lab"]);
}

#[test]
fn endpoint_that_is_named_twice_is_heard_once() {
    assert_eq!(heard_at(&["http://localhost:1", "http://127.0.0.1:1"]), ["127.0.0.1:1", "169.254.170.2:80"]);
}

#[test]
fn what_is_no_url_is_refused() {
    for url in ["127.0.0.1:4566", "ftp://here", "http://", "http://here:port"] {
        assert!(Endpoints::of(&[url.to_owned()]).is_err(), "{url}");
    }
}

#[test]
fn crd_1_credentials_and_metadata_are_where_ecs_has_them() {
    let endpoints = Endpoints::of(&["http://127.0.0.1:4566".to_owned()]).unwrap();
    let check = |given: &str, expected: &str| assert_eq!(endpoints.in_namespace(given.to_owned()), expected);
    check(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:4566/c/1",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/c/1",
    );
    check(
        "ECS_CONTAINER_METADATA_URI_V4=http://127.0.0.1:4566/m/1",
        "ECS_CONTAINER_METADATA_URI_V4=http://169.254.170.2/m/1",
    );
    for own in [
        "AWS_ENDPOINT_URL=http://127.0.0.1:4566",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://elsewhere/c",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:45667/c",
    ] {
        check(own, own);
    }
}
