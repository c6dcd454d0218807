//! The command line as a whole: its definitions and its exit codes.

use clap::CommandFactory;

use super::*;

#[test]
fn definitions_of_all_arguments_are_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn every_verb_shows_an_example_or_needs_none() {
    let without: Vec<String> = Cli::command()
        .get_subcommands()
        .filter(|verb| !verb.is_hide_set())
        .filter(|verb| verb.get_after_help().is_none_or(|help| !help.to_string().contains("xample")))
        .map(|verb| verb.get_name().to_owned())
        .collect();
    assert_eq!(without, ["agent", "version"]);
}

#[test]
fn errors_map_to_their_documented_exit_codes() {
    let unreachable = crate::client::Error::Unreachable { endpoint: "e".into(), cause: "c".into() };
    let refused = crate::client::Error::Refused { operation: "o".into(), code: "c".into(), message: "m".into() };
    assert_eq!(exit_of(&unreachable.into()), Exit::Unreachable);
    assert_eq!(exit_of(&refused.into()), Exit::Failure);
    assert_eq!(exit_of(&UsageError("u".into()).into()), Exit::Usage);
    assert_eq!(exit_of(&anyhow::Error::from(UsageError("u".into())).context("more")), Exit::Usage);
}
