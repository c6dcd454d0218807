//! Joined digests against digests of the whole.

use super::*;

fn digests(bytes: &[u8], algorithm: Algorithm) -> Checksums {
    let mut running = Running::new(&[algorithm]);
    running.update(bytes);
    running.finish().checksums
}

fn check_full_object(algorithm: Algorithm) {
    let whole: Vec<u8> = (0..100_000_u32).map(|i| (i * 7 % 251) as u8).collect();
    let parts: Vec<_> = whole.chunks(33_333).map(|part| (part.len() as u64, digests(part, algorithm))).collect();
    assert_eq!(full_object(algorithm, &parts).as_deref(), digests(&whole, algorithm).get(algorithm));
}

#[test]
fn parts_joined_crc_equals_that_of_the_whole() {
    check_full_object(Algorithm::Crc32);
    check_full_object(Algorithm::Crc32c);
    check_full_object(Algorithm::Crc64Nvme);
}

#[test]
fn parts_joined_sha_is_refused() {
    let parts = [(3, digests(b"abc", Algorithm::Sha256))];
    assert_eq!(full_object(Algorithm::Sha256, &parts), None);
}

#[test]
fn etag_of_parts_is_md5_of_md5s_with_count() {
    // printf '%s' md5(a) md5(b) as bytes | md5sum
    let etags = ["0cc175b9c0f1b6a831c399e269772661", "92eb5ffee6ae2fec3ad71c777531578f"];
    assert_eq!(etag(etags.into_iter()), "96e024ba2074fe77e8e965ba43a704be-2");
}
