//! What nodes run: ranges, overrides, and what is refused.

use crate::command::{ContainerOverrides, NodeOverrides, NodePropertyOverride, PodOverrides, SubmitJob};
use crate::entity::{ComputeResources, Container, NodeGroup, NodeRange, Nodes, ResourceKind, Work};
use crate::testing::{World, definition, multinode};
use longshore_types::{JobId, JobRef};

/// Three nodes in the ranges `0:` and `1`, the first one the main node; commands are the ranges.
fn world() -> World {
    let mut world = World::new(64);
    put(&mut world, &["0:", "1"]);
    world
}

fn put(world: &mut World, ranges: &[&str]) {
    let group = |range: &&str| {
        let Some(Work::Container(container)) = definition("d").work else { panic!("one container") };
        NodeGroup {
            target_nodes: (*range).to_owned(),
            range: NodeRange::parse(range).unwrap(),
            work: Work::Container(Container { command: vec![(*range).into(), "Ref::x".into()], ..container }),
            instance_types: vec![],
        }
    };
    let nodes = Nodes { count: 3, main: 0, groups: ranges.iter().map(group).collect() };
    let mut registered = multinode("m");
    registered.work = Some(Work::Nodes(nodes));
    registered.parameters.insert("x".into(), "y".into());
    world.engine.put_definition(registered);
    world.step();
}

fn overrides(count: Option<i64>, properties: Vec<NodePropertyOverride>) -> impl FnOnce(&mut SubmitJob) {
    move |job| {
        job.job_definition.name = "m".into();
        job.node_overrides = Some(NodeOverrides { num_nodes: count, properties });
    }
}

fn of(target: &str, container: ContainerOverrides) -> NodePropertyOverride {
    NodePropertyOverride { target_nodes: target.into(), container: Some(container), ..NodePropertyOverride::default() }
}

fn command(word: &str) -> ContainerOverrides {
    ContainerOverrides { command: Some(vec![word.into(), "Ref::x".into()]), ..ContainerOverrides::default() }
}

/// The first word of what each node runs, and its last.
fn commands(world: &World, job: JobId) -> Vec<(String, String)> {
    let job = &world.rows.jobs[&job];
    let nodes = job.spec.nodes().unwrap();
    let of = |index| {
        let words = &job.work_of(JobRef::Node(job.id, index)).containers()[0].command;
        (words[0].clone(), words[words.len() - 1].clone())
    };
    (0..nodes.count).map(of).collect()
}

fn refused(world: &mut World, change: impl FnOnce(&mut SubmitJob), text: &str) {
    let before = world.rows.clone();
    assert_eq!(world.try_submit(change).map_err(|error| error.to_string()), Err(text.to_owned()));
    assert_eq!(world.rows, before, "a refusal changes nothing");
}

fn words(all: &[&str]) -> Vec<(String, String)> {
    all.iter().map(|word| ((*word).to_owned(), "y".to_owned())).collect()
}

#[test]
fn mnp_2_narrower_range_decides_and_parameters_are_substituted_in_every_node() {
    let mut world = world();
    let job = world.submit(|job| job.job_definition.name = "m".into());
    assert_eq!(commands(&world, job), words(&["0:", "1", "0:"]));
}

#[test]
fn mnp_9_overrides_reach_the_nodes_of_their_range() {
    let mut world = world();
    let job = world.submit(overrides(None, vec![of("0:", command("a"))]));
    assert_eq!(commands(&world, job), words(&["a", "1", "a"]));
    let job = world.submit(overrides(None, vec![of("1:1", command("b")), of(":", command("a"))]));
    assert_eq!(commands(&world, job), words(&["a", "b", "a"]));
}

#[test]
fn mnp_9_open_range_takes_as_many_nodes_as_are_asked_for() {
    let mut world = world();
    let job = world.submit(overrides(Some(5), vec![]));
    assert_eq!(commands(&world, job), words(&["0:", "1", "0:", "0:", "0:"]));
    let spec = &world.rows.jobs[&job].spec;
    assert_eq!((spec.demand.vcpu_milli, spec.demand.memory_mib), (5_000, 5 * 64));
    let job = world.submit(overrides(Some(1), vec![]));
    assert_eq!(commands(&world, job), words(&["0:"]));
}

#[test]
fn mnp_9_number_of_nodes_that_no_range_allows_is_refused() {
    let mut world = world();
    refused(&mut world, overrides(Some(0), vec![]), "Number of nodes must be between 1 and 1000.");
    refused(&mut world, overrides(Some(1_001), vec![]), "Number of nodes must be between 1 and 1000.");
    put(&mut world, &["0:1", "2:"]);
    let text = "The lower boundary of a node range without an upper boundary must be less than numNodes 2.";
    refused(&mut world, overrides(Some(2), vec![]), text);
    put(&mut world, &["0:1", "2"]);
    let text = "numNodes can only be overridden when a node range of the job definition has no upper boundary.";
    refused(&mut world, overrides(Some(3), vec![]), text);
    world.engine.put_definition(multinode("m"));
    world.step();
    refused(&mut world, overrides(Some(1), vec![]), "mainNode 1 must be less than numNodes 1.");
}

#[test]
fn sub_11_overrides_must_line_up_with_the_definition() {
    let mut world = world();
    let text = "NodeOverride targets should match job definition. Non matching targets - 0:0, 2:";
    let entries = vec![of("0:0", command("a")), of("1", command("a")), of("2:", command("a"))];
    refused(&mut world, overrides(None, entries), text);
    let text = "NodeOverride targets must not be given twice.";
    refused(&mut world, overrides(None, vec![of("1", command("a")), of("1:1", command("b"))]), text);
    let text = "targetNodes should contain only digits.";
    refused(&mut world, overrides(None, vec![of("x", command("a"))]), text);
    let pods = NodePropertyOverride {
        target_nodes: "1".into(),
        pod: Some(PodOverrides::default()),
        ..NodePropertyOverride::default()
    };
    refused(&mut world, overrides(None, vec![pods]), "eksPropertiesOverride should not be set for ECS jobs.");
    let types = NodePropertyOverride {
        target_nodes: "1".into(),
        instance_types: vec!["c5".into()],
        ..NodePropertyOverride::default()
    };
    let text = "Using instanceTypes with nodeRangeProperty is only allowed for ecsProperties jobs.";
    refused(&mut world, overrides(None, vec![types]), text);
    let typed = ContainerOverrides { instance_type: Some("a".into()), ..ContainerOverrides::default() };
    let other = ContainerOverrides { instance_type: Some("b".into()), ..ContainerOverrides::default() };
    let text = "All node ranges must use the same instanceType, got [a, b].";
    refused(&mut world, overrides(None, vec![of("0:", typed), of("1", other)]), text);
}

#[test]
fn sub_11_overrides_of_another_kind_are_refused() {
    let mut world = world();
    let text = "Node overrides should only be set for multinode jobs.";
    refused(&mut world, |job| job.node_overrides = Some(NodeOverrides::default()), text);
    let text = "Container overrides should not be set for multinode jobs.";
    let container = |job: &mut SubmitJob| {
        job.job_definition.name = "m".into();
        job.container_overrides = Some(command("a"));
    };
    refused(&mut world, container, text);
}

#[test]
fn sub_8_arrays_of_multinode_jobs_are_refused() {
    let mut world = world();
    let array = |job: &mut SubmitJob| {
        job.job_definition.name = "m".into();
        job.array_size = Some(2);
    };
    refused(&mut world, array, "Array properties should not be set for multinode jobs.");
}

#[test]
fn mnp_4_queue_without_managed_ec2_environment_is_refused() {
    let mut world = world();
    let mut environment = world.engine.environments()[&"ce".parse().unwrap()].clone();
    let compute = environment.compute.take().unwrap();
    environment.compute = Some(ComputeResources { kind: "SPOT".into(), ..compute });
    world.engine.put_environment(environment);
    world.step();
    let text = "Multi-node parallel jobs need a managed compute environment of type EC2; the queue has none: q.";
    refused(&mut world, |job| job.job_definition.name = "m".into(), text);
}

#[test]
fn res_2_nodes_ask_for_what_their_range_asks() {
    let mut world = world();
    let more = ContainerOverrides {
        resource_requirements: vec![("VCPU".into(), "4".into())],
        ..ContainerOverrides::default()
    };
    let job = world.submit(overrides(None, vec![of("1", more)]));
    let row = &world.rows.jobs[&job];
    let vcpus = [0, 1, 2].map(|index| row.demand_of(JobRef::Node(job, index)).vcpu_milli);
    assert_eq!((vcpus, row.spec.demand.vcpu_milli), ([1_000, 4_000, 1_000], 6_000));
    let kinds = row.work_of(JobRef::Node(job, 1)).containers()[0].resource_requirements.len();
    assert_eq!(kinds, [ResourceKind::Vcpu, ResourceKind::Memory].len());
}
