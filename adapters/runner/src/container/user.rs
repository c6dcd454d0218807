//! Who a container runs as: `user`, `user:group`, names or numbers, looked up in the image's own `/etc/passwd` and
//! `/etc/group`, as Docker does. Pure.

/// The root of a container, or somebody else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// The groups that the image puts the user in besides.
    pub(crate) groups: Vec<u32>,
    pub(crate) home: Option<String>,
}

/// The image's files, empty if it has none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accounts<'a> {
    pub(crate) passwd: &'a str,
    pub(crate) group: &'a str,
}

impl User {
    /// Finds out who is meant; empty text means root. The error is Docker's.
    pub(crate) fn find(asked: &str, accounts: Accounts<'_>) -> Result<Self, String> {
        let (name, group) = match asked.split_once(':') {
            Some((name, group)) => (name, Some(group)),
            None => (asked, None),
        };
        let name = if name.is_empty() { "0" } else { name };
        let entry = entries(accounts.passwd).find(|entry| entry.first() == Some(&name) || entry.get(2) == Some(&name));
        let number = |text: Option<&&str>| text.and_then(|text| text.parse::<u32>().ok());
        let uid = entry.as_ref().and_then(|entry| number(entry.get(2))).or_else(|| name.parse().ok());
        let uid = uid.ok_or_else(|| format!("unable to find user {name}: no matching entries in passwd file"))?;
        let own_gid = entry.as_ref().and_then(|entry| number(entry.get(3))).unwrap_or_default();
        let login = entry.as_ref().and_then(|entry| entry.first().copied());
        let home = entry.as_ref().and_then(|entry| entry.get(5)).map(|home| (*home).to_owned());
        let (gid, groups) = match group.filter(|group| !group.is_empty()) {
            Some(group) => (group_id(group, accounts)?, Vec::new()),
            None => (own_gid, login.map(|login| groups_of(login, own_gid, accounts)).unwrap_or_default()),
        };
        Ok(Self { uid, gid, groups, home })
    }

    /// The same, in further groups.
    #[must_use]
    pub(crate) fn also_in(mut self, groups: &[u32]) -> Self {
        self.groups.extend(groups.iter().filter(|group| **group != self.gid));
        self.groups.sort_unstable();
        self.groups.dedup();
        self
    }
}

fn entries(file: &str) -> impl Iterator<Item = Vec<&str>> {
    file.lines().map(|line| line.split(':').collect())
}

fn group_id(asked: &str, accounts: Accounts<'_>) -> Result<u32, String> {
    let entry = entries(accounts.group).find(|entry| entry.first() == Some(&asked));
    let id = entry.and_then(|entry| entry.get(2)?.parse().ok()).or_else(|| asked.parse().ok());
    id.ok_or_else(|| format!("unable to find group {asked}: no matching entries in group file"))
}

fn groups_of(login: &str, own: u32, accounts: Accounts<'_>) -> Vec<u32> {
    let has = |entry: &Vec<&str>| entry.get(3).is_some_and(|members| members.split(',').any(|name| name == login));
    let ids = entries(accounts.group).filter(has).filter_map(|entry| entry.get(2)?.parse().ok());
    ids.filter(|id| *id != own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNTS: Accounts<'_> = Accounts {
        passwd: "root:x:0:0:root:/root:/bin/sh\nworker:x:1000:1001::/home/worker:/bin/sh\n",
        group: "root:x:0:\nworker:x:1001:\ndata:x:2000:other,worker\n",
    };

    fn found(asked: &str) -> (u32, u32, Vec<u32>, String) {
        let user = User::find(asked, ACCOUNTS).unwrap();
        (user.uid, user.gid, user.groups, user.home.unwrap_or_default())
    }

    #[test]
    fn user_is_found_by_name_and_number() {
        let worker = (1000, 1001, vec![2000], "/home/worker".to_owned());
        assert_eq!(found("worker"), worker);
        assert_eq!(found("1000"), worker);
        assert_eq!(found(""), (0, 0, vec![], "/root".to_owned()));
        assert_eq!(found("4321"), (4321, 0, vec![], String::new()));
    }

    #[test]
    fn group_that_is_asked_for_is_the_only_one() {
        assert_eq!(found("worker:data"), (1000, 2000, vec![], "/home/worker".to_owned()));
        assert_eq!(found("4321:8765"), (4321, 8765, vec![], String::new()));
    }

    #[test]
    fn unknown_name_is_an_error_in_dockers_words() {
        let error = User::find("nobody-here", ACCOUNTS).unwrap_err();
        assert_eq!(error, "unable to find user nobody-here: no matching entries in passwd file");
        let error = User::find("worker:nothing", ACCOUNTS).unwrap_err();
        assert_eq!(error, "unable to find group nothing: no matching entries in group file");
    }
}
