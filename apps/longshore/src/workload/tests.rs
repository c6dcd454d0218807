//! The format as a user meets it: what a good file means, and what exactly is said about each kind of bad one.

mod bad_files;
mod hostile;

use serde_json::json;

use super::*;

pub(super) fn parse(text: &str) -> Result<Workload, String> {
    parse_with(text, &Context::default())
}

fn parse_with(text: &str, context: &Context) -> Result<Workload, String> {
    let source = Source { name: "w.yaml".to_owned(), text: text.to_owned() };
    Workload::parse(source, Path::new("/data"), "w", context).map_err(|problems| problems.to_string())
}

#[test]
fn smallest_file_runs_host_on_the_default_queue() {
    let workload = parse("jobs:\n  - jobName: a\n    jobDefinition: host\n").unwrap();
    assert_eq!(workload.name, "w");
    assert_eq!(workload.jobs.len(), 1);
    assert_eq!(workload.jobs[0].request["jobQueue"], "default");
}

#[test]
fn jobs_in_any_order_are_submitted_after_what_they_need() {
    let workload = parse(
        "jobs:
  - {jobName: sum, jobDefinition: host, dependsOn: [{job: paths}, {job: prepare}]}
  - {jobName: report, jobDefinition: host, containerOverrides: {command: [report, '${jobs.sum.id}']}}
  - {jobName: paths, jobDefinition: host, dependsOn: [{job: prepare}]}
  - {jobName: prepare, jobDefinition: host}
",
    )
    .unwrap();
    let names: Vec<&str> = workload.jobs.iter().map(|job| job.name.as_str()).collect();
    assert_eq!(names, ["prepare", "paths", "sum", "report"]);
}

#[test]
fn dependencies_by_name_and_by_id_are_kept_apart() {
    let workload = parse(
        "jobs:
  - {jobName: a, jobDefinition: host, arrayProperties: {size: 4}}
  - jobName: b
    jobDefinition: host
    arrayProperties: {size: 4}
    dependsOn: [{job: a, type: N_TO_N}, {type: SEQUENTIAL}, {jobId: 6a9f}]
",
    )
    .unwrap();
    let b = &workload.jobs[1];
    assert_eq!(b.depends_on, [Dependency { job: "a".to_owned(), kind: Some("N_TO_N".to_owned()) }]);
    assert_eq!(b.request["dependsOn"], json!([{ "type": "SEQUENTIAL" }, { "jobId": "6a9f" }]));
}

#[test]
fn parameters_of_the_file_are_defaults_of_each_job() {
    let workload = parse(
        "parameters: {network: five, rounds: 3}
jobs:
  - {jobName: a, jobDefinition: host}
  - {jobName: b, jobDefinition: host, parameters: {network: ten}}
",
    )
    .unwrap();
    assert_eq!(workload.jobs[0].request["parameters"], json!({ "network": "five", "rounds": "3" }));
    assert_eq!(workload.jobs[1].request["parameters"], json!({ "network": "ten", "rounds": "3" }));
}

#[test]
fn expansions_reach_every_text_and_leave_the_shell_its_own() {
    let env = [("WHO".to_owned(), "world".to_owned())].into();
    let workload = parse_with(
        "jobs:
  - jobName: a
    jobDefinition: host
    containerOverrides:
      command: [sh, -c, 'cd ${workload.dir}; echo ${env.WHO} ${HOME} ${X:-${env.WHO}} $${env.WHO} $$ ${'] 
",
        &Context { env, server_exists: false },
    )
    .unwrap();
    let script = &workload.jobs[0].request["containerOverrides"]["command"][2];
    assert_eq!(script, "cd /data; echo world ${HOME} ${X:-world} ${env.WHO} $$ ${");
}

#[test]
fn job_ids_are_filled_in_when_they_are_known() {
    let mut request = json!({ "command": ["${jobs.a.id}:0", "$${jobs.a.id}", "${HOME}", 7] });
    fill_job_ids(&mut request, &[("a".to_owned(), "6a9f".to_owned())].into());
    assert_eq!(request, json!({ "command": ["6a9f:0", "${jobs.a.id}", "${HOME}", 7] }));
}

#[test]
fn definition_unknown_to_the_file_may_be_on_a_server_that_exists() {
    let text = "jobs: [{jobName: a, jobDefinition: elsewhere, jobQueue: big}]";
    let context = Context { server_exists: true, ..Context::default() };
    assert!(parse_with(text, &context).is_ok());
    assert!(parse(text).is_err());
}

#[test]
fn definition_with_revision_or_arn_is_found_by_name() {
    let text = "jobDefinitions:
  - {jobDefinitionName: paths, type: container, containerProperties: {image: host}}
jobs:
  - {jobName: a, jobDefinition: 'paths:1'}
  - {jobName: b, jobDefinition: 'arn:aws:batch:us-east-1:000000000000:job-definition/paths:1'}
";
    assert_eq!(parse(text).map(|workload| workload.job_definitions.len()), Ok(1));
}

#[test]
fn number_where_the_api_wants_text_is_taken_as_written() {
    let workload = parse(
        "jobs:
  - jobName: a
    jobDefinition: host
    containerOverrides: {resourceRequirements: [{type: MEMORY, value: 0512}]}
",
    )
    .unwrap();
    let value = &workload.jobs[0].request["containerOverrides"]["resourceRequirements"][0]["value"];
    assert_eq!(value, "0512");
}

#[test]
fn anchor_is_repeated_where_it_is_named() {
    let workload = parse(
        "jobs:
  - {jobName: a, jobDefinition: host, containerOverrides: &same {command: [date]}}
  - {jobName: b, jobDefinition: host, containerOverrides: *same}
",
    )
    .unwrap();
    assert_eq!(workload.jobs[1].request["containerOverrides"], json!({ "command": ["date"] }));
}

#[test]
fn upload_brings_its_bucket_and_paths_are_relative_to_the_file() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("in.gr"), "").unwrap();
    let text = "buckets: [results]
uploads: [{from: in.gr, to: s3://inputs/network.gr}]
downloads: [{from: s3://results/, to: ./out}]
jobs: [{jobName: a, jobDefinition: host}]";
    let path = dir.path().join("my workload.yaml");
    std::fs::write(&path, text).unwrap();
    let workload = Workload::load(&path, &Context::default()).unwrap();
    assert_eq!(workload.name, "my-workload");
    assert_eq!(workload.buckets, ["results", "inputs"]);
    assert_eq!(workload.uploads[0].from, dir.path().join("in.gr"));
    assert_eq!(workload.downloads[0].to, dir.path().join("out"));
}

#[test]
fn chain_of_very_many_jobs_is_arranged() {
    let mut text = "jobs:\n".to_owned();
    for job in (0..5_000).rev() {
        let after = if job == 0 { String::new() } else { format!(", dependsOn: [{{job: j{}}}]", job - 1) };
        text.push_str(&format!("  - {{jobName: j{job}, jobDefinition: host{after}}}\n"));
    }
    let workload = parse(&text).unwrap();
    assert_eq!(workload.jobs[0].name, "j0");
    assert_eq!(workload.jobs[4_999].name, "j4999");
}

#[test]
fn examples_are_good_files() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/workloads");
    // In a copy that has what `cargo xtask demo` generates, as uploads must exist.
    let dir = tempfile::tempdir().unwrap();
    let copies = dir.path().join("examples/workloads");
    std::fs::create_dir_all(&copies).unwrap();
    std::fs::create_dir_all(dir.path().join("target/demo")).unwrap();
    std::fs::write(dir.path().join("target/demo/road.gr"), "").unwrap();
    let mut number = 0;
    for entry in std::fs::read_dir(&examples).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            continue;
        }
        let path = copies.join(entry.file_name());
        std::fs::copy(entry.path(), &path).unwrap();
        let workload = Workload::load(&path, &Context::default()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(path.file_stem().unwrap(), workload.name.as_str(), "an example is called as its file is");
        assert!(!workload.jobs.is_empty(), "{path:?}");
        number += 1;
    }
    assert!(number >= 7, "{number} examples");
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused_with_a_place(text in "([a-z&*|>'\"{}\\[\\],:$#!é\t-]|\n  |\n- |: |jobs:|jobName: a|\\$\\{jobs\\.a\\.id\\}){0,40}") {
        if let Err(problems) = parse(&text) {
            proptest::prop_assert!(problems.starts_with("w.yaml:"), "{problems}");
        }
    }
}
