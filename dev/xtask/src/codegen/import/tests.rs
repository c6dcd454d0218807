//! What an import keeps, and what it leaves out.

use super::derive;
use serde_json::{Value, json};

/// A service with the operations of these names; each takes a `Request`.
fn description(operations: &[&str]) -> Value {
    let operation = |name: &&str| {
        let http = json!({"method": "POST", "requestUri": "/"});
        let value = json!({"http": http, "input": {"shape": "Request"}, "documentation": "<p>Prose.</p>"});
        ((*name).to_owned(), value)
    };
    json!({
        "metadata": {"targetPrefix": "T"},
        "operations": operations.iter().map(operation).collect::<serde_json::Map<_, _>>(),
        "shapes": {
            "Request": {
                "type": "structure",
                "required": ["name", "limit"],
                "members": {
                    "name": {"shape": "Name", "documentation": "<p>Prose.</p>"},
                    "limit": {"shape": "Limit", "deprecated": true, "deprecatedMessage": "Prose."},
                },
                "documentation": "<p>Prose.</p>",
            },
            "Name": {"type": "string", "min": 1},
            "Limit": {"type": "integer", "max": 50},
            "Refusal": {"type": "structure", "members": {}, "exception": true},
            "Unused": {"type": "string"},
        },
    })
}

fn import(service: &str, operations: &[&str]) -> Value {
    serde_json::to_value(derive(service, &description(operations))).unwrap()
}

#[test]
fn facts_are_kept_and_prose_is_not() {
    let model = import("batch", &["SubmitJob"]);
    let request = json!({
        "type": "structure",
        "required": ["limit", "name"],
        "members": {"name": {"shape": "Name"}, "limit": {"shape": "Limit", "deprecated": true}},
    });
    assert_eq!(model["shapes"]["Request"], request);
    assert_eq!(model["shapes"]["Name"], json!({"type": "string", "min": 1}));
    assert_eq!(model["shapes"]["Refusal"], json!({"type": "structure", "error_status": 400}));
    assert!(model["shapes"]["Unused"].is_null());
    assert!(!model.to_string().contains("Prose"));
}

#[test]
fn logs_is_imported_in_part() {
    let model = import("logs", &["GetLogEvents", "StartQuery"]);
    let operations: Vec<&String> = model["operations"].as_object().unwrap().keys().collect();
    assert_eq!(operations, ["GetLogEvents"]);
}

#[test]
fn order_of_the_description_does_not_matter() {
    let mut turned = description(&["SubmitJob"]);
    turned["shapes"]["Request"]["required"] = json!(["limit", "name"]);
    assert_eq!(serde_json::to_value(derive("batch", &turned)).unwrap(), import("batch", &["SubmitJob"]));
}
