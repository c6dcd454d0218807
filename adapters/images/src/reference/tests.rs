//! Names of images, as Docker reads them.

use super::*;

fn check_name(text: &str, full: &str, familiar: &str) {
    let reference: Reference = text.parse().unwrap();
    assert_eq!((reference.to_string().as_str(), reference.familiar().as_str()), (full, familiar));
    assert_eq!(full.parse::<Reference>().unwrap(), reference, "the full name names the same image");
}

#[test]
fn short_name_is_spelled_out_as_docker_does() {
    check_name("busybox", "docker.io/library/busybox:latest", "busybox:latest");
    check_name("bio/tool:1.2_b", "docker.io/bio/tool:1.2_b", "bio/tool:1.2_b");
    check_name("docker.io/busybox:1", "docker.io/library/busybox:1", "busybox:1");
    check_name("index.docker.io/library/busybox", "docker.io/library/busybox:latest", "busybox:latest");
}

#[test]
fn first_component_with_dot_or_port_is_a_registry() {
    check_name("localhost/a", "localhost/a:latest", "localhost/a:latest");
    check_name("127.0.0.1:5000/a/b:t", "127.0.0.1:5000/a/b:t", "127.0.0.1:5000/a/b:t");
    let ecr = "123456789012.dkr.ecr.us-east-1.amazonaws.com/x:latest";
    check_name("123456789012.dkr.ecr.us-east-1.amazonaws.com/x", ecr, ecr);
}

#[test]
fn digest_alone_leaves_the_tag_out() {
    let digest = format!("sha256:{}", "0".repeat(64));
    let full = format!("docker.io/library/busybox@{digest}");
    check_name(&format!("busybox@{digest}"), &full, &format!("busybox@{digest}"));
    let both: Reference = format!("busybox:1@{digest}").parse().unwrap();
    assert_eq!(both.wanted(), digest);
}

#[test]
fn name_that_docker_refuses_is_refused() {
    let refused =
        ["", ":", "a:", "a//b", "/a", "a/", "-a", "a..b", "a___b", "a b", "a:b c", "a@sha256:1", "x.y/", "a/../b"];
    for text in refused {
        assert!(text.parse::<Reference>().is_err(), "{text:?}");
    }
    let upper = "Busybox".parse::<Reference>().unwrap_err();
    assert_eq!(upper.to_string(), "invalid reference format: repository name must be lowercase");
}
