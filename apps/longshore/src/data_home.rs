//! Where data lives unless the user says otherwise. It creates nothing.

use std::path::PathBuf;

/// `$XDG_DATA_HOME/longshore`, else `~/.local/share/longshore`; without a home, below the temporary directory.
pub(crate) fn data_home() -> PathBuf {
    below("XDG_DATA_HOME", ".local/share")
}

/// `$XDG_CONFIG_HOME/longshore`, else `~/.config/longshore`.
pub(crate) fn config_home() -> PathBuf {
    below("XDG_CONFIG_HOME", ".config")
}

fn below(variable: &str, under_home: &str) -> PathBuf {
    let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = set(variable).or_else(|| set("HOME").map(|home| home.join(under_home)));
    base.unwrap_or_else(std::env::temp_dir).join("longshore")
}
