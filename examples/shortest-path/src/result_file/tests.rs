//! Result files come back as written, and anything else is refused.

use super::*;
use crate::network::five_node;
use crate::search::{Algorithm, Plan, run};

fn file(index: u32, size: u32, distances: bool) -> ResultFile {
    let network = five_node();
    let share = Share::new(index, size).unwrap();
    let found = run(&network, share.origins(5), Plan { algorithm: Algorithm::Sweep, threads: 1, distances });
    ResultFile::new(Subject::of(&network), share, found.outcomes, distances)
}

#[test]
fn encoded_file_decodes_to_the_same() {
    for (index, size) in [(0, 1), (1, 2), (2, 5), (6, 7)] {
        for distances in [false, true] {
            let file = file(index, size, distances);
            assert_eq!(ResultFile::decode(&file.encode(), "f").unwrap(), file);
        }
    }
}

#[test]
fn any_flipped_or_missing_byte_is_noticed() {
    let bytes = file(1, 2, true).encode();
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        assert!(ResultFile::decode(&flipped, "f").is_err(), "byte {at} flipped");
        assert!(ResultFile::decode(&bytes[..at], "f").is_err(), "cut at byte {at}");
    }
    assert!(ResultFile::decode(&[bytes.as_slice(), &[0]].concat(), "f").is_err(), "a byte more");
}

#[test]
fn refusals_say_what_is_wrong() {
    let message = |bytes: &[u8]| ResultFile::decode(bytes, "s3://b/k").unwrap_err().to_string();
    assert!(message(b"PK\x03\x04zip").starts_with("s3://b/k is not a result file of this version"));
    assert!(
        message(&file(0, 1, false).encode()[..30]).starts_with("s3://b/k is damaged: 30 bytes, expected at least 56")
    );
    let mut damaged = file(0, 1, false).encode();
    damaged[60] ^= 1;
    assert!(message(&damaged).contains("is damaged: checksum "));
}

#[test]
fn shares_cover_every_origin_once_and_are_balanced() {
    for (nodes, size) in [(5, 1), (5, 5), (5, 7), (12_982, 32), (1_000_003, 64)] {
        let shares: Vec<_> = (0..size).map(|index| Share::new(index, size).unwrap().origins(nodes)).collect();
        assert_eq!((shares[0].start, shares[shares.len() - 1].end), (0, nodes));
        assert!(shares.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert!(shares.iter().all(|share| share.len().abs_diff((nodes / size) as usize) <= 1));
    }
    let refused = Share::new(5, 5).unwrap_err().to_string();
    assert_eq!(refused, "child 5 of an array of 5 cannot be: the index counts from 0 and must be below the size");
}
