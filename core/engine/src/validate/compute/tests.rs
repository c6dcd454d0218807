//! Environments as they are created and changed.

use super::{PROVIDER_TAG, created_environment, update_policy, updated_resources};
use crate::Error;
use crate::command::{ComputeResourcesInput, CreateComputeEnvironment};
use crate::entity::{ComputeEnvironment, ResourceState, ResourceStatus};
use crate::validate::check_refused;
use longshore_types::{Document, Timestamp};
use serde_json::{Value, json};

fn document(members: Value) -> Document {
    let Value::Object(members) = members else { panic!("an object") };
    Document(members)
}

/// The members of a valid EC2 environment with these on top; null takes one away.
fn ec2(kind: &str, members: Value) -> CreateComputeEnvironment {
    let mut all = document(json!({ "instanceTypes": ["m5"], "securityGroupIds": ["sg"], "instanceRole": "role" }));
    all.0.extend(document(members).0);
    all.0.retain(|_, value| !value.is_null());
    let compute = ComputeResourcesInput {
        kind: Some(kind.into()),
        min_vcpus: Some(0),
        max_vcpus: Some(16),
        desired_vcpus: None,
        document: all,
    };
    CreateComputeEnvironment { kind: "MANAGED".into(), compute: Some(compute), ..CreateComputeEnvironment::default() }
}

fn sized(min: Option<i64>, max: i64, desired: Option<i64>) -> CreateComputeEnvironment {
    let mut command = ec2("EC2", json!({}));
    let compute = command.compute.as_mut().unwrap();
    (compute.min_vcpus, compute.max_vcpus, compute.desired_vcpus) = (min, Some(max), desired);
    command
}

fn fargate(members: Value) -> CreateComputeEnvironment {
    let mut command = sized(None, 4, None);
    let compute = command.compute.as_mut().unwrap();
    compute.kind = Some("FARGATE".into());
    compute.document = document(members);
    command
}

#[test]
fn ce_10_desired_defaults_to_the_minimum() {
    let resources = created_environment(&sized(Some(2), 16, None)).unwrap().unwrap();
    assert_eq!((resources.min_vcpus, resources.desired_vcpus), (Some(2), Some(2)));
    let resources = created_environment(&fargate(json!({ "securityGroupIds": ["sg"] }))).unwrap().unwrap();
    assert_eq!((resources.min_vcpus, resources.desired_vcpus), (None, None));
}

#[test]
fn environment_with_a_provider_needs_nothing_of_ec2() {
    let mut command = ec2("EC2", json!({ "instanceTypes": null, "securityGroupIds": null, "instanceRole": null }));
    check_refused(created_environment(&command), "Resource instanceTypes are required.");
    command.tags.insert(PROVIDER_TAG.into(), "local".into());
    assert!(created_environment(&command).is_ok());
}

#[test]
fn ce_1_refusals_have_aws_texts() {
    let unmanaged = |role: Option<&str>| CreateComputeEnvironment {
        kind: "UNMANAGED".into(),
        service_role: role.map(Into::into),
        ..CreateComputeEnvironment::default()
    };
    let disabled = CreateComputeEnvironment { state: Some("DISABLED".into()), ..unmanaged(Some("r")) };
    let sized = CreateComputeEnvironment { unmanaged_vcpus: Some(1), ..ec2("EC2", json!({})) };
    let linked = "arn:aws:iam::1:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch";
    for (command, text) in [
        (disabled, "Compute Environment must be created in ENABLED state."),
        (unmanaged(None), "ServiceRole is required."),
        (unmanaged(Some(linked)), "Service Linked Role cannot be used with UNMANAGED Compute Environment"),
        (sized, "unmanagedvCpus is not applicable to managed Compute Environments"),
    ] {
        check_refused(created_environment(&command), text);
    }
    assert_eq!(created_environment(&unmanaged(Some("role"))), Ok(None));
}

#[test]
fn ce_2_to_ce_6_refusals_have_aws_texts() {
    let bundles = "Instance type bundles (e.g. optimal, default_x86_64) are not allowed for \
                   BEST_FIT_PROGRESSIVE_ORDERED allocation strategy.";
    let ordered = json!({ "instanceTypes": ["optimal"], "allocationStrategy": "BEST_FIT_PROGRESSIVE_ORDERED" });
    for (command, text) in [
        (sized(None, 16, None), "Resource minvCpus is required."),
        (sized(Some(-1), 16, None), "minvCpus should be greater than or equal to 0."),
        (sized(Some(4), 2, None), "maxvCpus should be greater than or equal to minvCpus."),
        (sized(Some(2), 4, Some(5)), "desiredvCpus should be between minvCpus and maxvCpus."),
        (ec2("EC2", json!({ "instanceTypes": [] })), "Resource instanceTypes are required."),
        (ec2("EC2", json!({ "securityGroupIds": [] })), "Security group ids are required."),
        (ec2("EC2", json!({ "instanceRole": null })), "Instance role is required."),
        (ec2("SPOT", json!({})), "compute resource spotIamFleetRole is required."),
        (ec2("EC2", json!({ "bidPercentage": 101 })), "Bid percentage must be between 0 to 100."),
        (
            ec2("EC2", json!({ "instanceTypes": ["m5", "m6g.large"] })),
            "arm-based instance type cannot be used with other instance types",
        ),
        (
            ec2("EC2", json!({ "ec2Configuration": [{ "imageType": "X" }] })),
            "Invalid imageType in ComputeResources.ec2Configuration",
        ),
        (ec2("EC2", ordered), bundles),
    ] {
        check_refused(created_environment(&command), text);
    }
    let diverse = json!({ "allocationStrategy": "SPOT_CAPACITY_OPTIMIZED", "instanceTypes": ["g4dn.xlarge", "m5"] });
    assert!(created_environment(&ec2("SPOT", diverse)).is_ok());
    assert!(
        created_environment(&ec2("EC2", json!({ "instanceTypes": ["a1", "c7gn.large", "default_arm64"] }))).is_ok()
    );
}

#[test]
fn ce_4_fargate_takes_four_members_only() {
    let many = |count: usize| vec!["x"; count];
    for (members, text) in [
        (json!({}), "Security group ids are required."),
        (json!({ "securityGroupIds": many(6) }), "Fargate supports a maximum of 5 security groups."),
        (json!({ "securityGroupIds": ["s"], "subnets": many(17) }), "Fargate supports a maximum of 16 subnets."),
        (json!({ "securityGroupIds": ["s"], "tags": {} }), "tags is not applicable for Fargate."),
    ] {
        check_refused(created_environment(&fargate(members)), text);
    }
    let mut desired = fargate(json!({ "securityGroupIds": ["s"] }));
    desired.compute.as_mut().unwrap().desired_vcpus = Some(1);
    check_refused(created_environment(&desired), "desiredvCpus is not applicable for Fargate.");
}

#[test]
fn ce_7_launch_templates_are_named_and_their_overrides_are_distinct() {
    let template = |template: Value| ec2("EC2", json!({ "launchTemplate": template }));
    let overrides = |targets: &[&[&str]]| {
        let entries: Vec<_> = targets.iter().map(|types| json!({ "targetInstanceTypes": types })).collect();
        template(json!({ "launchTemplateName": "t", "overrides": entries }))
    };
    assert!(created_environment(&overrides(&[&["m5.large"], &["m5.xlarge"]])).is_ok());
    for (command, text) in [
        (
            template(json!({ "version": "1" })),
            "One of LaunchTemplateId and LaunchTemplateName or LaunchTemplate.overrides should be provided",
        ),
        (overrides(&[&["m5"][..]; 11]), "LaunchTemplate.overrides size cannot be greater than 10"),
        (overrides(&[&[]]), "LaunchTemplate.overrides.targetInstanceTypes[] is required"),
        (overrides(&[&["m5"], &["m5"]]), "LaunchTemplate.overrides have duplicate targetInstanceTypes"),
        (overrides(&[&["c5"]]), "LaunchTemplate.overrides have targetInstanceTypes that do not match instanceTypes"),
        (
            template(json!({ "launchTemplateName": "t", "version": "new" })),
            "LaunchTemplateVersion must be either empty or a number or $Default or $Latest",
        ),
    ] {
        check_refused(created_environment(&command), text);
    }
}

fn existing(role: Option<&str>) -> ComputeEnvironment {
    ComputeEnvironment {
        name: "ce".parse().unwrap(),
        uuid: String::new(),
        managed: true,
        state: ResourceState::Enabled,
        status: ResourceStatus::Valid,
        status_reason: String::new(),
        unmanaged_vcpus: None,
        service_role: role.map(Into::into),
        compute: created_environment(&sized(Some(2), 16, Some(8))).unwrap(),
        tags: crate::entity::Tags::new(),
        created_at: Timestamp::default(),
        document: Document::default(),
        settles_at: None,
        replacement: None,
    }
}

#[test]
fn ce_16_update_moves_the_sizes_and_keeps_the_rest() {
    let update = ComputeResourcesInput { max_vcpus: Some(4), ..ComputeResourcesInput::default() };
    let updated = updated_resources(&existing(None), &update).unwrap();
    assert_eq!((updated.min_vcpus, updated.max_vcpus, updated.desired_vcpus), (Some(2), 4, Some(4)));
    assert_eq!(updated.document, existing(None).compute.unwrap().document);
}

#[test]
fn ce_15_to_ce_17_refusals_have_aws_texts() {
    let desired = ComputeResourcesInput { desired_vcpus: Some(7), ..ComputeResourcesInput::default() };
    let scaling = "Manually scaling down compute environment is not supported. Disconnecting job queues from compute \
                   environment will cause it to scale-down to minvCpus.";
    check_refused(updated_resources(&existing(None), &desired), scaling);
    let nothing = ComputeResourcesInput::default();
    check_refused(
        updated_resources(&existing(None), &nothing),
        "At least one compute-resources attribute must be specified",
    );
    let types = document(json!({ "instanceTypes": ["c5"] }));
    let infrastructure = ComputeResourcesInput { document: types, ..ComputeResourcesInput::default() };
    let text = "Following fields [instanceTypes] can be updated only for Non-fargate Compute Environment having a Batch \
                Service Linked Role";
    check_refused(updated_resources(&existing(Some("custom")), &infrastructure), text);
    check_refused(updated_resources(&existing(None), &infrastructure), text);
    let mut updatable = existing(None);
    let members = &mut updatable.compute.as_mut().unwrap().document.0;
    members.insert("allocationStrategy".into(), json!("BEST_FIT_PROGRESSIVE"));
    assert!(updated_resources(&updatable, &infrastructure).is_ok());
    let mut provided = existing(None);
    provided.tags.insert(PROVIDER_TAG.into(), "local".into());
    assert!(updated_resources(&provided, &infrastructure).is_ok());
}

/// An environment that can be updated, with these members on top.
fn updatable(members: Value) -> ComputeEnvironment {
    let mut environment = existing(None);
    let kept = &mut environment.compute.as_mut().unwrap().document.0;
    kept.insert("allocationStrategy".into(), json!("BEST_FIT_PROGRESSIVE"));
    kept.extend(document(members).0);
    environment
}

fn updated(environment: &ComputeEnvironment, members: Value) -> Result<Value, Error> {
    let update = ComputeResourcesInput { document: document(members), ..ComputeResourcesInput::default() };
    updated_resources(environment, &update).map(|resources| Value::Object(resources.document.0))
}

#[test]
fn ce_18_empty_texts_take_members_away() {
    let template = json!({ "launchTemplateId": "lt-1" });
    let environment =
        updatable(json!({ "imageId": "ami-1", "ec2KeyPair": "k", "placementGroup": "p", "launchTemplate": template }));
    let cleared = json!({
        "imageId": "", "ec2KeyPair": "", "placementGroup": "", "updateToLatestImageVersion": true,
        "launchTemplate": { "launchTemplateId": "" },
    });
    let left = updated(&environment, cleared).unwrap();
    let expected = json!({
        "instanceTypes": ["m5"], "securityGroupIds": ["sg"], "instanceRole": "role",
        "allocationStrategy": "BEST_FIT_PROGRESSIVE",
    });
    assert_eq!(left, expected);
}

#[test]
fn ce_12_ce_17_update_is_checked_like_a_creation() {
    let environment = updatable(json!({}));
    let delay = |minutes: i64| json!({ "scalingPolicy": { "minScaleDownDelayMinutes": minutes } });
    let text = "minScaleDownDelayMinutes must be 0, or between 20 and 10080.";
    check_refused(updated(&environment, delay(19)), text);
    check_refused(updated(&environment, delay(10_081)), text);
    assert_eq!(updated(&environment, delay(20)).unwrap()["scalingPolicy"], json!({ "minScaleDownDelayMinutes": 20 }));
    assert!(updated(&environment, delay(0)).unwrap().get("scalingPolicy").is_none());
    check_refused(updated(&environment, json!({ "bidPercentage": 101 })), "Bid percentage must be between 0 to 100.");
    check_refused(
        updated(&environment, json!({ "instanceTypes": ["m5", "m6g"] })),
        "arm-based instance type cannot be used with other instance types",
    );
    check_refused(
        updated(&environment, json!({ "allocationStrategy": "BEST_FIT" })),
        "Following fields [allocationStrategy] can be updated only for Non-fargate Compute Environment having a Batch \
         Service Linked Role",
    );
    let kind = ComputeResourcesInput { kind: Some("FARGATE".into()), ..ComputeResourcesInput::default() };
    check_refused(
        updated_resources(&environment, &kind),
        "Compute resource type EC2 cannot be changed to FARGATE. Valid types: [EC2, SPOT]",
    );
    let policy = document(json!({ "updatePolicy": { "jobExecutionTimeoutMinutes": 7_201 } }));
    check_refused(update_policy(&policy), "jobExecutionTimeoutMinutes must be between 1 and 7200.");
}

#[test]
fn ce_17_type_changes_only_to_one_with_hosts_like_its_own() {
    let to = |kind: &str| ComputeResourcesInput { kind: Some(kind.into()), ..ComputeResourcesInput::default() };
    assert_eq!(updated_resources(&updatable(json!({})), &to("SPOT")).map(|updated| updated.kind), Ok("SPOT".into()));
    for kind in ["FARGATE", "ECS_MANAGED_INSTANCES", "spot", ""] {
        let text = format!("Compute resource type EC2 cannot be changed to {kind}. Valid types: [EC2, SPOT]");
        check_refused(updated_resources(&existing(None), &to(kind)), &text);
    }
}
