//! CancelJob and TerminateJob: what the engine is asked.

use crate::jobs::fixture::{Bench, JOB};
use crate::jobs::{cancel_job, terminate_job};
use longshore_api_batch::types::{CancelJobRequest, TerminateJobRequest};
use longshore_engine::command::EndJob;
use longshore_engine::{Command, Error, Response};

fn cancel(id: &str) -> CancelJobRequest {
    CancelJobRequest { job_id: Some(id.to_owned()), reason: Some("why".to_owned()) }
}

fn terminate(id: &str) -> TerminateJobRequest {
    TerminateJobRequest { job_id: Some(id.to_owned()), reason: Some("why".to_owned()) }
}

#[tokio::test]
async fn can_1_ter_1_ids_and_arns_reach_the_engine_as_the_job_meant() {
    let bench = Bench::new(Vec::new());
    let child = format!("{JOB}:2");
    let arn = format!("arn:aws:batch:eu-west-1:123456789012:job/{child}");
    for id in [&child, &arn] {
        bench.answer(Ok(Response::Done));
        cancel_job(&bench.service, cancel(id)).await.unwrap();
        bench.answer(Ok(Response::Done));
        terminate_job(&bench.service, terminate(id)).await.unwrap();
    }
    let end = EndJob { job: Some(child.parse().unwrap()), reason: "why".to_owned() };
    let (cancel, terminate) = (Command::CancelJob(end.clone()), Command::TerminateJob(end));
    assert_eq!(bench.asked(), [cancel.clone(), terminate.clone(), cancel, terminate]);
}

#[tokio::test]
async fn a15_text_that_is_no_id_is_left_to_the_engine() {
    let bench = Bench::new(Vec::new());
    bench.answer(Ok(Response::Done));
    cancel_job(&bench.service, cancel("no id")).await.unwrap();
    assert_eq!(bench.asked(), [Command::CancelJob(EndJob { job: None, reason: "why".to_owned() })]);
}

#[tokio::test]
async fn ter_2_refusal_of_the_engine_is_a_client_error() {
    let bench = Bench::new(Vec::new());
    bench.answer(Err(Error::invalid("reason must be at most 1024 characters long.").into()));
    let failure = terminate_job(&bench.service, terminate(JOB)).await.unwrap_err();
    assert_eq!((failure.kind(), failure.status().as_u16()), ("ClientException", 400));
}
