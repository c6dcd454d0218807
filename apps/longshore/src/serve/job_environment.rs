//! What every job finds in its environment, so that an SDK inside it finds this server.

use crate::cli::ServeOptions;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Access key and secret that jobs get where any are accepted.
pub(super) const OPEN_CREDENTIALS: (&str, &str) = ("longshore", "longshore");

/// The variables, at lower precedence than a job's own.
pub(super) fn variables(options: &ServeOptions, address: SocketAddr) -> Vec<(String, String)> {
    let (access_key, secret_key) = credentials(options);
    let mut variables = vec![
        ("AWS_ENDPOINT_URL".to_owned(), endpoint(address)),
        ("AWS_REGION".to_owned(), options.region.clone()),
        ("AWS_DEFAULT_REGION".to_owned(), options.region.clone()),
        ("AWS_ACCESS_KEY_ID".to_owned(), access_key),
        ("AWS_SECRET_ACCESS_KEY".to_owned(), secret_key),
    ];
    if let Some(endpoint) = &options.s3_endpoint {
        variables.push(("AWS_ENDPOINT_URL_S3".to_owned(), endpoint.clone()));
    }
    variables
}

/// With an outside S3 jobs need credentials that it knows: those of the server's own environment.
fn credentials(options: &ServeOptions) -> (String, String) {
    if let Some((access_key, secret_key)) = super::http::configured_keys() {
        return (access_key, secret_key);
    }
    let own = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    match (&options.s3_endpoint, own("AWS_ACCESS_KEY_ID"), own("AWS_SECRET_ACCESS_KEY")) {
        (Some(_), Some(access_key), Some(secret_key)) => (access_key, secret_key),
        _ => (OPEN_CREDENTIALS.0.to_owned(), OPEN_CREDENTIALS.1.to_owned()),
    }
}

/// The address as jobs on this machine reach it: one that listens everywhere is reached on loopback.
pub(super) fn endpoint(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}
