//! What is beyond a bound is refused, and what has been answered makes room.

use super::*;
use crate::commander::{BoxFuture, CommandError, Commander};
use crate::testing::{Answer, Live, Running};
use crate::{BatchService, Quotas};
use longshore_engine::{Command, Question, Response};
use serde_json::json;
use std::sync::Mutex;
use tokio::sync::oneshot;

const EVENTS: &str = "/longshore/v1/events?wait_ms=20000";

/// A control plane that answers when it is told to, and tells when it has been asked.
struct Slow {
    asked: Mutex<Option<oneshot::Sender<()>>>,
    answer: Mutex<Option<oneshot::Receiver<()>>>,
}

impl Commander for Slow {
    fn command(&self, _command: Command) -> BoxFuture<'_, Result<Response, CommandError>> {
        let (asked, answer) = (self.asked.lock().unwrap().take(), self.answer.lock().unwrap().take());
        Box::pin(async move {
            asked.into_iter().for_each(|asked| asked.send(()).unwrap());
            if let Some(answer) = answer {
                answer.await.unwrap();
            }
            Ok(Response::Done)
        })
    }

    fn ask(&self, _question: Question) -> BoxFuture<'_, Option<longshore_engine::Answer>> {
        Box::pin(async { None })
    }
}

fn limited(batch: &mut BatchService, limits: Limits) {
    batch.quotas = Arc::new(Quotas::new(limits));
}

async fn delete(server: &Running, name: &str) -> Answer {
    server.call("DeleteJobQueue", json!({ "jobQueue": name })).await
}

#[tokio::test]
async fn err_6_request_beyond_those_under_way_is_refused_until_one_is_answered() {
    let (asked, was_asked) = oneshot::channel();
    let (answer, waits) = oneshot::channel();
    let slow = Slow { asked: Mutex::new(Some(asked)), answer: Mutex::new(Some(waits)) };
    let server = Running::with(|services| {
        services.batch.commander = Arc::new(slow);
        limited(&mut services.batch, Limits { open_requests: 1, ..Limits::standard() });
    })
    .await;
    let beside = async {
        was_asked.await.unwrap();
        let refused = delete(&server, "other").await;
        assert_eq!((refused.status, refused.error_type()), (429, "TooManyRequestsException"));
        assert_eq!(refused.header("retry-after"), "1");
        assert_eq!(server.send("GET", "/health", &[], "").await.status, 200, "it is alive all the same");
        answer.send(()).unwrap();
    };
    let (first, ()) = tokio::join!(delete(&server, "first"), beside);
    assert_eq!(first.status, 200);
    assert_eq!(delete(&server, "other").await.status, 200);
}

#[tokio::test]
async fn err_6_body_beyond_the_bytes_in_memory_is_refused_and_leaves_nothing_held() {
    let server = Running::with(|services| {
        let slow = Slow { asked: Mutex::default(), answer: Mutex::default() };
        services.batch.commander = Arc::new(slow);
        limited(&mut services.batch, Limits { open_bytes: 1_000, ..Limits::standard() });
    })
    .await;
    for _ in 0..3 {
        let refused = delete(&server, &"x".repeat(100_000)).await;
        assert_eq!((refused.status, refused.error_type()), (429, "TooManyRequestsException"));
        assert_eq!(delete(&server, &"x".repeat(900)).await.status, 200);
    }
}

#[tokio::test]
async fn err_6_readers_of_events_are_bounded_apart_from_requests() {
    let server = Live::with_limits(Limits { event_readers: 1, open_requests: 1, ..Limits::standard() }).await;
    let first = async {
        // Whoever looks whether it is there already may be there before it.
        loop {
            let answer = server.send("GET", EVENTS, &[], "").await;
            if answer.status == 200 {
                return answer;
            }
        }
    };
    let beside = async {
        while server.send("GET", "/longshore/v1/events", &[], "").await.status != 429 {}
        let job = json!({ "jobName": "j", "jobQueue": "q", "jobDefinition": "d" });
        server.ok("SubmitJob", job).await
    };
    let (first, _) = tokio::join!(first, beside);
    assert_eq!((first.status, first.json()["events"].as_array().unwrap().len()), (200, 1));
}
