//! How flags, configuration file and defaults combine.

use clap::Parser;

use super::*;

#[derive(Debug, Parser)]
struct Only {
    #[command(flatten)]
    args: Args,
}

fn options(arguments: &[&str], file: &str) -> ServeOptions {
    let args = Only::parse_from([&["serve"], arguments].concat()).args;
    with_defaults(args, toml::from_str(file).unwrap())
}

#[test]
fn nothing_given_listens_on_loopback_and_allows_host() {
    let options = options(&[], "");
    assert_eq!((options.listen.to_string().as_str(), options.port), ("127.0.0.1", 4566));
    assert!(options.allow_host_runtime);
    assert!(!options.aws_limits && !options.private);
    assert_eq!((options.vcpus, options.memory_mib), (None, None));
}

#[test]
fn flag_against_file_wins_and_file_fills_the_rest() {
    let options = options(&["--port", "0"], "port = 1\nvcpus = 2\naws-limits = true");
    assert_eq!((options.port, options.vcpus, options.aws_limits), (0, Some(2), true));
}

#[test]
fn open_address_forbids_host_unless_asked() {
    assert!(!options(&["--listen", "0.0.0.0"], "").allow_host_runtime);
    assert!(options(&["--listen", "0.0.0.0", "--allow-host-runtime"], "").allow_host_runtime);
    assert!(!options(&["--allow-host-runtime=false"], "").allow_host_runtime);
}

#[test]
fn unknown_key_in_file_is_named_with_its_line() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("longshore.toml");
    std::fs::write(&path, "port = 1\nprot = 2\n").unwrap();
    let error = format!("{:#}", read_config(&path).unwrap_err());
    assert!(error.contains("line 2") && error.contains("unknown field `prot`"), "{error}");
}

#[test]
fn account_of_eleven_digits_is_refused() {
    assert!(Only::try_parse_from(["serve", "--account", "12345678901"]).is_err());
    assert!(toml::from_str::<Settings>("account = \"1\"").is_err());
}
