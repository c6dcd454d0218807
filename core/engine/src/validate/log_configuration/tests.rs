//! Log drivers, their options and secrets.

use super::{awslogs_option, log_configuration};
use crate::validate::Platform::{Ec2, Fargate};
use crate::validate::check_refused;
use serde_json::json;

#[test]
fn log_4_log_5_sec_1_refusals_have_aws_texts() {
    let option = json!({ "logConfiguration": { "logDriver": "awslogs", "options": { "mode": "x" } } });
    check_refused(log_configuration(&option, Ec2), "Log driver awslogs disallows options: mode");
    let gelf = json!({ "logConfiguration": { "logDriver": "gelf", "options": { "mode": "x" } } });
    assert_eq!(log_configuration(&gelf, Ec2), Ok(()));
    check_refused(log_configuration(&gelf, Fargate), "Log driver for Fargate is not valid: gelf");
    let secret = json!({ "secrets": [{ "name": "A", "valueFrom": "arn" }] });
    let text = "executionRoleArn cannot be empty when using secrets or secretOptions";
    check_refused(log_configuration(&secret, Ec2), text);
}

#[test]
fn log_1_options_are_read_of_the_awslogs_driver_only() {
    let options = json!({ "awslogs-group": "/mine", "awslogs-stream-prefix": "" });
    let container = json!({ "logConfiguration": { "logDriver": "awslogs", "options": options } });
    assert_eq!(awslogs_option(&container, "awslogs-group").as_deref(), Some("/mine"));
    assert_eq!(awslogs_option(&container, "awslogs-stream-prefix"), None);
    let other = json!({ "logConfiguration": { "logDriver": "gelf", "options": options } });
    assert_eq!(awslogs_option(&other, "awslogs-group"), None);
}
