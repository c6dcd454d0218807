//! Frames: what was written is read, and what is no frame is an error.

use super::{FRAME_MAX, append, read};
use crate::Error;
use longshore_hostile::{Hostile, LENGTH_MAX};
use longshore_protocol::{AgentMessage, AttemptEvent, ControlMessage, Hello, HostDescription, Report, VERSION};
use longshore_types::{AttemptId, HostId, Resources, Timestamp};

fn read_one(mut bytes: &[u8]) -> Result<Option<String>, Error> {
    read(&mut bytes, &mut Vec::new())
}

#[test]
fn appended_messages_are_read_in_order() {
    let mut buffer = Vec::new();
    append(&mut buffer, &"one").unwrap();
    append(&mut buffer, &"two").unwrap();
    assert_eq!(buffer[..9], *b"\x05\0\0\0\"one\"");
    let mut stream = &buffer[..];
    let read: Vec<String> = std::iter::from_fn(|| read(&mut stream, &mut Vec::new()).unwrap()).collect();
    assert_eq!(read, ["one", "two"]);
}

#[test]
fn stream_that_ends_inside_a_frame_is_an_error() {
    for cut in [b"\x05\0".as_slice(), b"\x05\0\0\0\"on"] {
        assert!(matches!(read_one(cut), Err(Error::Read(_))));
    }
}

#[test]
fn length_beyond_the_limit_is_refused_unread() {
    assert!(matches!(read_one(b"\xff\xff\xff\xff"), Err(Error::FrameTooLarge { bytes: 0xffff_ffff })));
}

#[test]
fn frame_that_is_no_message_is_malformed() {
    assert!(matches!(read_one(b"\x02\0\0\0{}"), Err(Error::Malformed { bytes: 2, .. })));
}

#[test]
fn message_beyond_the_limit_leaves_the_buffer_as_it_was() {
    let mut buffer = b"before".to_vec();
    let refused = append(&mut buffer, &"x".repeat(FRAME_MAX));
    assert!(matches!(refused, Err(Error::FrameTooLarge { .. })));
    assert_eq!(buffer, b"before");
}

#[test]
fn hostile_bytes_are_messages_or_errors_and_get_no_more_memory_than_they_are() {
    let attempt = AttemptId::from_random(1);
    let capacity = Resources { vcpu_milli: 1_000, memory_mib: 64, gpus: 0 };
    let description = HostDescription { name: "h".into(), capacity, runtimes: vec![], enforcement: "none".into() };
    let hello = Hello {
        version: VERSION,
        host: HostId::from_random(2),
        incarnation: 3,
        description,
        held: vec![attempt],
        leaving: false,
    };
    let event = AttemptEvent::Started { attempt, at: Timestamp::from_millis(4) };
    let mut said = Vec::new();
    append(&mut said, &AgentMessage::Hello(hello)).unwrap();
    append(&mut said, &AgentMessage::Report(Report { number: 1, event })).unwrap();
    let mut told = Vec::new();
    append(&mut told, &ControlMessage::Welcome { version: VERSION }).unwrap();
    append(&mut told, &ControlMessage::Stop { attempt, grace_ms: 5 }).unwrap();
    let mut buffer = Vec::new();
    for input in Hostile::new(1, [said, told]).take(20_000) {
        let mut stream = input.as_slice();
        while let Ok(Some(_)) = read::<AgentMessage>(&mut stream, &mut buffer) {}
        let mut stream = input.as_slice();
        while let Ok(Some(_)) = read::<ControlMessage>(&mut stream, &mut buffer) {}
    }
    assert!(buffer.capacity() <= 4 * LENGTH_MAX, "{} bytes", buffer.capacity());
}
