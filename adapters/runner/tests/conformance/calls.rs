//! System calls that no program of an image makes by itself, made in a container: each by a program of a few instructions. What
//! a profile forbids is answered with an error by every runtime, and with the same.

use crate::container::{ByOwn, ByRunc, Containers};
use crate::stage::{Runtime, Stage};
use longshore_agent::ExitStatus;
use longshore_types::Document;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const NOT_PERMITTED: i32 = 1;
const NOT_THERE: i32 = 38;

/// Names and numbers of calls that are forbidden, some that are allowed beside them to show that the programs work.
const CALLS: [(&str, u16); 22] = [
    ("keyctl", 250),
    ("add_key", 248),
    ("request_key", 249),
    ("bpf", 321),
    ("userfaultfd", 323),
    ("perf_event_open", 298),
    ("io_uring_setup", 425),
    ("open_by_handle_at", 304),
    ("kexec_load", 246),
    ("init_module", 175),
    ("delete_module", 176),
    ("quotactl", 179),
    ("acct", 163),
    ("settimeofday", 164),
    ("iopl", 172),
    ("move_pages", 279),
    ("fsopen", 430),
    ("open_tree", 428),
    ("mount_setattr", 442),
    ("setns", 308),
    ("getpid", 39),
    ("dup", 32),
];
const ALLOWED: [&str; 2] = ["getpid", "dup"];

/// A program that makes one call without arguments, and exits with the number of the error, or 200 without one.
fn program(call: u16) -> Vec<u8> {
    const BASE: u64 = 0x40_0000;
    const HEADERS: u64 = 64 + 56;
    let [low, high] = call.to_le_bytes();
    #[rustfmt::skip]
    let code = [
        0x31, 0xff, 0x31, 0xf6, 0x31, 0xd2,             // xor edi, edi; xor esi, esi; xor edx, edx
        0x45, 0x31, 0xd2, 0x45, 0x31, 0xc0,             // xor r10d, r10d; xor r8d, r8d
        0xb8, low, high, 0, 0, 0x0f, 0x05,              // mov eax, call; syscall
        0xbf, 200, 0, 0, 0,                             // mov edi, 200
        0x48, 0x85, 0xc0, 0x79, 0x04,                   // test rax, rax; jns over the next two
        0xf7, 0xd8, 0x89, 0xc7,                         // neg eax; mov edi, eax
        0xb8, 60, 0, 0, 0, 0x0f, 0x05,                  // mov eax, exit; syscall
    ];
    let size = HEADERS + code.len() as u64;
    let mut file = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    // An executable for x86_64: its entry, its only program header, no sections.
    for half in [2_u16, 62] {
        file.extend(half.to_le_bytes());
    }
    file.extend(1_u32.to_le_bytes());
    for word in [BASE + HEADERS, 64, 0] {
        file.extend(word.to_le_bytes());
    }
    file.extend(0_u32.to_le_bytes());
    for half in [64_u16, 56, 1, 64, 0, 0] {
        file.extend(half.to_le_bytes());
    }
    // All of the file, to be read and executed.
    for half in [1_u32, 5] {
        file.extend(half.to_le_bytes());
    }
    for word in [0, BASE, BASE, size, size, 0x1000] {
        file.extend(word.to_le_bytes());
    }
    file.extend(code);
    file
}

fn write_programs(directory: &Path) {
    fs::create_dir(directory).unwrap();
    for (name, call) in CALLS {
        let path = directory.join(name);
        fs::write(&path, program(call)).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// Each call's error, as a container's program sees it.
fn answers<R: Runtime>(user: &str) -> Vec<(String, i32)> {
    let mut stage = Stage::<R>::new();
    let calls = stage.path("calls");
    write_programs(&calls);
    let settings = json!({
        "volumes": [{ "name": "v", "host": { "sourcePath": calls } }],
        "mountPoints": [{ "sourceVolume": "v", "containerPath": "/calls" }],
    });
    let script = CALLS.map(|(name, _)| format!("/calls/{name}; echo {name} $?;")).concat();
    let mut launch = stage.attempt(&["sh", "-c", &script]);
    let Value::Object(settings) = settings else { panic!("settings are an object") };
    launch.container.settings = Document(settings);
    launch.container.user = Some(user.into());
    let attempt = stage.launch_attempt(launch);
    assert_eq!(stage.exit(attempt), ExitStatus::Code(0));
    let output = stage.output(attempt);
    let answer = |line: &str| line.split_once(' ').map(|(name, code)| (name.to_owned(), code.parse().unwrap()));
    let answers: Vec<_> = output.lines().filter_map(answer).collect();
    assert_eq!(answers.len(), CALLS.len(), "{output}");
    answers
}

#[test]
fn calls_that_no_job_needs_are_refused_by_every_runtime_alike() {
    for user in ["0", "worker"] {
        let own = answers::<ByOwn>(user);
        for (name, code) in &own {
            match ALLOWED.contains(&name.as_str()) {
                true => assert_eq!(*code, 200, "{name}"),
                false => assert!([NOT_PERMITTED, NOT_THERE].contains(code), "{name}: {code}"),
            }
        }
        assert_eq!(own, answers::<Containers>(user), "crun, as {user}");
        assert_eq!(own, answers::<ByRunc>(user), "runc, as {user}");
    }
}
