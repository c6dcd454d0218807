//! Profiles of system calls, as OCI documents have them, compiled for the kernel: one comparison after another, each halving what
//! may still be meant, so that a filter is short, and quickly installed. A profile is compiled once.

use crate::sys::contained::Filter;
use libc::sock_filter;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Names and numbers; see the first line of the file.
const SYSTEM_CALLS: &str = include_str!("syscalls.txt");

/// What the kernel calls a kind of processor, the column of its numbers, and the first number that belongs to another calling
/// convention of the same processor.
#[derive(Clone, Copy, Debug)]
struct Processor {
    name: u32,
    column: usize,
    foreign_from: Option<u32>,
}

const X86_64: Processor = Processor { name: 0xc000_003e, column: 1, foreign_from: Some(0x4000_0000) };
const AARCH64: Processor = Processor { name: 0xc000_00b7, column: 2, foreign_from: None };

/// Why a profile cannot be had. Nothing of one is ever left out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    #[error("the profile is not understood: {0}")]
    Unreadable(String),
    #[error("the profile's action {0:?} is not known")]
    Action(String),
    #[error("the profile compares by {0:?}, which is not known")]
    Comparison(String),
    #[error("the profile has more rules than the kernel takes")]
    TooLong,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Profile {
    default_action: String,
    #[serde(default)]
    default_errno_ret: Option<u32>,
    #[serde(default)]
    syscalls: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rule {
    names: Vec<String>,
    action: String,
    #[serde(default)]
    errno_ret: Option<u32>,
    #[serde(default)]
    args: Vec<Argument>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Argument {
    index: u32,
    value: u64,
    #[serde(default)]
    value_two: u64,
    op: String,
}

/// Arguments that are as asked: by number, a mask and what is to be left of it.
type Condition = Vec<(u32, u64, u64)>;

/// What becomes of a system call.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Verdict {
    /// The first condition that holds decides.
    conditions: Vec<(Condition, u32)>,
    otherwise: u32,
}

/// The profiles compiled so far: there is hardly ever more than one.
#[derive(Debug)]
pub(super) struct Filters {
    processor: Processor,
    compiled: Mutex<Option<(Value, Arc<Filter>)>>,
}

impl Filters {
    /// None if this kind of processor is not known.
    pub(super) fn of_this_processor() -> Option<Self> {
        let processor = match std::env::consts::ARCH {
            "x86_64" => X86_64,
            "aarch64" => AARCH64,
            _ => return None,
        };
        Some(Self { processor, compiled: Mutex::default() })
    }

    pub(super) fn compiled(&self, profile: &Value) -> Result<Arc<Filter>, Error> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, filter)) = compiled.as_ref().filter(|(of, _)| of == profile) {
            return Ok(Arc::clone(filter));
        }
        let filter = Arc::new(compile(profile, self.processor)?);
        *compiled = Some((profile.clone(), Arc::clone(&filter)));
        Ok(filter)
    }
}

fn compile(profile: &Value, processor: Processor) -> Result<Filter, Error> {
    let profile = Profile::deserialize(profile).map_err(|error| Error::Unreadable(error.to_string()))?;
    let default = action(&profile.default_action, profile.default_errno_ret)?;
    let verdicts = verdicts(&profile, default, processor)?;
    Filter::new(program(&ranges(&verdicts, default, processor), processor)).ok_or(Error::TooLong)
}

fn action(name: &str, errno: Option<u32>) -> Result<u32, Error> {
    /// Docker's when none is given.
    const NOT_PERMITTED: u32 = libc::EPERM.unsigned_abs();
    match name {
        "SCMP_ACT_ALLOW" => Ok(libc::SECCOMP_RET_ALLOW),
        "SCMP_ACT_ERRNO" => Ok(libc::SECCOMP_RET_ERRNO | errno.unwrap_or(NOT_PERMITTED) & libc::SECCOMP_RET_DATA),
        "SCMP_ACT_KILL" | "SCMP_ACT_KILL_THREAD" => Ok(libc::SECCOMP_RET_KILL_THREAD),
        "SCMP_ACT_KILL_PROCESS" => Ok(libc::SECCOMP_RET_KILL_PROCESS),
        "SCMP_ACT_LOG" => Ok(libc::SECCOMP_RET_LOG),
        other => Err(Error::Action(other.to_owned())),
    }
}

fn condition(arguments: &[Argument]) -> Result<Condition, Error> {
    let one = |argument: &Argument| match argument.op.as_str() {
        "SCMP_CMP_EQ" => Ok((argument.index, u64::MAX, argument.value)),
        "SCMP_CMP_MASKED_EQ" => Ok((argument.index, argument.value, argument.value_two)),
        other => Err(Error::Comparison(other.to_owned())),
    };
    arguments.iter().map(one).collect()
}

/// What becomes of each system call that is named. Names that this processor does not have mean nothing.
fn verdicts(profile: &Profile, default: u32, processor: Processor) -> Result<BTreeMap<u32, Verdict>, Error> {
    let numbers: BTreeMap<&str, u32> = SYSTEM_CALLS.lines().filter_map(|line| named(line, processor)).collect();
    let mut verdicts = BTreeMap::new();
    for rule in &profile.syscalls {
        let (action, condition) = (action(&rule.action, rule.errno_ret)?, condition(&rule.args)?);
        for number in rule.names.iter().filter_map(|name| numbers.get(name.as_str())) {
            let fresh = Verdict { conditions: Vec::new(), otherwise: default };
            let verdict = verdicts.entry(*number).or_insert(fresh);
            match condition.is_empty() {
                true => verdict.otherwise = action,
                false => verdict.conditions.push((condition.clone(), action)),
            }
        }
    }
    Ok(verdicts)
}

fn named(line: &str, processor: Processor) -> Option<(&str, u32)> {
    let mut fields = line.split(' ');
    Some((fields.next()?, fields.nth(processor.column - 1)?.parse().ok()?))
}

/// Verdicts by the first number that each is for; what follows each is the next.
fn ranges(verdicts: &BTreeMap<u32, Verdict>, default: u32, processor: Processor) -> Vec<(u32, Verdict)> {
    let plain = |otherwise| Verdict { conditions: Vec::new(), otherwise };
    let mut ranges = vec![(0, plain(default))];
    for (&number, verdict) in verdicts {
        ranges.extend([(number, verdict.clone()), (number + 1, plain(default))]);
    }
    ranges.extend(processor.foreign_from.map(|from| (from, plain(libc::SECCOMP_RET_KILL_PROCESS))));
    // Of two that begin at one number the later is meant; of two that are alike the first is enough.
    ranges.reverse();
    ranges.dedup_by_key(|(from, _)| *from);
    ranges.reverse();
    ranges.dedup_by(|later, earlier| later.1 == earlier.1);
    ranges
}

/// Where the kernel shows what is asked of a filter: the number, the processor, and arguments of eight bytes.
const NUMBER_AT: u32 = 0;
const PROCESSOR_AT: u32 = 4;
const ARGUMENTS_AT: u32 = 16;
const ARGUMENT_BYTES: u32 = 8;
const WORD_BYTES: u32 = 4;

const LOAD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
const AND: u32 = libc::BPF_ALU | libc::BPF_AND | libc::BPF_K;
const IF_EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
const IF_AT_LEAST: u32 = libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K;
const JUMP: u32 = libc::BPF_JMP | libc::BPF_JA;
const ANSWER: u32 = libc::BPF_RET | libc::BPF_K;

fn instruction(code: u32, operand: u32, (when_true, when_false): (u8, u8)) -> sock_filter {
    sock_filter { code: code.to_le_bytes()[0].into(), jt: when_true, jf: when_false, k: operand }
}

fn plain(code: u32, operand: u32) -> sock_filter {
    instruction(code, operand, (0, 0))
}

fn program(ranges: &[(u32, Verdict)], processor: Processor) -> Vec<sock_filter> {
    let mut program = vec![
        plain(LOAD, PROCESSOR_AT),
        instruction(IF_EQUAL, processor.name, (1, 0)),
        plain(ANSWER, libc::SECCOMP_RET_KILL_PROCESS),
        plain(LOAD, NUMBER_AT),
    ];
    program.extend(search(ranges));
    program
}

/// Instructions that find the range of the number just loaded.
fn search(ranges: &[(u32, Verdict)]) -> Vec<sock_filter> {
    let (below, above) = ranges.split_at(ranges.len() / 2);
    let (Some((from, _)), false) = (above.first(), below.is_empty()) else {
        return ranges.first().map(|(_, verdict)| decide(verdict)).unwrap_or_default();
    };
    let (below, above) = (search(below), search(above));
    let mut found = match u8::try_from(below.len()) {
        Ok(distance) => vec![instruction(IF_AT_LEAST, *from, (distance, 0))],
        Err(_) => {
            let distance = u32::try_from(below.len()).unwrap_or(u32::MAX);
            vec![instruction(IF_AT_LEAST, *from, (0, 1)), plain(JUMP, distance)]
        }
    };
    found.extend(below);
    found.extend(above);
    found
}

fn decide(verdict: &Verdict) -> Vec<sock_filter> {
    let mut decided = Vec::new();
    for (condition, action) in &verdict.conditions {
        decided.extend(when(condition, *action));
    }
    decided.push(plain(ANSWER, verdict.otherwise));
    decided
}

/// The answer if the condition holds; else on to what follows.
fn when(condition: &Condition, action: u32) -> Vec<sock_filter> {
    let mut program = vec![plain(ANSWER, action)];
    for (argument, mask, left) in condition.iter().rev() {
        let words = [(mask & u64::from(u32::MAX), left & u64::from(u32::MAX)), (mask >> 32, left >> 32)];
        for (place, (mask, left)) in (0_u32..).zip(words) {
            let word = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
            let at = ARGUMENTS_AT + argument * ARGUMENT_BYTES + place * WORD_BYTES;
            // No condition of any known profile is longer than a jump reaches.
            let past = u8::try_from(program.len()).unwrap_or(u8::MAX);
            let compared = instruction(IF_EQUAL, word(left), (0, past));
            program.splice(0..0, [plain(LOAD, at), plain(AND, word(mask)), compared]);
        }
    }
    program
}

#[cfg(test)]
mod tests;
