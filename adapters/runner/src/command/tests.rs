//! Commands: search path, environment, what cannot be one.

use super::{Command, DEFAULT_PATH};
use crate::failure::Failure;
use longshore_protocol::{Runtime, StartContainer};
use longshore_types::AttemptId;
use std::ffi::{CString, OsString};

fn start(command: &[&str], environment: &[(&str, &str)]) -> StartContainer {
    StartContainer {
        command: command.iter().map(|&word| word.into()).collect(),
        environment: environment.iter().map(|&(name, value)| (name.into(), value.into())).collect(),
        ..StartContainer::only(AttemptId::from_random(1), Runtime::Process, "host")
    }
}

fn texts(all: &[CString]) -> Vec<&str> {
    all.iter().map(|one| one.to_str().unwrap()).collect()
}

fn check_candidates(command: &str, path: &str, expected: &[&str]) {
    let command = Command::of(&start(&[command], &[("PATH", path)]), &[]).unwrap();
    assert_eq!(texts(&command.candidates), expected);
}

fn check_environment(own: &[(&str, &str)], inherited: &[(&str, &str)], expected: &[&str]) {
    let inherited: Vec<(OsString, OsString)> =
        inherited.iter().map(|&(name, value)| (name.into(), value.into())).collect();
    let command = Command::of(&start(&["x"], own), &inherited).unwrap();
    assert_eq!(texts(&command.environment), expected);
}

#[test]
fn bare_name_is_looked_for_along_the_jobs_path() {
    check_candidates("x", "/a:/b", &["/a/x", "/b/x"]);
}

#[test]
fn empty_path_entry_is_the_working_directory() {
    check_candidates("x", "/a:", &["/a/x", "./x"]);
}

#[test]
fn name_with_a_slash_is_not_looked_for() {
    check_candidates("bin/x", "/a", &["bin/x"]);
}

#[test]
fn empty_name_is_found_nowhere() {
    check_candidates("", "/a", &[]);
}

#[test]
fn missing_path_means_the_default_one() {
    let command = Command::of(&start(&["x"], &[]), &[]).unwrap();
    assert_eq!(command.candidates.len(), DEFAULT_PATH.split(|byte| *byte == b':').count());
    assert_eq!(texts(&command.candidates)[0], "/usr/local/sbin/x");
    assert!(command.environment.is_empty());
}

#[test]
fn jobs_variable_wins_over_the_inherited_one() {
    check_environment(&[("HOME", "/job")], &[("HOME", "/agent"), ("TZ", "UTC")], &["HOME=/job", "TZ=UTC"]);
}

#[test]
fn later_entry_wins() {
    check_environment(&[("A", "1"), ("A", "2")], &[], &["A=2"]);
}

#[test]
fn empty_command_has_no_command_to_run() {
    let failure = Command::of(&start(&[], &[]), &[]).unwrap_err();
    assert_eq!(failure, Failure::NoCommand { image: "host".into() });
}

#[test]
fn nul_byte_is_refused() {
    assert_eq!(Command::of(&start(&["x", "a\0b"], &[]), &[]).unwrap_err(), Failure::NulByte);
    assert_eq!(Command::of(&start(&["x"], &[("A", "a\0b")]), &[]).unwrap_err(), Failure::NulByte);
}
