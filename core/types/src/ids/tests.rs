//! Ids print and parse to the same text, and refuse everything else.

use super::{AttemptId, HostId, JobId, JobRef};

const BITS: u128 = 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef;

#[test]
fn job_id_printed_is_a_version_4_uuid_and_parses_back() {
    let id = JobId::from_random(BITS);
    assert_eq!(id.to_string(), "01234567-89ab-4def-8123-456789abcdef");
    assert_eq!(id.to_string().parse(), Ok(id));
}

#[test]
fn job_id_malformed_is_refused() {
    for text in [
        "",
        "x",
        "01234567-89ab-4def-8123-456789abcdeF",
        "0123456789ab4def8123456789abcdef",
        "01234567-89ab-4def-8123-456789abcde-",
    ] {
        assert!(text.parse::<JobId>().is_err(), "{text}");
    }
}

#[test]
fn job_ref_of_child_and_node_parse_back() {
    let id = JobId::from_random(BITS);
    for reference in [JobRef::Job(id), JobRef::Child(id, 0), JobRef::Child(id, 9_999), JobRef::Node(id, 3)] {
        assert_eq!(reference.to_string().parse(), Ok(reference));
    }
}

#[test]
fn index_of_any_length_is_printed_as_a_number() {
    let job = JobId::from_random(7);
    for index in [0, 1, 9, 10, 99, 100, 999_999_999, 1_000_000_000, u32::MAX] {
        assert_eq!(JobRef::Child(job, index).to_string(), format!("{job}:{index}"));
        assert_eq!(JobRef::Node(job, index).to_string(), format!("{job}#{index}"));
    }
}

#[test]
fn job_ref_with_bad_index_is_refused() {
    let id = JobId::from_random(BITS);
    for suffix in [":", ":01", ":+1", ":-1", ":4294967296", "#x", ":1:2"] {
        assert!(format!("{id}{suffix}").parse::<JobRef>().is_err(), "{suffix}");
    }
}

#[test]
fn attempt_and_host_ids_are_32_hex_digits() {
    assert_eq!(AttemptId::from_random(1).to_string(), format!("{:0>32}", "1"));
    assert_eq!(AttemptId::from_random(BITS).to_string().parse(), Ok(AttemptId::from_random(BITS)));
    assert!("+0123456789abcdef0123456789abcde".parse::<AttemptId>().is_err());
    assert_eq!(HostId::from_random(BITS).instance_id(), "i-f0123456789abcdef");
}
