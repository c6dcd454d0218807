//! The server over real sockets on loopback.

use super::{Error, Server};
use crate::testing::{Client, Gate, Running, s3};
use std::net::{Ipv4Addr, SocketAddr};

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

#[tokio::test]
async fn port_in_use_is_named_with_what_to_do() {
    let first = Server::bind(loopback(0)).await.unwrap();
    let error = Server::bind(first.local_addr()).await.unwrap_err();
    let port = first.local_addr().port();
    assert!(matches!(error, Error::PortInUse { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!(
            "port {port} on 127.0.0.1 is in use by another program; stop it, or choose another port with --port (0 picks \
             a free one)"
        )
    );
}

#[tokio::test]
async fn address_of_another_machine_cannot_be_listened_on() {
    let error = Server::bind(SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 0))).await.unwrap_err();
    assert!(error.to_string().ends_with("choose another address with --listen"), "{error}");
}

#[tokio::test]
async fn health_is_answered_without_credentials() {
    let server = Running::start().await;
    let answer = server.send("GET", "/health", &[], "").await;
    assert_eq!((answer.status, answer.text.as_str()), (200, r#"{"status":"ok"}"#));
}

#[tokio::test]
async fn connection_is_kept_between_requests() {
    let server = Running::start().await;
    let mut client = Client::connect(server.address).await;
    for _ in 0..3 {
        assert_eq!(client.send("GET", "/health", &[], "").await.status, 200);
    }
}

#[tokio::test]
async fn body_beyond_the_bound_is_refused() {
    let server = Running::start().await;
    let answer = server.send("POST", "/v1/submitjob", &[], &" ".repeat((1 << 20) + 1)).await;
    assert_eq!((answer.status, answer.error_type()), (413, "ClientException"));
    assert_eq!(answer.json()["message"], "the request is larger than 1048576 bytes");
}

#[tokio::test]
async fn body_that_says_it_is_huge_is_refused_before_it_comes() {
    let server = Running::start().await;
    let mut client = Client::connect(server.address).await;
    client.write("POST", "/v1/submitjob", &[("content-length", "99999999999")], "{").await;
    let answer = client.read().await;
    assert_eq!((answer.status, answer.header("connection")), (413, "close"));
}

#[tokio::test]
async fn connection_too_many_is_told_to_come_again_and_taken_once_another_ends() {
    let server = Running::taking(1, |_| {}).await;
    let mut first = Client::connect(server.address).await;
    assert_eq!(first.send("GET", "/health", &[], "").await.status, 200);
    let refused = Client::connect(server.address).await.read().await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
    assert_eq!(refused.error_type(), "TooManyRequestsException");
    assert_eq!(first.send("GET", "/health", &[], "").await.status, 200);
    drop(first);
    while Client::connect(server.address).await.send("GET", "/health", &[], "").await.status != 200 {}
}

#[tokio::test]
async fn s3_request_is_handed_on_whole() {
    let server = Running::with(|services| services.s3 = Some(s3(None))).await;
    let answer = server.send("PUT", "/bucket/key?x=y", &[], "content").await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "PUT /bucket/key?x=y content"));
}

#[tokio::test]
async fn s3_without_an_endpoint_is_refused() {
    let server = Running::start().await;
    let answer = server.send("GET", "/bucket/key", &[], "").await;
    assert_eq!((answer.status, answer.error_type()), (404, "UnknownOperationException"));
}

#[tokio::test]
async fn stop_lets_open_requests_end_and_refuses_new_ones() {
    let gate = std::sync::Arc::new(Gate::default());
    let mut server = Running::with(|services| services.s3 = Some(s3(Some(gate.clone())))).await;
    let mut client = Client::connect(server.address).await;
    client.write("GET", "/bucket/key", &[], "").await;
    gate.arrived.notified().await;
    server.stop();
    server.until_closed().await;
    gate.go.notify_one();
    assert_eq!(client.read().await.status, 200);
    server.ended().await;
}
