//! The comparison notices what differs.

use super::*;

/// A result file of one origin with two decimals and these bytes of distances.
fn file(distances: &[u8]) -> Vec<u8> {
    let mut bytes = b"SHPATHS\x01".to_vec();
    bytes.resize(HEADER, 0);
    bytes[32] = 1;
    bytes[36] = 2;
    bytes.resize(HEADER + RECORD, 0xff);
    bytes.extend(distances);
    bytes.extend([0; CHECK]);
    bytes
}

#[test]
fn distances_read_are_those_of_the_file() {
    assert_eq!(read(&file(&[1, 0, 0xad, 0x02])).unwrap(), [0.0, f64::INFINITY, 3.0]);
    assert!(read(b"SHPATHS\x02").is_err());
    assert!(read(&file(&[])[..60]).is_err());
}

#[test]
fn difference_beyond_tolerance_is_refused() {
    let far = f64::INFINITY;
    assert_eq!(compare(&[0.0, 1.5, far], &[0.0, 1.5, far]).unwrap(), 0.0);
    assert!(compare(&[1.0 + 1e-12], &[1.0]).unwrap() > 0.0);
    for (ours, theirs) in [(1.0 + 1e-8, 1.0), (far, 1.0), (1.0, far), (f64::NAN, 1.0), (1.0, 0.0)] {
        assert!(compare(&[ours], &[theirs]).is_err(), "{ours} and {theirs}");
    }
    assert!(compare(&[1.0], &[]).is_err());
}
