//! A table of bad files and exactly what is said about each.

use super::parse;

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(parse(text).map(|_| "no problem").unwrap_err(), expected);
}

#[test]
fn value_that_is_not_allowed_suggests_the_nearest() {
    check(
        "\
jobDefinitions:
  - jobDefinitionName: d
    type: containr
    containerProperties: {image: host}
jobs:
  - {jobName: a, jobDefinition: d}
",
        "\
w.yaml:3:11: `containr` is not one of the values allowed here
  |
3 |     type: containr
  |           ^^^^^^^^
help: did you mean `container`?",
    );
}

#[test]
fn required_member_deep_inside_is_missed_at_its_place() {
    check(
        "\
jobDefinitions:
  - jobDefinitionName: d
    type: container
    containerProperties:
      image: host
      resourceRequirements: [{type: VCPU}]
jobs:
  - {jobName: a, jobDefinition: d}
",
        "\
w.yaml:6:30: `value` is missing
  |
6 |       resourceRequirements: [{type: VCPU}]
  |                              ^
help: add `value:` here",
    );
}

#[test]
fn misspelt_key_deep_inside_suggests_the_right_one() {
    check(
        "\
jobs:
  - jobName: a
    jobDefinition: host
    containerOverrides:
      enviroment: [{name: A, value: b}]
",
        "\
w.yaml:5:7: unknown key `enviroment`
  |
5 |       enviroment: [{name: A, value: b}]
  |       ^^^^^^^^^^
help: did you mean `environment`?",
    );
}

#[test]
fn list_where_a_number_belongs_is_named() {
    check(
        "\
jobs:
  - jobName: a
    jobDefinition: host
    arrayProperties: {size: [4]}
    tags: {a: [b]}
",
        "\
w.yaml:4:29: expected a whole number, found a list
  |
4 |     arrayProperties: {size: [4]}
  |                             ^
help: write digits alone, as in `4`",
    );
}

#[test]
fn text_where_a_truth_value_belongs_is_named() {
    check(
        "\
jobs:
  - jobName: a
    jobDefinition: host
    propagateTags: perhaps
",
        "\
w.yaml:4:20: expected true or false, found `perhaps`
  |
4 |     propagateTags: perhaps
  |                    ^^^^^^^
help: write `true` or `false`",
    );
}

#[test]
fn definition_that_nothing_has_is_named_with_the_nearest() {
    check(
        "\
jobs:
  - jobName: a
    jobDefinition: hots
",
        "\
w.yaml:3:20: no job definition is called `hots`
  |
3 |     jobDefinition: hots
  |                    ^^^^
help: did you mean `host`?",
    );
}

#[test]
fn jobs_in_a_circle_are_all_named() {
    check(
        "\
jobs:
  - {jobName: a, jobDefinition: host, dependsOn: [{job: b}]}
  - {jobName: b, jobDefinition: host, dependsOn: [{job: c}]}
  - {jobName: c, jobDefinition: host, dependsOn: [{job: a}]}
",
        "\
w.yaml:2:57: these jobs wait for each other in a circle: a → b → c → a
  |
2 |   - {jobName: a, jobDefinition: host, dependsOn: [{job: b}]}
  |                                                         ^
help: take out one of the dependencies",
    );
}

#[test]
fn dependency_on_an_unknown_job_lists_the_known_ones() {
    check(
        "\
jobs:
  - jobName: a
    jobDefinition: host
    dependsOn: [{job: b}]
",
        "\
w.yaml:4:23: no job in this file is called `b`
  |
4 |     dependsOn: [{job: b}]
  |                       ^
help: known here: `a`",
    );
}

#[test]
fn unknown_section_suggests_the_nearest() {
    check(
        "\
job: []
",
        "\
w.yaml:1:1: unknown key `job`
  |
1 | job: []
  | ^^^
help: did you mean `jobs`?",
    );
}

#[test]
fn empty_file_is_said_to_be_empty() {
    check("\n", "w.yaml:1:1: the file is empty\n  |\n1 | \n  | ^");
}

#[test]
fn file_that_is_no_map_points_to_the_help() {
    check(
        "\
- a
",
        "\
w.yaml:1:1: expected a map with `jobs:`, found a list
  |
1 | - a
  | ^
help: `longshore run --help` shows a small workload file",
    );
}

#[test]
fn section_that_is_no_list_says_how_to_write_one() {
    check(
        "\
jobs: {a: 1}
",
        "\
w.yaml:1:7: expected a list, found a map
  |
1 | jobs: {a: 1}
  |       ^
help: write the items of `jobs` below it, each after `- `",
    );
}

#[test]
fn broken_yaml_shows_where_the_parser_stopped() {
    check(
        "\
jobs:
  - jobName: [a
",
        "\
w.yaml:3:1: not YAML: while parsing a flow sequence, expected ',' or ']'
help: look here and just before for a bracket, quote or colon, or for the indentation",
    );
}

#[test]
fn workload_name_with_a_space_says_what_is_allowed() {
    check(
        "\
name: a b
jobs: []
",
        "\
w.yaml:1:7: `a b` is not a name for a workload
  |
1 | name: a b
  |       ^^^
help: use up to 128 letters, digits, hyphens and underscores",
    );
}

#[test]
fn second_job_of_a_name_points_to_the_first() {
    check(
        "\
jobs:
  - {jobName: a, jobDefinition: host}
  - {jobName: a, jobDefinition: host}
",
        "\
w.yaml:3:15: a second job called `a`
  |
3 |   - {jobName: a, jobDefinition: host}
  |               ^
help: the first is on line 2: give each its own `jobName`",
    );
}

#[test]
fn key_given_twice_points_to_the_first() {
    check(
        "\
jobs:
  - jobName: a
    jobName: b
",
        "\
w.yaml:3:5: `jobName` for the second time
  |
3 |     jobName: b
  |     ^^^^^^^
help: it is already given on line 2: keep one of them",
    );
}

#[test]
fn upload_of_a_missing_file_says_where_it_was_looked_for() {
    check(
        "\
jobs: [{jobName: a, jobDefinition: host}]
uploads: [{from: nowhere.gr, to: s3://b12/x}]
",
        "\
w.yaml:2:18: cannot read /data/nowhere.gr: No such file or directory (os error 2)
  |
2 | uploads: [{from: nowhere.gr, to: s3://b12/x}]
  |                  ^^^^^^^^^^
help: paths are relative to the workload file, in /data",
    );
}

#[test]
fn upload_to_no_s3_address_says_the_form() {
    check(
        "\
jobs: [{jobName: a, jobDefinition: host}]
uploads: [{from: nowhere.gr, to: b/x}]
",
        "\
w.yaml:2:34: `b/x` is not an S3 address
  |
2 | uploads: [{from: nowhere.gr, to: b/x}]
  |                                  ^^^
help: write it as s3://BUCKET/KEY",
    );
}

#[test]
fn bucket_name_in_capitals_says_what_is_allowed() {
    check(
        "\
jobs: [{jobName: a, jobDefinition: host}]
buckets: [Results]
",
        "\
w.yaml:2:11: `Results` is not a name for a bucket
  |
2 | buckets: [Results]
  |           ^^^^^^^
help: use 3 to 63 lower case letters, digits, dots and hyphens, a letter or digit at both ends",
    );
}

#[test]
fn environment_variable_that_is_not_set_says_how_to_keep_the_text() {
    check(
        "\
jobs: [{jobName: a, jobDefinition: host, containerOverrides: {command: ['${env.NOPE}']}}]
",
        "\
w.yaml:1:73: the environment variable `NOPE` is not set
  |
1 | jobs: [{jobName: a, jobDefinition: host, containerOverrides: {command: ['${env.NOPE}']}}]
  |                                                                         ^^^^^^^^^^^^^
help: set it, or write `$${env.NOPE}` if the job is to see the text itself",
    );
}

#[test]
fn id_of_an_unknown_job_is_refused() {
    check(
        "\
jobs: [{jobName: a, jobDefinition: host, containerOverrides: {command: ['${jobs.b.id}']}}]
",
        "\
w.yaml:1:73: no job in this file is called `b`
  |
1 | jobs: [{jobName: a, jobDefinition: host, containerOverrides: {command: ['${jobs.b.id}']}}]
  |                                                                         ^^^^^^^^^^^^^^
help: known here: `a`",
    );
}

#[test]
fn job_id_outside_of_jobs_is_refused() {
    check(
        "\
jobDefinitions:
  - {jobDefinitionName: d, type: container, containerProperties: {image: '${jobs.a.id}'}}
jobs: [{jobName: a, jobDefinition: d}]
",
        "\
w.yaml:2:74: `${jobs.a.id}` is not known in `jobDefinitions`
  |
2 |   - {jobDefinitionName: d, type: container, containerProperties: {image: '${jobs.a.id}'}}
  |                                                                          ^^^^^^^^^^^^^^
help: the id of a job can be used below `jobs:` only",
    );
}

#[test]
fn pairs_of_different_size_are_refused() {
    check(
        "\
jobs:
  - {jobName: a, jobDefinition: host, arrayProperties: {size: 4}}
  - {jobName: b, jobDefinition: host, dependsOn: [{job: a, type: N_TO_N}]}
",
        "\
w.yaml:3:57: N_TO_N needs two arrays of one size, but `b` is no array and `a` is an array of 4
  |
3 |   - {jobName: b, jobDefinition: host, dependsOn: [{job: a, type: N_TO_N}]}
  |                                                         ^
help: leave out `type` to wait for the whole job",
    );
}

#[test]
fn unknown_type_of_dependency_suggests_the_nearest() {
    check(
        "\
jobs:
  - {jobName: a, jobDefinition: host}
  - {jobName: b, jobDefinition: host, dependsOn: [{job: a, type: N_T_N}]}
",
        "\
w.yaml:3:66: `N_T_N` is not a type of dependency
  |
3 |   - {jobName: b, jobDefinition: host, dependsOn: [{job: a, type: N_T_N}]}
  |                                                                  ^^^^^
help: did you mean `N_TO_N`?",
    );
}

#[test]
fn unknown_key_of_a_dependency_suggests_job() {
    check(
        "\
jobs:
  - {jobName: a, jobDefinition: host, dependsOn: [{jobb: a}]}
",
        "\
w.yaml:2:52: unknown key `jobb`
  |
2 |   - {jobName: a, jobDefinition: host, dependsOn: [{jobb: a}]}
  |                                                    ^^^^
help: did you mean `job`?",
    );
}

#[test]
fn second_document_is_refused() {
    check(
        "\
jobs: []
---
jobs: []
",
        "\
w.yaml:2:1: a second document
  |
2 | ---
  | ^^^
help: a workload file holds one document: take out the `---`",
    );
}

#[test]
fn tab_in_the_indentation_is_refused() {
    check(
        "\
jobs:
\t- a
",
        "\
w.yaml:2:2: not YAML: tabs disallowed within this context (block indentation)
  |
2 |  - a
  |  ^
help: look here and just before for a bracket, quote or colon, or for the indentation",
    );
}

#[test]
fn misspelt_key_of_a_job_suggests_the_right_one() {
    check(
        "\
jobs:
  - jobName: a
    jobDefintion: host
",
        "\
w.yaml:3:5: unknown key `jobDefintion`
  |
3 |     jobDefintion: host
  |     ^^^^^^^^^^^^
help: did you mean `jobDefinition`?",
    );
}

#[test]
fn text_where_a_number_belongs_is_named() {
    check(
        "\
jobs:
  - jobName: a
    jobDefinition: host
    arrayProperties: {size: many}
",
        "\
w.yaml:4:29: expected a whole number, found `many`
  |
4 |     arrayProperties: {size: many}
  |                             ^^^^
help: write digits alone, as in `4`",
    );
}

#[test]
fn job_that_is_no_map_is_refused() {
    check(
        "\
jobs: [a]
",
        "\
w.yaml:1:8: expected a map, found `a`
  |
1 | jobs: [a]
  |        ^
help: write its keys below it as `key: value`, or in braces: `{key: value}`",
    );
}

#[test]
fn job_without_a_name_says_which_key_to_add() {
    check(
        "\
jobs:
  - jobDefinition: host
",
        "\
w.yaml:2:5: `jobName` is missing
  |
2 |   - jobDefinition: host
  |     ^
help: add `jobName:` here",
    );
}

#[test]
fn list_where_a_map_belongs_is_named() {
    check(
        "\
jobs:
  - jobName: a
    jobDefinition: host
    retryStrategy: {attempts: }
    tags: [x]
",
        "\
w.yaml:5:11: expected a map, found a list
  |
5 |     tags: [x]
  |           ^
help: write its keys below it as `key: value`, or in braces: `{key: value}`",
    );
}

#[test]
fn file_with_several_problems_tells_all_of_them_in_order() {
    check(
        "\
buckets: [B]
jobs:
  - {jobName: a, jobDefinition: nowhere}
",
        "\
w.yaml:1:11: `B` is not a name for a bucket
  |
1 | buckets: [B]
  |           ^
help: use 3 to 63 lower case letters, digits, dots and hyphens, a letter or digit at both ends

w.yaml:3:33: no job definition is called `nowhere`
  |
3 |   - {jobName: a, jobDefinition: nowhere}
  |                                 ^^^^^^^
help: known here: `host`",
    );
}

#[test]
fn number_beyond_the_api_is_told_at_its_place() {
    check(
        "\
jobs:
  - jobName: a
    jobDefinition: host
    schedulingPriorityOverride: 3000000000
",
        "\
w.yaml:4:33: schedulingPriorityOverride must be at most 2147483647
  |
4 |     schedulingPriorityOverride: 3000000000
  |                                 ^^^^^^^^^^",
    );
}
