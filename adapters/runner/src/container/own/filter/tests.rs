//! Filters are run as the kernel runs them, and compared with what profiles say.

use super::*;
use serde_json::json;

const ALLOWED: u32 = libc::SECCOMP_RET_ALLOW;
const NOT_PERMITTED: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM.unsigned_abs();
const UNKNOWN: u32 = libc::SECCOMP_RET_ERRNO | libc::ENOSYS.unsigned_abs();

/// The answer of a filter to a system call.
fn answer(filter: &Filter, processor: u32, number: u32, arguments: [u64; 6]) -> u32 {
    let mut data = [number, processor, 0, 0].map(u32::to_le_bytes).concat();
    data.extend(arguments.iter().flat_map(|argument| argument.to_le_bytes()));
    let (mut at, mut accumulator) = (0, 0);
    loop {
        let sock_filter { code, jt, jf, k } = filter.program()[at];
        let jump = |holds: bool| usize::from(if holds { jt } else { jf });
        at += 1;
        match u32::from(code) {
            LOAD => accumulator = u32::from_le_bytes(data[k as usize..][..4].try_into().unwrap()),
            AND => accumulator &= k,
            IF_EQUAL => at += jump(accumulator == k),
            IF_AT_LEAST => at += jump(accumulator >= k),
            JUMP => at += k as usize,
            ANSWER => return k,
            other => panic!("{other} is no instruction"),
        }
    }
}

fn default_profile() -> Value {
    serde_json::from_str(include_str!("../../seccomp.json")).unwrap()
}

/// What the profile says of each name, by a plain search.
fn said(profile: &Profile, name: &str) -> u32 {
    let rule = profile.syscalls.iter().find(|rule| rule.args.is_empty() && rule.names.iter().any(|one| one == name));
    rule.map_or(UNKNOWN, |rule| action(&rule.action, rule.errno_ret).unwrap())
}

#[test]
fn every_call_is_answered_as_the_profile_says() {
    let profile = default_profile();
    for processor in [X86_64, AARCH64] {
        let filter = compile(&profile, processor).unwrap();
        let read = Profile::deserialize(&profile).unwrap();
        let by_number: BTreeMap<u32, &str> = SYSTEM_CALLS
            .lines()
            .filter_map(|line| named(line, processor))
            .map(|(name, number)| (number, name))
            .collect();
        for number in (0..600).chain([0x3fff_ffff]) {
            let expected = by_number.get(&number).map_or(UNKNOWN, |name| said(&read, name));
            let arguments = [u64::MAX - 1; 6];
            assert_eq!(answer(&filter, processor.name, number, arguments), expected, "{number}: {by_number:?}");
        }
        assert!(filter.program().len() < 400, "{}", filter.program().len());
    }
}

#[test]
fn foreign_calls_end_the_process() {
    let filter = compile(&default_profile(), X86_64).unwrap();
    let i386 = 0x4000_0003;
    assert_eq!(answer(&filter, i386, 1, [0; 6]), libc::SECCOMP_RET_KILL_PROCESS);
    assert_eq!(answer(&filter, X86_64.name, 0x4000_0000, [0; 6]), libc::SECCOMP_RET_KILL_PROCESS);
}

#[test]
fn arguments_are_compared_whole() {
    let filter = compile(&default_profile(), X86_64).unwrap();
    let (personality, clone) = (135, 56);
    let ask = |number, argument: u64| answer(&filter, X86_64.name, number, [argument, 0, 0, 0, 0, 0]);
    for (argument, expected) in [(0, ALLOWED), (8, ALLOWED), (0xffff_ffff, ALLOWED), (1, UNKNOWN), (1 << 32, UNKNOWN)] {
        assert_eq!(ask(personality, argument), expected, "{argument:x}");
    }
    let new_users = 0x1000_0000;
    assert_eq!((ask(clone, 0x11), ask(clone, new_users | 0x11)), (ALLOWED, UNKNOWN));
}

#[test]
fn what_is_not_understood_is_refused() {
    let compiled = |profile: Value| compile(&profile, X86_64).unwrap_err();
    assert_eq!(compiled(json!({ "defaultAction": "SCMP_ACT_TRAP" })), Error::Action("SCMP_ACT_TRAP".into()));
    let rule = json!({ "names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 0, "value": 1, "op": "SCMP_CMP_GT" }] });
    let profile = json!({ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [rule] });
    assert_eq!(compiled(profile), Error::Comparison("SCMP_CMP_GT".into()));
    assert!(matches!(compiled(json!({ "defaultAction": "SCMP_ACT_LOG", "flags": [] })), Error::Unreadable(_)));
    let denied = compile(&json!({ "defaultAction": "SCMP_ACT_ERRNO" }), X86_64).unwrap();
    assert_eq!(answer(&denied, X86_64.name, 0, [0; 6]), NOT_PERMITTED);
}

#[test]
fn profile_is_compiled_once() {
    let filters = Filters { processor: X86_64, compiled: Mutex::default() };
    let first = filters.compiled(&default_profile()).unwrap();
    assert!(Arc::ptr_eq(&first, &filters.compiled(&default_profile()).unwrap()));
}
