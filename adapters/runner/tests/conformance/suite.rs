//! The suite: launches, ends, signals, output, surroundings, what cannot be started.

use crate::stage::{Runtime, SECRETS, Script, Stage};
use longshore_agent::{ExitStatus, RunnerEvent};
use std::collections::BTreeMap;

const SUCCESS: ExitStatus = ExitStatus::Code(0);

/// One test for each rule, for one runtime.
macro_rules! conformance {
    ($runtime:ident, $type:ty) => {
        mod $runtime {
            $crate::suite::conformance! { @tests $type,
                exit_code_is_reported
                environment_is_what_was_given
                secret_is_a_variable_and_nowhere_else
                secret_that_is_not_known_is_a_reason
                output_keeps_its_order
                output_of_any_size_is_whole
                stdin_is_empty
                signals_are_at_their_defaults
                descriptors_other_than_standard_are_not_inherited
                terminate_can_be_trapped
                kill_ends_what_ignores_terminate
                process_left_over_is_gone_before_the_end_is_told
                zombie_left_over_does_not_hold_up_the_end
                missing_program_is_not_found
                missing_file_is_named
                file_without_permission_is_denied
                directory_cannot_be_executed
                script_without_interpreter_says_so
                argument_too_long_says_so
                other_user_is_refused
                refused_attempt_leaves_no_output
                withdrawn_attempt_ends_in_exactly_one_way
                signal_of_unknown_attempt_changes_nothing
                many_attempts_at_once_all_end
            }
        }
    };
    (@tests $type:ty, $($rule:ident)*) => {
        $(#[test]
        fn $rule() {
            $crate::stage::check::<$type>(stringify!($rule), $crate::suite::$rule::<$type>);
        })*
    };
}
pub(crate) use conformance;

pub(crate) fn exit_code_is_reported<R: Runtime>(stage: &mut Stage<R>) {
    for code in [0, 1, 3, 255] {
        assert_eq!(stage.run_shell(&format!("exit {code}")), (ExitStatus::Code(code), String::new()));
    }
}

pub(crate) fn environment_is_what_was_given<R: Runtime>(stage: &mut Stage<R>) {
    let mut start = stage.attempt(&["env"]);
    start.container.environment.extend([
        ("A".into(), "1".into()),
        ("A".into(), "a b\n=c".into()),
        ("E".into(), String::new()),
    ]);
    let attempt = stage.launch_attempt(start);
    assert_eq!(stage.exit(attempt), SUCCESS);
    let mut lines: Vec<String> = stage.output(attempt).split_inclusive('\n').map(str::to_owned).collect();
    lines.retain(|line| !R::OWN_VARIABLES.iter().any(|name| line.starts_with(name)));
    lines.sort();
    assert_eq!(lines, ["=c\n", "A=a b\n", "E=\n", "PATH=/usr/local/bin:/usr/bin:/bin\n"]);
}

fn with_secret<R: Runtime>(stage: &mut Stage<R>, from: &str) -> longshore_agent::Launch {
    let secrets = serde_json::json!({ "secrets": [{ "name": "PASSWORD", "valueFrom": from }] });
    let mut start = stage.attempt(&["env"]);
    start.container.settings = serde_json::from_value(secrets).unwrap();
    start
}

/// `SEC-1`.
pub(crate) fn secret_is_a_variable_and_nowhere_else<R: Runtime>(stage: &mut Stage<R>) {
    std::fs::write(stage.path(SECRETS), r#"{ "db/password": "hush" }"#).unwrap();
    let start = with_secret(stage, "arn:aws:secretsmanager:us-east-1:000000000000:secret:db/password-AbCdEf");
    let attempt = stage.launch_attempt(start);
    assert_eq!(stage.exit(attempt), SUCCESS);
    assert!(stage.output(attempt).contains("PASSWORD=hush\n"));
}

pub(crate) fn secret_that_is_not_known_is_a_reason<R: Runtime>(stage: &mut Stage<R>) {
    std::fs::write(stage.path(SECRETS), "{}").unwrap();
    let start = with_secret(stage, "nothing");
    let reason = stage.refusal(start);
    let expected =
        "ResourceInitializationError: unable to pull secrets or registry auth: secret \"nothing\" is not known";
    assert!(reason.starts_with(expected), "{reason}");
}

pub(crate) fn output_keeps_its_order<R: Runtime>(stage: &mut Stage<R>) {
    let script = "for i in 1 2 3; do echo out $i; echo err $i >&2; done";
    assert_eq!(stage.run_shell(script).1, "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n");
}

pub(crate) fn output_of_any_size_is_whole<R: Runtime>(stage: &mut Stage<R>) {
    const BYTES: u64 = 64 << 20;
    let attempt = stage.launch_shell(&format!("head -c {BYTES} /dev/zero"));
    assert_eq!(stage.exit(attempt), SUCCESS);
    assert_eq!(stage.output_path(attempt).metadata().unwrap().len(), BYTES);
}

pub(crate) fn stdin_is_empty<R: Runtime>(stage: &mut Stage<R>) {
    assert_eq!(stage.run(&["cat"]), (SUCCESS, String::new()));
}

pub(crate) fn signals_are_at_their_defaults<R: Runtime>(stage: &mut Stage<R>) {
    let (_, output) = stage.run(&["cat", "/proc/self/status"]);
    let none = |line: &&str| line.ends_with(":\t0000000000000000");
    let signals =
        output.lines().filter(|line| ["SigBlk", "SigIgn", "SigCgt"].iter().any(|name| line.starts_with(name)));
    assert_eq!(signals.filter(none).count(), 3, "{output}");
}

pub(crate) fn descriptors_other_than_standard_are_not_inherited<R: Runtime>(stage: &mut Stage<R>) {
    // 3 is the directory that is being listed.
    assert_eq!(stage.run(&["ls", "/proc/self/fd"]).1, "0\n1\n2\n3\n");
}

pub(crate) fn terminate_can_be_trapped<R: Runtime>(stage: &mut Stage<R>) {
    let attempt = stage.launch_shell("trap 'echo bye; exit 143' TERM; echo ready; while :; do sleep 0.01; done");
    stage.wait_for_output(attempt, "ready");
    stage.terminate(attempt);
    assert_eq!(stage.exit(attempt), ExitStatus::Code(143));
    assert!(stage.output(attempt).ends_with("bye\n"));
}

pub(crate) fn kill_ends_what_ignores_terminate<R: Runtime>(stage: &mut Stage<R>) {
    let attempt = stage.launch_shell("trap '' TERM; echo ready; while :; do sleep 0.01; done");
    stage.wait_for_output(attempt, "ready");
    stage.terminate(attempt);
    stage.kill(attempt);
    assert_eq!(stage.exit(attempt), ExitStatus::Signal(9));
}

pub(crate) fn process_left_over_is_gone_before_the_end_is_told<R: Runtime>(stage: &mut Stage<R>) {
    let attempt = stage.launch_shell("(trap '' TERM HUP; sleep 1000; :) & sleep 1000 & exit 5");
    assert_eq!(stage.exit(attempt), ExitStatus::Code(5));
    assert_eq!(stage.writers(attempt), 0, "something still runs");
}

pub(crate) fn zombie_left_over_does_not_hold_up_the_end<R: Runtime>(stage: &mut Stage<R>) {
    // The shell is replaced by a program that never waits for the child it inherits.
    assert_eq!(stage.run_shell("true & exec sleep 0.05").0, SUCCESS);
}

pub(crate) fn missing_program_is_not_found<R: Runtime>(stage: &mut Stage<R>) {
    let expected = r#"CannotStartContainerError: exec: "no-such-program": executable file not found in $PATH"#;
    assert_eq!(stage.refusal_of(&["no-such-program"]), expected);
}

pub(crate) fn missing_file_is_named<R: Runtime>(stage: &mut Stage<R>) {
    let expected = r#"CannotStartContainerError: exec: "/no/such/file": no such file or directory"#;
    assert_eq!(stage.refusal_of(&["/no/such/file"]), expected);
}

pub(crate) fn file_without_permission_is_denied<R: Runtime>(stage: &mut Stage<R>) {
    let file = stage.script(Script::NotExecutable);
    let expected = format!("CannotStartContainerError: exec: {file:?}: permission denied");
    assert_eq!(stage.refusal_of(&[&file]), expected);
}

pub(crate) fn directory_cannot_be_executed<R: Runtime>(stage: &mut Stage<R>) {
    assert_eq!(stage.refusal_of(&["/usr"]), r#"CannotStartContainerError: exec: "/usr": is a directory"#);
}

pub(crate) fn script_without_interpreter_says_so<R: Runtime>(stage: &mut Stage<R>) {
    let file = stage.script(Script::WithoutInterpreter);
    let reason = stage.refusal_of(&[&file]);
    assert!(reason.ends_with("the interpreter that it names does not exist"), "{reason}");
}

pub(crate) fn argument_too_long_says_so<R: Runtime>(stage: &mut Stage<R>) {
    let reason = stage.refusal_of(&["echo", &"x".repeat(1 << 20)]);
    assert!(reason.contains(r#"exec: "echo": argument list too long"#), "{reason}");
}

pub(crate) fn other_user_is_refused<R: Runtime>(stage: &mut Stage<R>) {
    let mut start = stage.attempt(&["true"]);
    start.container.user = Some("no-such-user".into());
    let reason = stage.refusal(start);
    assert!(reason.starts_with("CannotStartContainerError: ") && reason.contains("no-such-user"), "{reason}");
}

pub(crate) fn refused_attempt_leaves_no_output<R: Runtime>(stage: &mut Stage<R>) {
    let start = stage.attempt(&["no-such-program"]);
    let attempt = start.attempt;
    stage.refusal(start);
    assert!(!stage.output_path(attempt).exists());
}

pub(crate) fn withdrawn_attempt_ends_in_exactly_one_way<R: Runtime>(stage: &mut Stage<R>) {
    for _ in 0..R::MANY {
        let start = stage.attempt(&["true"]);
        let attempt = start.attempt;
        stage.runtime.launch(Box::new(start));
        stage.runtime.withdraw(attempt);
    }
    let mut ends = BTreeMap::new();
    while ends.values().sum::<usize>() < R::MANY {
        let event = stage.event();
        if !matches!(event, RunnerEvent::Launched { .. }) {
            *ends.entry(event.output()).or_insert(0) += 1;
        }
    }
    assert_eq!(ends.len(), R::MANY, "one attempt ended twice");
}

pub(crate) fn signal_of_unknown_attempt_changes_nothing<R: Runtime>(stage: &mut Stage<R>) {
    let unknown = stage.attempt(&["true"]).attempt;
    stage.kill(unknown);
    stage.runtime.withdraw(unknown);
    assert_eq!(stage.run(&["true"]).0, SUCCESS);
}

pub(crate) fn many_attempts_at_once_all_end<R: Runtime>(stage: &mut Stage<R>) {
    let script = "trap 'exit 9' TERM; echo ready; sleep 1000 & wait";
    let launched: Vec<_> = (0..R::MANY).map(|_| stage.launch_shell(script)).collect();
    for attempt in &launched {
        stage.wait_for_output(*attempt, "ready");
        stage.terminate(*attempt);
    }
    for _ in &launched {
        assert!(matches!(stage.event(), RunnerEvent::Exited { status: ExitStatus::Code(9), .. }));
    }
}
