//! Hostile specifications of devices, in JSON and YAML: they offer GPUs or are passed over.

use crate::{cdi, yaml};
use longshore_hostile::Hostile;
use std::fs;
use tempfile::TempDir;

const TEXTS: usize = 4_000;
const FILES: usize = 1_000;

const EXAMPLES: &[&str] = &[
    r#"{"cdiVersion":"0.6.0","kind":"nvidia.com/gpu","devices":[{"name":"0","containerEdits":{"deviceNodes":[{"path":"/dev/null","hostPath":"/dev/zero","permissions":"rw"}],"env":["A=b"],"mounts":[{"hostPath":"/tmp","containerPath":"/t","options":["ro","bind"]}],"hooks":[{"hookName":"createContainer","path":"/bin/true","args":["true"],"timeout":1}]}}],"containerEdits":{"env":["C=d"]}}"#,
    "cdiVersion: 0.5.0\nkind: amd.com/gpu\ndevices:\n- name: \"1\"\n  containerEdits:\n    deviceNodes:\n    - path: /dev/null\n      type: c\n      major: 1\n- name: all\n",
];

#[test]
fn hostile_yaml_is_read_or_refused() {
    for text in Hostile::new(1, EXAMPLES.iter().copied()).texts().take(TEXTS) {
        let _read_or_refused = yaml::parse(&text);
    }
}

#[test]
fn hostile_specifications_offer_what_they_name_or_nothing() {
    let directory = TempDir::new().unwrap();
    let directories = [directory.path().to_owned()];
    let mut offering = 0;
    for (number, input) in Hostile::new(2, EXAMPLES.iter().copied()).take(FILES).enumerate() {
        let path = directory.path().join(["a.json", "a.yaml"][number % 2]);
        fs::write(&path, input).unwrap();
        offering += usize::from(!cdi::gpus(&directories).is_empty());
        fs::remove_file(&path).unwrap();
    }
    assert!(offering > FILES / 50, "only {offering} offered anything");
}
