//! Buckets in host names: `bucket.localhost:4566`, `bucket.s3.localhost:4566`. Any other host means path style.

use s3s::S3Result;
use s3s::host::{S3Host, VirtualHost};

/// `*.localhost` resolves to the loopback address everywhere (RFC 6761), so it needs no configuration.
pub(super) struct Localhost;

impl S3Host for Localhost {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        Ok(match bucket(host) {
            Some(bucket) => VirtualHost::new(host).with_bucket(bucket),
            None => VirtualHost::new(host),
        })
    }
}

fn bucket(host: &str) -> Option<&str> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let labels = name.strip_suffix(".localhost")?;
    let bucket = labels.strip_suffix(".s3").unwrap_or(labels);
    (bucket != "s3").then_some(bucket)
}

#[cfg(test)]
mod tests;
