//! Devices, temporary file systems and swap.

use super::linux_parameters;
use crate::validate::check_refused;
use serde_json::json;

#[test]
fn cpu_4_cpu_5_refusals_have_aws_texts() {
    assert_eq!(linux_parameters(&json!({ "maxSwap": 64, "swappiness": 60, "tmpfs": [{ "size": 1 }] })), Ok(()));
    assert_eq!(linux_parameters(&json!({ "maxSwap": 0 })), Ok(()));
    let size = "Size of a tmpfs is invalid. The size is required and must be a positive integer.";
    for (parameters, text) in [
        (
            json!({ "devices": [{ "hostPath": "/dev/a", "permissions": ["READ", "EAT"] }] }),
            "Invalid permission: EAT for device /dev/a",
        ),
        (json!({ "tmpfs": [{ "containerPath": "/t" }] }), size),
        (json!({ "tmpfs": [{ "containerPath": "/t", "size": 0 }] }), size),
        (json!({ "maxSwap": 1, "swappiness": 101 }), "Invalid swappiness: 101, must be between 0 and 100."),
        (json!({ "maxSwap": -1 }), "Invalid swap memory size: -1, must be non-negative."),
        (json!({ "maxSwap": 1 }), "When container specified swap memory, swappiness value is required."),
    ] {
        check_refused(linux_parameters(&parameters), text);
    }
}
