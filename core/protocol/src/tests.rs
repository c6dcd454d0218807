//! Messages written by version 1 stay readable: the exact text of one of each kind is pinned.

use super::{AgentMessage, AttemptEnd, AttemptEvent, ControlMessage, EndCause, Report, Runtime, StartAttempt};
use longshore_types::{AttemptId, JobId, JobRef, Resources, Timestamp};
use serde::{Serialize, de::DeserializeOwned};

fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(message: &T, text: &str) {
    assert_eq!(serde_json::to_string(message).unwrap(), text);
    assert_eq!(&serde_json::from_str::<T>(text).unwrap(), message);
}

#[test]
fn report_of_version_1_reads_back() {
    let end = AttemptEnd { cause: EndCause::Exited, exit_code: Some(3), reason: None };
    let event = AttemptEvent::Ended { attempt: AttemptId::from_random(10), at: Timestamp::from_millis(5), end };
    check(
        &AgentMessage::Report(Report { number: 7, event }),
        r#"{"Report":{"number":7,"event":{"Ended":{"attempt":"0000000000000000000000000000000a","at":5,"end":{"cause":"exited","exit_code":3,"reason":null}}}}}"#,
    );
}

#[test]
fn start_of_version_1_reads_back_without_later_fields() {
    let start = StartAttempt {
        attempt: AttemptId::from_random(10),
        job: JobRef::Child(JobId::from_random(0), 2),
        epoch: 1,
        runtime: Runtime::Process,
        image: "host".into(),
        command: vec!["true".into()],
        environment: vec![("A".into(), "b".into())],
        demand: Resources { vcpu_milli: 1_000, memory_mib: 64, gpus: 0 },
        timeout_ms: None,
        user: None,
    };
    let text = r#"{"Start":{"attempt":"0000000000000000000000000000000a","job":"00000000-0000-4000-8000-000000000000:2","epoch":1,"runtime":"process","image":"host","command":["true"],"environment":[["A","b"]],"demand":{"vcpu_milli":1000,"memory_mib":64},"timeout_ms":null}}"#;
    assert_eq!(serde_json::from_str::<ControlMessage>(text).unwrap(), ControlMessage::Start(Box::new(start)));
}

#[test]
fn acknowledgement_of_version_1_reads_back() {
    check(&ControlMessage::Ack { through: 9 }, r#"{"Ack":{"through":9}}"#);
}
