//! Whose files this process can make: everybody's as the machine's root, those of the ids that its user namespace has, or
//! its own alone.

use std::fs;
use std::sync::OnceLock;

/// As the kernel shows the namespace in which all processes begin.
const ALL: [&str; 3] = ["0", "0", "4294967295"];

/// Whether this process is in a user namespace that is not the machine's own. There some privileges are missing: to make
/// devices, to set attributes that concern the machine, to give files to users that the namespace does not have.
pub fn is_in_user_namespace() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| is_mapped(&fs::read_to_string("/proc/self/uid_map").unwrap_or_default()))
}

fn is_mapped(map: &str) -> bool {
    !map.trim().is_empty() && !map.split_whitespace().eq(ALL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_own_namespace_has_every_id() {
        assert!(!is_mapped("         0          0 4294967295\n"));
        assert!(is_mapped("         0       1001          1\n         1     100000      65536\n"));
        assert!(!is_mapped(""), "a kernel without user namespaces has none to be in");
    }
}
