//! What a container is told to be.

use super::*;
use longshore_protocol::Runtime;
use longshore_types::AttemptId;

fn image() -> ImageConfig {
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    ImageConfig {
        entrypoint: texts(&["/entry"]),
        cmd: texts(&["default"]),
        env: texts(&["A=image", "B=image"]),
        ..ImageConfig::default()
    }
}

fn container(command: &[&str], environment: &[(&str, &str)]) -> StartContainer {
    StartContainer {
        command: command.iter().map(|&word| word.into()).collect(),
        environment: environment.iter().map(|&(name, value)| (name.into(), value.into())).collect(),
        ..StartContainer::only(AttemptId::from_random(1), Runtime::Oci, "image")
    }
}

#[test]
fn command_replaces_the_images_own_but_not_its_entry_point() {
    let image = image();
    let own = (image.entrypoint.as_slice(), image.cmd.as_slice());
    assert_eq!(arguments(own, &container(&["given", "x"], &[])), ["/entry", "given", "x"]);
    assert_eq!(arguments(own, &container(&[], &[])), ["/entry", "default"]);
}

#[test]
fn variable_of_the_job_wins_over_the_images() {
    let variables = environment(&image(), &container(&[], &[("B", "job"), ("C", "job")]), Some("/root"));
    assert_eq!(variables, ["A=image", "B=job", "C=job", "HOME=/root", &format!("PATH={DEFAULT_PATH}")]);
}

#[test]
fn only_root_holds_capabilities_and_nobody_gains_any() {
    let spec = |uid| Spec {
        root: Path::new("/root"),
        arguments: vec!["x".into()],
        environment: Vec::new(),
        directory: "/".into(),
        user: User { uid, ..User::default() },
        group: None,
        extras: Extras::default(),
    };
    let (root, other) = (spec(0).document(), spec(1000).document());
    assert_eq!(root["process"]["capabilities"]["effective"], root["process"]["capabilities"]["bounding"]);
    assert_eq!(other["process"]["capabilities"]["effective"], json!([]));
    for document in [root, other] {
        assert_eq!(document["process"]["noNewPrivileges"], json!(true));
        assert_eq!(document["linux"]["maskedPaths"], json!(MASKED));
        assert_eq!(document["linux"]["seccomp"]["defaultAction"], json!("SCMP_ACT_ERRNO"));
    }
}
