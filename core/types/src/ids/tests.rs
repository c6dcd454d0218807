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

#[test]
fn id_with_a_byte_that_is_no_lower_case_hex_digit_is_refused_wherever_it_is() {
    let (job, attempt) = (JobId::from_random(BITS).to_string(), AttemptId::from_random(BITS).to_string());
    for bad in [b'/', b':', b'`', b'g', b'A', b' ', b'-'] {
        for position in 0..job.len() {
            let mut text = job.clone().into_bytes();
            text[position] = bad;
            let text = String::from_utf8(text).unwrap();
            assert_eq!(text.parse::<JobId>().is_ok(), text == job, "{text}");
        }
        for position in 0..attempt.len() {
            let mut text = attempt.clone().into_bytes();
            text[position] = bad;
            let text = String::from_utf8(text).unwrap();
            assert!(text.parse::<AttemptId>().is_err(), "{text}");
        }
    }
}

#[test]
fn id_in_a_document_is_read_with_and_without_escapes_and_nothing_else_is() {
    let id = JobId::from_random(BITS);
    let text = id.to_string();
    let escaped = text.replacen('0', "\\u0030", 1);
    for document in [format!("\"{text}\""), format!("\"{escaped}\"")] {
        assert_eq!(serde_json::from_str::<JobId>(&document).unwrap(), id, "{document}");
    }
    assert_eq!(serde_json::from_value::<JobId>(serde_json::to_value(id).unwrap()).unwrap(), id);
    for document in ["1", "null", "\"\"", "[]"] {
        assert!(serde_json::from_str::<JobId>(document).is_err(), "{document}");
    }
}
