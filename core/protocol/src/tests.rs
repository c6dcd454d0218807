//! Messages written by version 1 stay readable: the exact text of one of each kind is pinned.

use super::*;
use longshore_types::{Document, JobId, JobRef, Timestamp};
use serde::{Serialize, de::DeserializeOwned};

fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(message: &T, text: &str) {
    assert_eq!(serde_json::to_string(message).unwrap(), text);
    assert_eq!(&serde_json::from_str::<T>(text).unwrap(), message);
}

#[test]
fn report_of_version_1_reads_back() {
    let end = AttemptEnd { cause: EndCause::Exited, exit_code: Some(3), reason: None, containers: vec![] };
    let event = AttemptEvent::Ended { attempt: AttemptId::from_random(10), at: Timestamp::from_millis(5), end };
    check(
        &AgentMessage::Report(Report { number: 7, event }),
        r#"{"Report":{"number":7,"event":{"Ended":{"attempt":"0000000000000000000000000000000a","at":5,"end":{"cause":"exited","exit_code":3,"reason":null}}}}}"#,
    );
}

#[test]
fn report_of_several_containers_reads_back() {
    let output = AttemptId::from_random(11);
    let ran = Some((Timestamp::from_millis(4), Timestamp::from_millis(5)));
    let ends = vec![ContainerEnd { output, ran, exit_code: Some(0), reason: None }];
    let end = AttemptEnd { cause: EndCause::Exited, exit_code: Some(0), reason: None, containers: ends };
    check(
        &end,
        r#"{"cause":"exited","exit_code":0,"reason":null,"containers":[{"output":"0000000000000000000000000000000b","ran":[4,5],"exit_code":0}]}"#,
    );
}

#[test]
fn start_of_version_1_reads_back_without_later_fields() {
    let demand = Resources { vcpu_milli: 1_000, memory_mib: 64, gpus: 0 };
    let container = StartContainer {
        name: "default".into(),
        output: AttemptId::from_random(10),
        runtime: Runtime::Process,
        image: "host".into(),
        entrypoint: Vec::new(),
        command: vec!["true".into()],
        environment: vec![("A".into(), "b".into())],
        demand,
        user: None,
        essential: true,
        depends_on: vec![],
        start_timeout_ms: None,
        stop_grace_ms: None,
        staging: None,
        reach: Vec::new(),
        settings: Document::default(),
    };
    let start = StartAttempt {
        seat: None,
        attempt: AttemptId::from_random(10),
        job: JobRef::Child(JobId::from_random(0), 2),
        epoch: 1,
        demand,
        timeout_ms: None,
        end: TaskEnd::AnyEssential,
        address: None,
        containers: vec![container],
    };
    check(
        &ControlMessage::Start(Box::new(start)),
        r#"{"Start":{"attempt":"0000000000000000000000000000000a","job":"00000000-0000-4000-8000-000000000000:2","epoch":1,"demand":{"vcpu_milli":1000,"memory_mib":64},"containers":[{"name":"default","output":"0000000000000000000000000000000a","runtime":"process","image":"host","command":["true"],"environment":[["A","b"]],"demand":{"vcpu_milli":1000,"memory_mib":64},"essential":true}]}}"#,
    );
}

#[test]
fn seat_of_version_2_reads_back() {
    check(
        &Seat { of: AttemptId::from_random(10), patience_ms: 200 },
        r#"{"of":"0000000000000000000000000000000a","patience_ms":200}"#,
    );
    check(&EndCause::Returned, r#""returned""#);
}

#[test]
fn acknowledgement_of_version_1_reads_back() {
    check(&ControlMessage::Ack { through: 9 }, r#"{"Ack":{"through":9}}"#);
}
