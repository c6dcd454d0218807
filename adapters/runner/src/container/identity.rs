//! The users and groups that containers can have: all of them, or those of the user namespace that this process is in.

use super::user::User;
use std::fs;

/// Whether there is a group of this number.
pub(super) fn has_group(group: u32) -> bool {
    has(&map("gid_map"), group)
}

/// The user as this process can have it; the error is for users.
pub(super) fn checked(user: User) -> Result<User, String> {
    let (users, groups) = (map("uid_map"), map("gid_map"));
    let missing = |kind: &str, number: u32| {
        Err(format!(
            "{kind} {number} is not to be had here: containers run as an ordinary user, who needs further ids in \
             /etc/subuid and /etc/subgid"
        ))
    };
    if !has(&users, user.uid) {
        return missing("user", user.uid);
    }
    if !has(&groups, user.gid) {
        return missing("group", user.gid);
    }
    // Who may not leave groups cannot join any either.
    let may_join = fs::read_to_string("/proc/self/setgroups").is_ok_and(|may| may.trim() == "allow");
    let further = user.groups.into_iter().filter(|group| may_join && has(&groups, *group)).collect();
    Ok(User { groups: further, ..user })
}

fn map(name: &str) -> String {
    fs::read_to_string(format!("/proc/self/{name}")).unwrap_or_default()
}

/// Lines of first number inside, first outside, count. A kernel without such maps has all numbers.
fn has(map: &str, number: u32) -> bool {
    let ranges = map.lines().filter_map(|line| {
        let mut fields = line.split_whitespace().map(str::parse::<u32>);
        let (first, _, count) = (fields.next()?.ok()?, fields.next()?, fields.next()?.ok()?);
        Some((first, count))
    });
    let mut ranges = ranges.peekable();
    ranges.peek().is_none() || ranges.any(|(first, count)| number >= first && number - first < count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_is_there_if_a_range_has_it() {
        let map = "         0       1001          1\n         1     100000       1000\n";
        assert!(has(map, 0) && has(map, 1) && has(map, 1_000));
        assert!(!has(map, 1_001));
        assert!(has("0 0 4294967295\n", 4_000_000_000) && has("", 7));
    }
}
