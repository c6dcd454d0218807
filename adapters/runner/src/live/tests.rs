//! What one runner records the next one reads.

use super::{Live, Session, read};
use longshore_types::AttemptId;
use rustix::process::Pid;

fn session(number: i32) -> Session {
    Session { output: AttemptId::from_random(u128::from(number.unsigned_abs())), pid: Pid::from_raw(number).unwrap() }
}

#[test]
fn recorded_sessions_are_read_until_removed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("live");
    let live = Live::create(&path).unwrap();
    let first = live.add(session(11));
    live.add(session(4_194_304));
    assert_eq!(read(&path).unwrap(), [session(11), session(4_194_304)]);
    live.remove(first);
    assert_eq!(read(&path).unwrap(), [session(4_194_304)]);
    live.add(session(13));
    assert_eq!(read(&path).unwrap(), [session(13), session(4_194_304)]);
}

#[test]
fn record_of_another_boot_is_of_no_concern() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("live");
    Live::create(&path).unwrap().add(session(11));
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("boot-id ", "boot-id 0", 1)).unwrap();
    assert_eq!(read(&path).unwrap(), []);
}

#[test]
fn missing_record_means_nothing_was_left() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(read(&directory.path().join("live")).unwrap(), []);
}
