//! Demands are read from requirements in exact thousandths.

use super::{Container, ResourceKind, ResourceRequirement, parse_milli};
use longshore_types::Resources;

#[test]
fn vcpu_counts_parse_to_thousandths_or_not_at_all() {
    for (text, milli) in [("1", 1_000), ("0.25", 250), ("16", 16_000), ("0.125", 125), ("2.0", 2_000)] {
        assert_eq!(parse_milli(text), Some(milli), "{text}");
    }
    for text in ["", ".5", "1.", "-1", "1e3", "0.1234", "one", "99999999999999999999"] {
        assert_eq!(parse_milli(text), None, "{text}");
    }
}

#[test]
fn requirements_win_over_deprecated_members() {
    let container = Container {
        vcpus: Some(8),
        memory: Some(100),
        resource_requirements: vec![ResourceRequirement { kind: ResourceKind::Vcpu, value: "0.5".into() }],
        ..Container::default()
    };
    assert_eq!(container.demand(), Resources { vcpu_milli: 500, memory_mib: 100, gpus: 0 });
}
