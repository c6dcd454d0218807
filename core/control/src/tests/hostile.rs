//! Messages that no agent of ours sends: well-formed and wrong. Whoever may open the socket may send them, and must not be able
//! to end the server.

use super::*;
use longshore_hostile::Hostile;
use longshore_protocol::ContainerEnd;

const INPUTS: usize = 10_000;
/// Messages to one control plane, so that what one has done meets the next.
const EACH: usize = 40;

/// A plane whose agent runs a job, and the attempt.
fn running() -> (Plane, AttemptId) {
    let mut plane = Plane::ready();
    plane.hello(1, vec![]);
    plane.write_all();
    plane.submit(1);
    plane.write_all();
    let attempt = plane.starts().first().expect("there is room for the job").attempt;
    (plane, attempt)
}

/// What an agent may say of an attempt, as text.
fn examples(attempt: AttemptId) -> Vec<String> {
    let at = Timestamp::from_millis(START);
    let capacity = Resources { vcpu_milli: 4_000, memory_mib: 4_096, gpus: 0 };
    let description = HostDescription { name: "h".into(), capacity, runtimes: vec![], enforcement: "none".into() };
    let hello = |held| Hello {
        version: 2,
        host: HostId::from_random(1),
        incarnation: 1,
        description: description.clone(),
        held,
        leaving: false,
    };
    let report = |number, event| AgentMessage::Report(Report { number, event });
    let output = AttemptId::from_random(5);
    let ran = Some((at, at));
    let containers = vec![ContainerEnd { output, ran, exit_code: Some(1), reason: Some("because".into()) }];
    let end = AttemptEnd { cause: EndCause::Exited, exit_code: Some(0), reason: None, containers };
    let messages = [
        AgentMessage::Hello(hello(vec![])),
        AgentMessage::Hello(hello(vec![attempt])),
        report(1, AttemptEvent::Started { attempt, at }),
        report(1, AttemptEvent::ContainerStarted { attempt, output, at }),
        report(2, ended(attempt, 0)),
        report(2, AttemptEvent::Ended { attempt, at, end }),
    ];
    messages.iter().map(|message| serde_json::to_string(message).unwrap()).collect()
}

#[test]
fn hostile_messages_end_no_server_and_keep_no_client_waiting() {
    let (mut plane, attempt) = running();
    let mut understood = 0;
    for (number, input) in Hostile::new(1, examples(attempt)).take(INPUTS).enumerate() {
        if number % EACH == 0 {
            plane.submit(2);
            plane.write_all();
            assert!(plane.replied(2).is_some());
            plane = running().0;
        }
        let Ok(message) = serde_json::from_slice(&input) else { continue };
        understood += 1;
        let link = LinkId(1 + number as u64 % 3);
        plane.handle(Input::FromAgent { link, message });
        plane.write_all();
        let wake = plane.control.next_deadline();
        assert!(wake.is_none_or(|at| at.as_millis() > 0), "{wake:?}");
    }
    assert!(understood > INPUTS / 20, "only {understood} were messages at all");
}
