//! What becomes of commands.

use super::{Plan, plan};
use std::path::Path;

fn planned(command: &str, outputs: &[&str]) -> Plan {
    let words: Vec<String> = command.split(' ').map(ToOwned::to_owned).collect();
    let outputs: Vec<String> = outputs.iter().map(|&word| word.to_owned()).collect();
    plan(&words, &outputs, Path::new("/s"))
}

fn uris(plan: &Plan) -> (Vec<String>, Vec<String>) {
    let listed = |list: &[super::Transfer]| list.iter().map(|transfer| transfer.uri.to_string()).collect();
    (listed(&plan.inputs), listed(&plan.outputs))
}

#[test]
fn options_that_name_outputs_make_outputs_and_all_else_is_input() {
    let plan = planned("alignstats -i s3://b/x/a.bam -o s3://b/y/a.txt -m s3://b/mask.bed", &[]);
    assert_eq!(plan.command.join(" "), "alignstats -i /s/in/0/a.bam -o /s/out/0/a.txt -m /s/in/1/mask.bed");
    let inputs = vec!["s3://b/x/a.bam".to_owned(), "s3://b/mask.bed".to_owned()];
    assert_eq!(uris(&plan), (inputs, vec!["s3://b/y/a.txt".to_owned()]));
}

#[test]
fn option_and_uri_can_be_one_argument() {
    let plan = planned("sort --output=s3://b/out --in=s3://b/in", &[]);
    assert_eq!(plan.command.join(" "), "sort --output=/s/out/0/out --in=/s/in/0/in");
}

#[test]
fn job_that_names_its_outputs_has_exactly_those() {
    for named in ["-m", "m", "s3://b/2", "s3://b/2/"] {
        let plan = planned("p -o s3://b/1/x -m s3://b/2/y", &[named]);
        assert_eq!(uris(&plan), (vec!["s3://b/1/x".to_owned()], vec!["s3://b/2/y".to_owned()]), "{named}");
    }
}

#[test]
fn prefix_is_a_directory_and_stays_one_in_the_command() {
    let plan = planned("p s3://b/many/ --out-dir s3://b/results/", &[]);
    assert_eq!(plan.command.join(" "), "p /s/in/0/many/ --out-dir /s/out/0/results/");
    assert!(plan.inputs[0].uri.is_prefix() && plan.outputs[0].uri.is_prefix());
}

#[test]
fn object_that_is_named_twice_is_one_file() {
    let plan = planned("cmp s3://b/a s3://b/a", &[]);
    assert_eq!((plan.command.join(" ").as_str(), plan.inputs.len()), ("cmp /s/in/0/a /s/in/0/a", 1));
}

#[test]
fn what_is_no_uri_of_an_object_stays_as_it_is() {
    for command in ["echo s3://bucket", "echo s3://", "echo a=b", "echo see:s3://b/k", "echo s3:///k"] {
        let plan = planned(command, &[]);
        assert_eq!((plan.command.join(" ").as_str(), plan.inputs.len()), (command, 0));
    }
}

#[test]
fn name_of_a_file_stays_within_its_directory() {
    let plan = planned("p s3://b/x/.. s3://b//", &[]);
    assert_eq!(plan.command.join(" "), "p /s/in/0/object /s/in/1/object/");
}
