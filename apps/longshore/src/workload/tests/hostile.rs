//! Hostile workload files: each is read, or what is wrong is said; YAML that would unfold without end is not unfolded.

use super::*;
use longshore_hostile::Hostile;

const INPUTS: usize = 4_000;

const EXAMPLES: &[&str] = &[
    "name: w\nvariables: {data: /tmp, n: 3}\ndefinitions:\n  - jobDefinitionName: d\n    type: container\n    containerProperties: {image: host, command: [echo, '${variables.data}']}\njobs:\n  - jobName: a\n    jobDefinition: d\n    arrayProperties: {size: 4}\n    timeout: {attemptDurationSeconds: 60}\n  - {jobName: b, jobDefinition: host, dependsOn: [{job: a, type: N_TO_N}, {type: SEQUENTIAL}]}\n",
    "jobs:\n  - &one {jobName: a, jobDefinition: host}\n  - <<: *one\n    jobName: b\n    containerOverrides:\n      command: |\n        sh\n      environment: [{name: A, value: '${jobs.a.id}'}]\n",
    "{\"jobs\": [{\"jobName\": \"a\", \"jobDefinition\": \"host\", \"tags\": {\"a\": \"b\"}}]}",
];

#[test]
fn hostile_files_are_read_or_refused() {
    for text in Hostile::new(1, EXAMPLES.iter().copied()).texts().take(INPUTS) {
        if let Err(said) = parse(&text) {
            assert!(!said.is_empty());
        }
    }
}

/// The "billion laughs", of aliases and of references.
#[test]
fn file_that_would_unfold_without_end_is_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let inner = format!("*a{}, ", level - 1).repeat(10);
        text += &format!("a{level}: &a{level} [{inner}]\n");
    }
    assert!(parse(&format!("{text}jobs: [{{jobName: a, jobDefinition: host, tags: *a29}}]\n")).is_err());
}
