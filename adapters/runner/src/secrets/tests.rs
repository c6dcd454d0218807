//! How secrets are named and found.

use super::*;
use serde_json::json;

fn value(file: &Value, asked: &str) -> Result<String, String> {
    let path = tempfile::NamedTempFile::new().unwrap();
    fs::write(path.path(), file.to_string()).unwrap();
    let secrets = Secrets { file: Some(path.path().to_owned()) };
    secrets.value(asked).map_err(|error| error.to_string())
}

const SECRET: &str = "arn:aws:secretsmanager:us-east-1:000000000000:secret:db/main-AbCdEf";

#[test]
fn secret_is_found_by_its_arn_and_by_its_name() {
    for name in [SECRET, "db/main-AbCdEf", "db/main"] {
        assert_eq!(value(&json!({ name: "pw" }), SECRET), Ok("pw".into()), "{name}");
    }
    assert_eq!(value(&json!({ "db/main": { "a": 1 } }), SECRET), Ok(r#"{"a":1}"#.into()));
}

#[test]
fn member_of_a_secret_is_chosen_by_its_key() {
    let asked = format!("{SECRET}:password::");
    assert_eq!(value(&json!({ "db/main": { "password": "pw" } }), &asked), Ok("pw".into()));
    assert_eq!(value(&json!({ "db/main": r#"{"password":"pw"}"# }), &asked), Ok("pw".into()));
    let refusal = value(&json!({ "db/main": {} }), &asked).unwrap_err();
    assert_eq!(refusal, r#"secret "db/main" has no member "password""#);
}

#[test]
fn parameter_is_found_with_and_without_its_slash() {
    let arn = "arn:aws:ssm:us-east-1:000000000000:parameter/team/key";
    for name in [arn, "/team/key", "team/key"] {
        assert_eq!(value(&json!({ name: "v" }), arn), Ok("v".into()), "{name}");
    }
    assert_eq!(value(&json!({ "plain": "v" }), "plain"), Ok("v".into()));
}

#[test]
fn secret_that_is_not_there_says_where_to_put_it() {
    let refusal = value(&json!({}), "no/such-thing").unwrap_err();
    assert!(refusal.contains("LONGSHORE_SECRET_NO_SUCH_THING"), "{refusal}");
    let broken = Secrets { file: Some("/no/such/file".into()) }.value("x").unwrap_err().to_string();
    assert!(broken.starts_with("the file of secrets /no/such/file cannot be read: No such file"), "{broken}");
}
