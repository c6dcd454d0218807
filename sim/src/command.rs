//! Lines of a script as commands of a client. What a line leaves open has the defaults of the world ([`crate::setup`]).

use crate::script::Line;
use crate::setup;
use longshore_engine::Command;
use longshore_engine::command::{
    ComputeResourcesInput, ContainerOverrides, CreateJobQueue, CreateQuotaShare, CreateSchedulingPolicy,
    CreateServiceEnvironment, DefinitionRef, DependencyInput, EndJob, EndServiceJob, FairShareInput,
    RetryStrategyInput, SubmitJob, SubmitServiceJob, TagResource, Taggable, UntagResource, UpdateComputeEnvironment,
    UpdateConsumableResource, UpdateJobQueue, UpdateQuotaShare, UpdateSchedulingPolicy, UpdateServiceEnvironment,
    UpdateServiceJob,
};
use longshore_engine::entity::{CapacityLimit, DefinitionId, QuotaShareId};
use longshore_types::{Document, JobId, JobRef, Timestamp};
use serde_json::json;

/// What a client knows when it speaks.
pub(crate) trait Known {
    /// The job, child or node of a name: `a`, `a:0`, `a#1`; `None` until it was acknowledged.
    fn job(&self, name: &str) -> Option<JobRef>;
    /// Jobs that have ended.
    fn ended(&self) -> Vec<JobId>;
    /// The time.
    fn now(&self) -> Timestamp;
}

/// The command that a line asks for; `None` if it is about a job that the client does not know.
pub(crate) fn of(line: &Line, known: &impl Known) -> Option<Command> {
    let name = line.object.clone();
    Some(match line.verb.as_str() {
        "submit" => Command::SubmitJob(Box::new(submit(line, known)?)),
        "cancel" => Command::CancelJob(end(line, known)?),
        "terminate" => Command::TerminateJob(end(line, known)?),
        "tag" | "untag" => tag(line, known)?,
        "register" => setup::definition(&name),
        "deregister" => {
            let revision = u32::try_from(line.number("revision").unwrap_or(1)).ok()?;
            Command::DeregisterJobDefinition(DefinitionId { name: name.parse().ok()?, revision })
        }
        "forget-definitions" => Command::ForgetDefinitions(known.now()),
        "forget-jobs" => Command::FindUnneeded(known.ended()),
        "create-environment" => setup::environment(&name, &line.text("type", "EC2"), line.number("max").unwrap_or(4)),
        "update-environment" => Command::UpdateComputeEnvironment(Box::new(update_environment(line))),
        "delete-environment" => Command::DeleteComputeEnvironment(name),
        "create-queue" => {
            let policy = line.get("policy");
            setup::queue(&name, &line.list("environments"), line.number("priority").unwrap_or(1), policy)
        }
        "update-queue" => Command::UpdateJobQueue(Box::new(update_queue(line))),
        "delete-queue" => Command::DeleteJobQueue(name),
        _ => return resource(line).or_else(|| service(line, known)),
    })
}

fn submit(line: &Line, known: &impl Known) -> Option<SubmitJob> {
    let dependency = |kind: Option<&str>| {
        let kind = kind.map(str::to_owned);
        move |job: JobRef| DependencyInput { job_id: Some(job.to_string()), kind: kind.clone() }
    };
    let jobs = |option: &str| line.list(option).iter().map(|name| known.job(name)).collect::<Option<Vec<JobRef>>>();
    let mut depends_on: Vec<DependencyInput> = jobs("after")?.into_iter().map(dependency(None)).collect();
    depends_on.extend(jobs("n-to-n")?.into_iter().map(dependency(Some("N_TO_N"))));
    if line.get("sequential").is_some() {
        depends_on.push(DependencyInput { job_id: None, kind: Some("SEQUENTIAL".into()) });
    }
    let vcpus = line.get("vcpus").map(|vcpus| ContainerOverrides {
        resource_requirements: vec![("VCPU".into(), vcpus.to_owned())],
        ..ContainerOverrides::default()
    });
    let retry = |attempts| RetryStrategyInput { attempts: Some(attempts), evaluate_on_exit: vec![] };
    Some(SubmitJob {
        job_name: line.object.clone(),
        job_queue: line.text("queue", "q"),
        job_definition: DefinitionRef { name: line.text("definition", "d"), revision: None },
        array_size: line.number("size"),
        depends_on,
        container_overrides: vcpus,
        retry: line.number("attempts").map(retry),
        timeout_s: line.number("timeout").map(Some),
        share_identifier: line.get("share").map(str::to_owned),
        scheduling_priority_override: line.number("priority"),
        consumables: line.list("needs").iter().map(|text| setup::need(text)).collect(),
        ..SubmitJob::default()
    })
}

fn end(line: &Line, known: &impl Known) -> Option<EndJob> {
    Some(EndJob { job: Some(known.job(&line.object)?), reason: format!("{} by script", line.verb) })
}

fn tag(line: &Line, known: &impl Known) -> Option<Command> {
    let (resource, key) = (Taggable::Job(known.job(&line.object)?.job()), line.text("key", "k"));
    Some(if line.verb == "tag" {
        let tags = [(key, String::new())].into_iter().collect();
        Command::TagResource(Box::new(TagResource { resource, tags, looked_up: None }))
    } else {
        Command::UntagResource(Box::new(UntagResource { resource, keys: vec![key], looked_up: None }))
    })
}

fn update_environment(line: &Line) -> UpdateComputeEnvironment {
    let replace = line.get("replace");
    let document = match replace {
        Some(_) => setup::document(json!({ "instanceTypes": ["c5"] })),
        None => Document::default(),
    };
    let max_vcpus = line.number("max");
    let changes = max_vcpus.is_some() || replace.is_some();
    let compute = changes.then(|| ComputeResourcesInput { max_vcpus, document, ..ComputeResourcesInput::default() });
    let policy = |how| setup::document(json!({ "updatePolicy": { "terminateJobsOnUpdate": how == "terminate" } }));
    UpdateComputeEnvironment {
        name: line.object.clone(),
        state: line.get("state").map(str::to_owned),
        compute,
        document: replace.map(policy).unwrap_or_default(),
        ..UpdateComputeEnvironment::default()
    }
}

fn update_queue(line: &Line) -> UpdateJobQueue {
    UpdateJobQueue {
        name: line.object.clone(),
        state: line.get("state").map(str::to_owned),
        priority: line.number("priority"),
        environments: line.get("environments").map(|_| setup::order(&line.list("environments"))),
        ..UpdateJobQueue::default()
    }
}

fn fair_share(line: &Line) -> FairShareInput {
    FairShareInput {
        decay_s: line.number("decay"),
        reservation: line.number("reservation"),
        distribution: line.number("weight").map(|weight| vec![("a".into(), Some(weight))]),
    }
}

/// Commands on policies and consumable resources.
fn resource(line: &Line) -> Option<Command> {
    let name = line.object.clone();
    Some(match line.verb.as_str() {
        "create-policy" => Command::CreateSchedulingPolicy(Box::new(CreateSchedulingPolicy {
            name,
            fair_share: Some(fair_share(line)),
            ..CreateSchedulingPolicy::default()
        })),
        "update-policy" => Command::UpdateSchedulingPolicy(Box::new(UpdateSchedulingPolicy {
            policy: setup::policy_ref(&name),
            fair_share: Some(fair_share(line)),
            quota_share: None,
        })),
        "delete-policy" => Command::DeleteSchedulingPolicy(setup::policy_ref(&name)),
        "create-consumable" => {
            setup::consumable(&name, line.number("total").unwrap_or(1), &line.text("type", "REPLENISHABLE"))
        }
        "update-consumable" => Command::UpdateConsumableResource(Box::new(UpdateConsumableResource {
            name,
            operation: Some(line.text("operation", "SET")),
            quantity: line.number("quantity"),
            client_token: None,
        })),
        "delete-consumable" => Command::DeleteConsumableResource(name),
        _ => return None,
    })
}

/// Commands on service jobs and what they need.
fn service(line: &Line, known: &impl Known) -> Option<Command> {
    let name = line.object.clone();
    let state = line.get("state").map(str::to_owned);
    let capacity = || vec![CapacityLimit { max_capacity: 2, capacity_unit: "NUM_INSTANCES".into() }];
    let share = || Some(QuotaShareId { queue: line.text("queue", "s").parse().ok()?, name: name.parse().ok()? });
    Some(match line.verb.as_str() {
        "create-service-environment" => Command::CreateServiceEnvironment(Box::new(CreateServiceEnvironment {
            name,
            kind: "SAGEMAKER_TRAINING".into(),
            capacity_limits: capacity(),
            ..CreateServiceEnvironment::default()
        })),
        "update-service-environment" => {
            let update = UpdateServiceEnvironment { name, state, capacity_limits: None };
            Command::UpdateServiceEnvironment(Box::new(update))
        }
        "delete-service-environment" => Command::DeleteServiceEnvironment(name),
        "create-service-queue" => Command::CreateJobQueue(Box::new(CreateJobQueue {
            name,
            priority: 1,
            service_environments: setup::order(&line.list("environments")),
            ..CreateJobQueue::default()
        })),
        "create-quota-share" => Command::CreateQuotaShare(Box::new(CreateQuotaShare {
            name,
            queue: line.text("queue", "s"),
            capacity_limits: capacity(),
            document: setup::document(json!({
                "resourceSharingConfiguration": { "strategy": "LEND" },
                "preemptionConfiguration": { "inSharePreemption": "DISABLED" },
            })),
            ..CreateQuotaShare::default()
        })),
        "update-quota-share" => {
            let document = Document::default();
            let update = UpdateQuotaShare { id: share()?, state, capacity_limits: None, document };
            Command::UpdateQuotaShare(Box::new(update))
        }
        "delete-quota-share" => Command::DeleteQuotaShare(share()?),
        _ => return service_job(line, known),
    })
}

fn service_job(line: &Line, known: &impl Known) -> Option<Command> {
    let job = || known.job(&line.object).map(JobRef::job);
    Some(match line.verb.as_str() {
        "submit-service" => Command::SubmitServiceJob(Box::new(SubmitServiceJob {
            job_name: line.object.clone(),
            job_queue: line.text("queue", "s"),
            kind: "SAGEMAKER_TRAINING".into(),
            payload: "{}".into(),
            quota_share: line.get("share").map(str::to_owned),
            ..SubmitServiceJob::default()
        })),
        "update-service" => {
            let scheduling_priority = line.number("priority").unwrap_or(1);
            Command::UpdateServiceJob(UpdateServiceJob { job: job()?.to_string(), scheduling_priority })
        }
        "terminate-service" => {
            let reason = "terminated by script".into();
            Command::TerminateServiceJob(EndServiceJob { job: Some(job()?), reason })
        }
        _ => return None,
    })
}
