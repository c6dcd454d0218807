//! The reasons as users see them; their prefixes are matched by retry rules in the wild.

use super::{Failure, Found};
use rustix::io::Errno;

fn check(failure: &Failure, expected: &str) {
    assert_eq!(failure.to_string(), expected);
}

fn execute(program: &str, found: Found, errno: Errno) -> Failure {
    Failure::Execute { program: program.into(), found, errno }
}

#[test]
fn program_not_on_the_path_is_not_found() {
    let expected = r#"CannotStartContainerError: exec: "xyz": executable file not found in $PATH"#;
    check(&execute("xyz", Found::Nothing, Errno::NOENT), expected);
}

#[test]
fn missing_file_is_named() {
    let expected = r#"CannotStartContainerError: exec: "/x/y": no such file or directory"#;
    check(&execute("/x/y", Found::Nothing, Errno::NOENT), expected);
}

#[test]
fn file_that_is_not_executable_is_denied() {
    let expected = r#"CannotStartContainerError: exec: "/x": permission denied"#;
    check(&execute("/x", Found::File, Errno::ACCESS), expected);
}

#[test]
fn directory_is_called_one() {
    check(&execute("/x", Found::Directory, Errno::ACCESS), r#"CannotStartContainerError: exec: "/x": is a directory"#);
}

#[test]
fn script_without_its_interpreter_says_so() {
    let expected = r#"CannotStartContainerError: exec: "/x": the interpreter that it names does not exist"#;
    check(&execute("/x", Found::File, Errno::NOENT), expected);
}

#[test]
fn long_name_keeps_the_reason_within_its_limit() {
    let reason = execute(&"x".repeat(1_000), Found::File, Errno::TOOBIG).to_string();
    assert!(reason.len() <= 255, "{} characters", reason.len());
    assert!(reason.ends_with("argument list too long: pass large inputs as files"));
}

#[test]
fn resource_shortage_is_a_create_error() {
    let expected = "CannotCreateContainerError: the host could not start a process: resource temporarily unavailable";
    check(&Failure::Spawn { errno: Errno::AGAIN }, expected);
}

#[test]
fn empty_command_says_what_to_do() {
    let expected = r#"CannotStartContainerError: the image "host" has no command of its own: give the job a command"#;
    check(&Failure::NoCommand { image: "host".into() }, expected);
}
