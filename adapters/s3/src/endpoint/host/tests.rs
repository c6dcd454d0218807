//! Host names with and without a bucket.

use super::bucket;

#[test]
fn host_below_localhost_names_a_bucket() {
    assert_eq!(bucket("data.localhost:4566"), Some("data"));
    assert_eq!(bucket("data.s3.localhost"), Some("data"));
    assert_eq!(bucket("my.data.s3.localhost:80"), Some("my.data"));
}

#[test]
fn any_other_host_means_path_style() {
    for host in ["localhost", "localhost:4566", "s3.localhost:4566", "127.0.0.1:4566", "batch.example.org", "[::1]:80"]
    {
        assert_eq!(bucket(host), None, "{host}");
    }
}
