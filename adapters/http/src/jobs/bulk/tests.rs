//! CancelJobs and TerminateJobs: what the engine is asked, and what is told of each job.

use crate::jobs::fixture::{Bench, JOB, OTHER_JOB};
use crate::jobs::{cancel_jobs, terminate_jobs};
use crate::{CommandError, testing::Live};
use longshore_api_batch::types::{CancelJobsRequest, TerminateJobsRequest};
use longshore_engine::command::EndJob;
use longshore_engine::{Command, Error, Response};
use serde_json::{Value, json};

async fn cancel(bench: &Bench, jobs: &[&str], reason: &str) -> Result<Value, String> {
    let request: CancelJobsRequest = serde_json::from_value(json!({ "jobs": jobs, "reason": reason })).unwrap();
    let answer = cancel_jobs(&bench.service, request).await.map_err(|failure| failure.to_string())?;
    Ok(serde_json::to_value(answer).unwrap())
}

#[tokio::test]
async fn bulk_1_each_job_is_a_command_of_its_own() {
    let bench = Bench::new(Vec::new());
    let child = format!("{OTHER_JOB}:2");
    let end = |id: &str| EndJob { job: Some(id.parse().unwrap()), reason: "why".to_owned() };
    (0..4).for_each(|_| bench.answer(Ok(Response::Done)));
    let answer = cancel(&bench, &[JOB, &child], "why").await.unwrap();
    assert_eq!(answer, json!({ "successful": [JOB, child], "errors": [] }));
    let request = json!({ "jobs": [JOB, child], "reason": "why" });
    let request: TerminateJobsRequest = serde_json::from_value(request).unwrap();
    let answer = terminate_jobs(&bench.service, request).await.unwrap();
    assert_eq!(serde_json::to_value(answer).unwrap(), json!({ "successful": [JOB, child], "errors": [] }));
    let expected = [
        Command::CancelJob(end(JOB)),
        Command::CancelJob(end(&child)),
        Command::TerminateJob(end(JOB)),
        Command::TerminateJob(end(&child)),
    ];
    assert_eq!(bench.asked(), expected);
}

#[tokio::test]
async fn bulk_1_malformed_id_is_an_error_beside_the_success_of_others() {
    let bench = Bench::new(Vec::new());
    bench.answer(Ok(Response::Done));
    let answer = cancel(&bench, &["what", JOB, ""], "why").await.unwrap();
    let error = |id: &str| {
        let message = format!("Job id {id:?} is not valid. Give the id of a job, or of a child as jobId:index.");
        json!({ "job": id, "code": "ValidationException", "message": message })
    };
    assert_eq!(answer, json!({ "successful": [JOB], "errors": [error("what"), error("")] }));
    assert_eq!(bench.asked().len(), 1);
}

#[tokio::test]
async fn err_10_refused_and_unanswered_jobs_are_errors_with_a_code() {
    let bench = Bench::new(Vec::new());
    bench.answer(Err(Error::invalid("because").into()));
    bench.answer(Err(CommandError::Unavailable));
    let answer = cancel(&bench, &[JOB, OTHER_JOB], "why").await.unwrap();
    let stopping = "The server is stopping. Send the request again when it is back.";
    let errors = json!([
        { "job": JOB, "code": "ClientException", "message": "because" },
        { "job": OTHER_JOB, "code": "ServerException", "message": stopping },
    ]);
    assert_eq!(answer, json!({ "successful": [], "errors": errors }));
}

#[tokio::test]
async fn bulk_1_too_many_jobs_and_too_long_a_reason_are_refused_whole() {
    let bench = Bench::new(Vec::new());
    let answer = cancel(&bench, &[JOB; 51], "why").await;
    assert_eq!(answer, Err("jobs must have a length of at most 50.".to_owned()));
    let answer = cancel(&bench, &[JOB], &"x".repeat(1025)).await;
    assert_eq!(answer, Err("reason must be at most 1024 characters long.".to_owned()));
    assert_eq!(bench.asked(), []);
}

#[tokio::test]
async fn bulk_1_unknown_jobs_succeed_and_no_jobs_are_nothing_to_do() {
    let server = Live::start().await;
    for operation in ["CancelJobs", "TerminateJobs"] {
        for jobs in [vec![JOB.to_owned(), format!("{JOB}:7"), format!("{JOB}#0")], Vec::new()] {
            let answer = server.ok(operation, json!({ "jobs": jobs, "reason": "why" })).await;
            assert_eq!(answer, json!({ "successful": jobs, "errors": [] }));
        }
    }
}
