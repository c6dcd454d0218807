//! Names that are missing, reserved or cannot be passed are refused.

use super::environment;
use crate::entity::EnvironmentVariable;
use crate::validate::check_refused;

fn variable(name: &str, value: &str) -> Vec<EnvironmentVariable> {
    vec![EnvironmentVariable { name: name.into(), value: Some(value.into()) }]
}

#[test]
fn sub_13_names_that_cannot_be_set_are_refused() {
    assert_eq!(environment(&variable("AWS_REGION", "")), Ok(()));
    let reserved = "Environment variable name AWS_BATCH_X is not valid. Names starting with AWS_BATCH are reserved.";
    let equals = "Environment variable name \"a=b\" is not valid. It cannot contain = or NUL.";
    check_refused(environment(&variable("", "x")), "Environment variable name is required.");
    check_refused(environment(&variable("AWS_BATCH_X", "x")), reserved);
    check_refused(environment(&variable("a=b", "x")), equals);
    let value = "Value of environment variable A is not valid. It cannot contain NUL.";
    check_refused(environment(&variable("A", "x\0")), value);
}
