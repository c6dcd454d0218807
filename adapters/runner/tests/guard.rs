//! A program that has guarded its own file cannot be written to through any of its processes. For processes of their own,
//! because guarding begins a program anew.

use std::fs::File;
use std::process::Command;

/// Tells the program that it is to guard itself.
const GUARDED: &str = "LONGSHORE_TEST_GUARDED";
/// What open answers of a file that is executed, and of one that is mounted for reading alone.
const TEXT_BUSY: i32 = 26;
const READ_ONLY: i32 = 30;

fn errno_of_writing() -> Option<i32> {
    File::options().write(true).truncate(true).open("/proc/self/exe").err().and_then(|error| error.raw_os_error())
}

/// Not a test by itself: what the next one starts.
#[test]
fn guarded_program() {
    if std::env::var_os(GUARDED).is_none() {
        return;
    }
    longshore_runner::guard_own_program().unwrap();
    assert_eq!(errno_of_writing(), Some(READ_ONLY));
}

#[test]
fn guarded_program_cannot_be_written_to_by_way_of_its_process() {
    assert_eq!(errno_of_writing(), Some(TEXT_BUSY), "only while it runs");
    let mut guarded = Command::new(std::env::current_exe().unwrap());
    let output = guarded.args(["--exact", "guarded_program"]).env(GUARDED, "1").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
