//! The program of a container that is there for others to share its namespaces: it waits for ever, and buries whoever is left
//! to it. Written here in machine code, because it has to run in any image, also in one that has nothing but a program of its
//! own; a system call to have its children buried unseen, and one that waits, are all there is to it.

use rustix::fs::Mode;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where its container sees it.
pub(super) const SEEN_AT: &str = "/longshore-pause";

/// An ELF file's header, and that of its only segment: the whole file, to be read and executed at `BASE`.
const HEADERS: u64 = 64 + 56;
const BASE: u64 = 0x40_0000;
const SEGMENT_ALIGN: u64 = 0x1_0000;

/// `struct sigaction`: SIGCHLD is ignored, which is how the kernel is told to bury children itself.
const IGNORE: [u64; 4] = [1, 0, 0, 0];

/// The kind of processor in an ELF file's header, and the program for it, which ends where `IGNORE` follows.
#[cfg(target_arch = "x86_64")]
const MACHINE: u16 = 62;
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
const CODE: &[u8] = &[
    0xb8, 0x0d, 0x00, 0x00, 0x00,             //       mov  eax, 13              rt_sigaction(
    0xbf, 0x11, 0x00, 0x00, 0x00,             //       mov  edi, 17                SIGCHLD,
    0x48, 0x8d, 0x35, 0x13, 0x00, 0x00, 0x00, //       lea  rsi, [rip + ignore]    &IGNORE,
    0x31, 0xd2,                               //       xor  edx, edx               NULL,
    0x41, 0xba, 0x08, 0x00, 0x00, 0x00,       //       mov  r10d, 8                8)
    0x0f, 0x05,                               //       syscall
    0xb8, 0x22, 0x00, 0x00, 0x00,             // wait: mov  eax, 34              pause()
    0x0f, 0x05,                               //       syscall
    0xeb, 0xf7,                               //       jmp  wait
]; // ignore:

#[cfg(target_arch = "aarch64")]
const MACHINE: u16 = 183;
#[cfg(target_arch = "aarch64")]
#[rustfmt::skip]
const CODE: &[u8] = &[
    0xc8, 0x10, 0x80, 0xd2, //       mov  x8, #134     rt_sigaction(
    0x20, 0x02, 0x80, 0xd2, //       mov  x0, #17        SIGCHLD,
    0x81, 0x01, 0x00, 0x10, //       adr  x1, ignore     &IGNORE,
    0x02, 0x00, 0x80, 0xd2, //       mov  x2, #0         NULL,
    0x03, 0x01, 0x80, 0xd2, //       mov  x3, #8         8)
    0x01, 0x00, 0x00, 0xd4, //       svc  #0
    0x28, 0x09, 0x80, 0xd2, // wait: mov  x8, #73      ppoll(
    0x00, 0x00, 0x80, 0xd2, //       mov  x0, #0         NULL,
    0x01, 0x00, 0x80, 0xd2, //       mov  x1, #0         0,
    0x02, 0x00, 0x80, 0xd2, //       mov  x2, #0         NULL,
    0x03, 0x00, 0x80, 0xd2, //       mov  x3, #0         NULL)
    0x01, 0x00, 0x00, 0xd4, //       svc  #0
    0xfa, 0xff, 0xff, 0x17, //       b    wait
    0x1f, 0x20, 0x03, 0xd5, //       nop               IGNORE begins at a multiple of 8
]; // ignore:

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const MACHINE: u16 = 0;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const CODE: &[u8] = &[];

/// Where the program is on the host.
pub(super) fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("agent/pause")
}

/// Writes it. One that still runs keeps its file.
pub(super) fn install(data_dir: &Path) -> io::Result<()> {
    let (new, path) = (data_dir.join("agent/pause.new"), path(data_dir));
    fs::write(&new, program())?;
    let executable = (Mode::RWXU | Mode::RGRP | Mode::XGRP | Mode::ROTH | Mode::XOTH).bits();
    fs::set_permissions(&new, fs::Permissions::from_mode(executable))?;
    fs::rename(new, path)
}

/// Whether there is one for this kind of processor.
pub(super) const fn is_known() -> bool {
    !CODE.is_empty()
}

fn program() -> Vec<u8> {
    const EXECUTABLE: u16 = 2;
    const LOADED: u32 = 1;
    const READ_AND_EXECUTE: u32 = 5;
    let data: Vec<u8> = IGNORE.iter().flat_map(|word| word.to_le_bytes()).collect();
    let size = HEADERS + (CODE.len() + data.len()) as u64;
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    let shorts = |file: &mut Vec<u8>, values: &[u16]| values.iter().for_each(|value| file.extend(value.to_le_bytes()));
    let words = |file: &mut Vec<u8>, values: &[u32]| values.iter().for_each(|value| file.extend(value.to_le_bytes()));
    let longs = |file: &mut Vec<u8>, values: &[u64]| values.iter().for_each(|value| file.extend(value.to_le_bytes()));
    shorts(&mut file, &[EXECUTABLE, MACHINE]);
    words(&mut file, &[1]);
    // Where it begins, where its segments are described, and that it has no sections.
    longs(&mut file, &[BASE + HEADERS, 64, 0]);
    words(&mut file, &[0]);
    shorts(&mut file, &[64, 56, 1, 64, 0, 0]);
    words(&mut file, &[LOADED, READ_AND_EXECUTE]);
    longs(&mut file, &[0, BASE, BASE, size, size, SEGMENT_ALIGN]);
    file.extend(CODE);
    file.extend(data);
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;
    use std::time::{Duration, Instant};

    const PATIENCE: Duration = Duration::from_secs(30);

    fn status_of(pid: u32, field: &str) -> String {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default().trim().to_owned()
    }

    #[test]
    fn program_waits_and_has_its_children_buried() {
        if !is_known() {
            return;
        }
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("agent")).unwrap();
        install(directory.path()).unwrap();
        install(directory.path()).unwrap();
        let mut child = Command::new(path(directory.path())).spawn().unwrap();
        let begin = Instant::now();
        let ignores_children =
            || u64::from_str_radix(&status_of(child.id(), "SigIgn:"), 16).unwrap_or(0) >> 16 & 1 == 1;
        let sleeps = || status_of(child.id(), "State:").starts_with('S');
        while !(ignores_children() && sleeps()) {
            assert!(begin.elapsed() < PATIENCE, "it does not wait: {}", status_of(child.id(), "State:"));
            std::thread::yield_now();
        }
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9));
    }
}
