//! Structures against the model, violations by rule.

use crate::generated::tests::round_trip;
use crate::types::{
    CreateComputeEnvironmentRequest, EksContainerLinuxCapabilities, RetryAction, ServiceJobRetryAction,
    SubmitJobRequest, UpdateConsumableResourceRequest, UpdatePolicy,
};
use crate::{Operation, Rule, Validate, Violation};
use serde_json::{Map, Value, json};

fn model() -> Value {
    serde_json::from_str(include_str!("../../../../model/batch.json")).unwrap()
}

/// A document of the shape with every member set.
fn full(model: &Value, name: &str) -> Value {
    let shape = &model["shapes"][name];
    match shape["type"].as_str().unwrap() {
        "structure" => {
            let members = shape["members"].as_object().cloned().unwrap_or_default();
            let member =
                |(name, member): (&String, &Value)| (name.clone(), full(model, member["shape"].as_str().unwrap()));
            Value::Object(members.iter().map(member).collect())
        }
        "list" => json!([full(model, shape["member"].as_str().unwrap())]),
        "map" => json!({"key": full(model, shape["value"].as_str().unwrap())}),
        "boolean" => json!(true),
        "integer" | "long" => json!(i64::from(i32::MAX)),
        "double" | "float" => json!(0.25),
        _ => json!("text"),
    }
}

#[test]
fn every_structure_of_the_model_reads_and_writes_every_member() {
    let model = model();
    let shapes = model["shapes"].as_object().unwrap();
    let structures = shapes.iter().filter(|(_, shape)| shape["type"] == "structure" && shape["error_status"].is_null());
    let mut count = 0;
    for (name, _) in structures {
        let document = full(&model, name);
        assert_eq!(round_trip(name, &document), Some(document), "{name}");
        let empty = Value::Object(Map::new());
        assert_eq!(round_trip(name, &empty), Some(empty), "{name}");
        count += 1;
    }
    assert_eq!((count, Operation::ALL.len()), (246, 48));
}

#[test]
fn wire_6_wire_8_null_is_absent_and_unknown_members_are_ignored() {
    let request: SubmitJobRequest =
        serde_json::from_value(json!({"jobName": "j", "tags": null, "novelty": {"a": 1}})).unwrap();
    assert_eq!(request, SubmitJobRequest { job_name: Some("j".into()), ..SubmitJobRequest::default() });
}

#[test]
fn list_in_place_of_a_structure_is_refused() {
    let read = |text: &str| serde_json::from_str::<SubmitJobRequest>(text).map_err(|error| error.to_string());
    let expected = "invalid type: sequence, expected an object of the form ArrayProperties at line 1 column 20";
    assert_eq!(read(r#"{"arrayProperties":[5]}"#), Err(expected.into()));
    assert!(read(r#"{"dependsOn":[["id","N_TO_N"]]}"#).is_err());
}

#[test]
fn member_given_twice_is_refused() {
    let read = serde_json::from_str::<SubmitJobRequest>(r#"{"jobName":"a","jobName":"b"}"#);
    assert!(read.unwrap_err().to_string().starts_with("duplicate field `jobName`"));
}

fn violation(request: Value) -> Violation {
    serde_json::from_value::<SubmitJobRequest>(request).unwrap().validate().unwrap_err()
}

fn with(name: &str, value: Value) -> Value {
    let mut request = json!({"jobName": "j", "jobQueue": "q", "jobDefinition": "d"});
    request[name] = value;
    request
}

#[test]
fn missing_member_is_named_with_its_path() {
    let expected = |path: &str| Violation { path: path.into(), rule: Rule::Missing };
    assert_eq!(violation(json!({"jobName": "j", "jobQueue": "q"})), expected("jobDefinition"));
    let overrides = json!({"resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY"}]});
    let path = "containerOverrides.resourceRequirements[1].value";
    assert_eq!(violation(with("containerOverrides", overrides)), expected(path));
}

#[test]
fn value_that_is_none_of_an_enumeration_is_refused_with_what_is_allowed() {
    let found = violation(with("dependsOn", json!([{"jobId": "x", "type": "N_TO_1"}])));
    let text = "dependsOn[0].type N_TO_1 is not valid. Valid values are: [N_TO_N, SEQUENTIAL]";
    assert_eq!(found.to_string(), text);
}

#[test]
fn wire_9_retry_action_is_taken_in_any_case() {
    let retry = |action: &str| json!({"attempts": 1, "evaluateOnExit": [{"onExitCode": "1", "action": action}]});
    let check =
        |action| serde_json::from_value::<SubmitJobRequest>(with("retryStrategy", retry(action))).unwrap().validate();
    assert_eq!(check("retry"), Ok(()));
    assert_eq!(check("Exit"), Ok(()));
    let refused = check("stop").unwrap_err().to_string();
    assert!(refused.ends_with("action stop is not valid. Valid values are: [RETRY, EXIT]"), "{refused}");
    assert_eq!("exit".parse(), Ok(RetryAction::Exit));
    assert_eq!("exit".parse::<ServiceJobRetryAction>(), Err(()));
}

#[test]
fn integers_of_the_model_have_32_bits() {
    let wide = violation(with("arrayProperties", json!({"size": 1i64 << 40})));
    assert_eq!(wide.rule, Rule::TooLarge { max: i64::from(i32::MAX) });
}

#[test]
fn text_too_short_or_too_long_is_refused_by_its_characters() {
    let check = |token: &str| {
        let request = json!({"consumableResource": "c", "clientToken": token});
        serde_json::from_value::<UpdateConsumableResourceRequest>(request).unwrap().validate()
    };
    let broken = |rule| Err(Violation { path: "clientToken".into(), rule });
    assert_eq!(check(""), broken(Rule::TooShort { min: 1 }));
    assert_eq!(check("a"), Ok(()));
    assert_eq!(check(&"\u{e4}".repeat(64)), Ok(()));
    assert_eq!(check(&"a".repeat(65)), broken(Rule::TooLong { max: 64 }));
}

#[test]
fn number_out_of_its_range_is_refused() {
    let check = |minutes: i64| {
        UpdatePolicy { job_execution_timeout_minutes: Some(minutes), ..UpdatePolicy::default() }.validate()
    };
    let broken = |rule| Err(Violation { path: "jobExecutionTimeoutMinutes".into(), rule });
    assert_eq!(check(0), broken(Rule::TooSmall { min: 1 }));
    assert_eq!((check(1), check(7_200)), (Ok(()), Ok(())));
    assert_eq!(check(7_201), broken(Rule::TooLarge { max: 7_200 }));
}

#[test]
fn list_too_long_is_refused_and_its_elements_are_checked() {
    let check = |add: Vec<String>| {
        let capabilities = EksContainerLinuxCapabilities { add: Some(add), drop: None };
        capabilities.validate().map_err(|violation| violation.to_string())
    };
    assert_eq!(check(vec!["a".into(); 64]), Ok(()));
    assert_eq!(check(vec!["a".into(); 65]), Err("add must have a length of at most 64.".into()));
    assert_eq!(check(vec!["a".into(), String::new()]), Err("add[1] must have a length of at least 1.".into()));
}

#[test]
fn odd_names_keep_their_spelling_on_the_wire() {
    let text = json!({"type": "MANAGED", "unmanagedvCpus": 3});
    let request: CreateComputeEnvironmentRequest = serde_json::from_value(text.clone()).unwrap();
    assert_eq!((request.kind.as_deref(), request.unmanaged_vcpus), (Some("MANAGED"), Some(3)));
    assert_eq!(serde_json::to_value(request).unwrap(), text);
}
