//! Networks of containers' own: what is reached from inside, what is not, who shares one, and that nothing of them stays.
//! With every OCI runtime.

use crate::stage::{Runtime, Stage, wait_until};
use longshore_agent::{ExitStatus, Launch, RunnerEvent};
use longshore_types::{AttemptId, Document, JobId, JobRef};
use serde_json::{Map, Value};
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::thread;

const SUCCESS: ExitStatus = ExitStatus::Code(0);

/// One test for each rule, for one OCI runtime.
macro_rules! network {
    ($runtime:ident, $type:ty) => {
        mod $runtime {
            $crate::network::network! { @tests $type,
                endpoints_are_reached_under_their_own_addresses
                task_endpoint_is_where_ecs_has_it
                loopback_of_the_host_is_not_reached
                nothing_is_there_but_loopback
                names_are_those_of_the_network
                endpoint_that_is_away_ends_the_connection
                much_is_passed_on_whole
                containers_of_a_task_share_a_network
                nodes_of_a_job_share_a_network
                other_jobs_have_others
                bad_endpoint_is_a_reason
                nothing_is_left_of_a_network
            }
        }
    };
    (@tests $type:ty, $($rule:ident)*) => {
        $(#[test]
        fn $rule() {
            $crate::network::$rule::<$type>(&mut $crate::stage::Stage::new());
        })*
    };
}
pub(crate) use network;

/// Answers every connection with what it has been sent up to the end of a request, and a word.
fn server(word: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut request = [0; 4096];
            let _length = connection.read(&mut request).unwrap();
            let _gone = write!(connection, "HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n{word}", word.len());
        }
    });
    address
}

/// An attempt of a pod off the host's network.
fn attempt<R: Runtime>(stage: &mut Stage<R>, reach: &[String], script: &str) -> Launch {
    let mut launch = stage.attempt(&["sh", "-c", script]);
    launch.container.settings = Document(Map::from_iter([("hostNetwork".to_owned(), Value::Bool(false))]));
    launch.container.reach = reach.to_vec();
    launch
}

fn run<R: Runtime>(stage: &mut Stage<R>, reach: &[String], script: &str) -> (ExitStatus, String) {
    let launch = attempt(stage, reach, script);
    let attempt = stage.launch_attempt(launch);
    (stage.exit(attempt), stage.output(attempt))
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

pub(crate) fn endpoints_are_reached_under_their_own_addresses<R: Runtime>(stage: &mut Stage<R>) {
    let (own, other) = (server("own"), server("other"));
    let named = format!("http://localhost:{}", other.port());
    let script = format!("wget -qO- {}; echo; wget -qO- {named}/path; echo", url(own));
    assert_eq!(run(stage, &[url(own), named], &script), (SUCCESS, "own\nother\n".into()));
}

/// `CRD-1`, `ENV-2`.
pub(crate) fn task_endpoint_is_where_ecs_has_it<R: Runtime>(stage: &mut Stage<R>) {
    let own = server("own");
    let script = "wget -qO- http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI; echo; \
                  wget -qO- $ECS_CONTAINER_METADATA_URI_V4; echo; env | grep -E '^(AWS|ECS)_' | sort";
    let mut launch = attempt(stage, &[url(own)], script);
    launch.container.environment.extend([
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI".to_owned(), format!("{}/c/1", url(own))),
        ("ECS_CONTAINER_METADATA_URI_V4".to_owned(), format!("{}/v4/1", url(own))),
    ]);
    let attempt = stage.launch_attempt(launch);
    assert_eq!(stage.exit(attempt), SUCCESS);
    let expected = "own\nown\nAWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/c/1\n\
                    ECS_CONTAINER_METADATA_URI_V4=http://169.254.170.2/v4/1\n";
    assert_eq!(stage.output(attempt), expected);
}

pub(crate) fn loopback_of_the_host_is_not_reached<R: Runtime>(stage: &mut Stage<R>) {
    let (own, hidden) = (server("own"), server("hidden"));
    // A variable of the job's own opens nothing.
    let script = format!("wget -qO- $AWS_ENDPOINT_URL || echo refused; wget -qO- {} || echo refused", url(hidden));
    let mut launch = attempt(stage, &[url(own)], &format!("({script}) 2>/dev/null"));
    launch.container.environment.push(("AWS_ENDPOINT_URL".into(), url(hidden)));
    let attempt = stage.launch_attempt(launch);
    assert_eq!((stage.exit(attempt), stage.output(attempt)), (SUCCESS, "refused\nrefused\n".into()));
    assert_eq!(stage.run_shell(&format!("wget -qO- {}", url(hidden))).1, "hidden", "the host's network reaches it");
}

pub(crate) fn nothing_is_there_but_loopback<R: Runtime>(stage: &mut Stage<R>) {
    let script = "ls /sys/class/net; ping -c 1 -W 1 192.0.2.1 2>&1 | tail -n 1";
    let (_, output) = run(stage, &[], script);
    assert!(output.starts_with("lo\n") && output.contains("unreachable"), "{output}");
}

pub(crate) fn names_are_those_of_the_network<R: Runtime>(stage: &mut Stage<R>) {
    let reach = ["http://127.0.0.1:1".to_owned(), "https://store.lab".to_owned()];
    let (_, output) = run(stage, &reach, "grep lab /etc/hosts; grep -c nameserver /etc/resolv.conf");
    assert_eq!(output, "127.69.0.2\tstore.lab\n0\n");
}

pub(crate) fn endpoint_that_is_away_ends_the_connection<R: Runtime>(stage: &mut Stage<R>) {
    // Nobody listens on the port of TCP's multiplexer.
    let (_, output) = run(stage, &["http://127.0.0.1:1".into()], "wget -qO- http://127.0.0.1:1 2>&1; echo $?");
    assert!(output.ends_with("\n1\n"), "{output}");
}

/// More than any buffer holds, both ways, by programs that close one direction at a time.
pub(crate) fn much_is_passed_on_whole<R: Runtime>(stage: &mut Stage<R>) {
    const BYTES: usize = 32 << 20;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let counted = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut taken = Vec::new();
        connection.read_to_end(&mut taken).unwrap();
        connection.write_all(&taken).unwrap();
        taken.len()
    });
    let script = format!("head -c {BYTES} /dev/zero | nc 127.0.0.1 {} | wc -c", address.port());
    assert_eq!(run(stage, &[url(address)], &script), (SUCCESS, format!("{BYTES}\n")));
    assert_eq!(counted.join().unwrap(), BYTES);
}

/// Two containers that run at once: one serves, the other asks it, and gives up in the end.
fn ask_each_other<R: Runtime>(stage: &mut Stage<R>, change: impl Fn(&mut Launch, u32)) -> String {
    let script = "echo hello > /tmp/word; exec busybox httpd -f -p 127.77.0.2:7777 -h /tmp";
    let mut serves = attempt(stage, &[], script);
    change(&mut serves, 0);
    let served = serves.container.output;
    stage.runtime.launch(Box::new(serves));
    assert_eq!(stage.event().output(), served);
    let word = "http://127.77.0.2:7777/word";
    let script = format!("until wget -qO- {word} 2>/dev/null; do [ $((i+=1)) -lt 20 ] || exit 1; sleep 0.1; done");
    let mut asks = attempt(stage, &[], &script);
    change(&mut asks, 1);
    let asked = asks.container.output;
    stage.runtime.launch(Box::new(asks));
    assert!(matches!(stage.event(), RunnerEvent::Launched { output, .. } if output == asked));
    assert!(matches!(stage.event(), RunnerEvent::Exited { output, .. } if output == asked));
    stage.kill(served);
    assert!(matches!(stage.event(), RunnerEvent::Exited { output, .. } if output == served));
    stage.output(asked)
}

/// As ECS's `awsvpc` and pods do.
pub(crate) fn containers_of_a_task_share_a_network<R: Runtime>(stage: &mut Stage<R>) {
    let task = AttemptId::from_random(1_000);
    assert_eq!(ask_each_other(stage, |launch, _| launch.attempt = task), "hello\n");
}

/// `MNP-4`: nodes know each other's addresses.
pub(crate) fn nodes_of_a_job_share_a_network<R: Runtime>(stage: &mut Stage<R>) {
    let job = JobId::from_random(1_000);
    let node = |launch: &mut Launch, number| launch.job = JobRef::Node(job, number);
    assert_eq!(ask_each_other(stage, node), "hello\n");
}

pub(crate) fn other_jobs_have_others<R: Runtime>(stage: &mut Stage<R>) {
    assert_eq!(ask_each_other(stage, |_, _| ()), "");
}

pub(crate) fn bad_endpoint_is_a_reason<R: Runtime>(stage: &mut Stage<R>) {
    let launch = attempt(stage, &["nonsense".into()], "true");
    let expected = "CannotCreateContainerError: make its network: nonsense is no address of an endpoint";
    assert_eq!(stage.refusal(launch), expected);
}

pub(crate) fn nothing_is_left_of_a_network<R: Runtime>(stage: &mut Stage<R>) {
    let own = server("own");
    // A connection is still open when the container ends.
    let script = format!("readlink /proc/self/ns/net; nc 127.0.0.1 {} < /dev/zero > /dev/null & exit 0", own.port());
    for _ in 0..20 {
        let (status, output) = run(stage, &[url(own)], &script);
        assert!(status == SUCCESS && output.starts_with("net:["), "{output}");
        let namespace = output.trim().to_owned();
        wait_until("the namespace to be gone", || !is_held(&namespace));
    }
}

/// Whether any process is in a namespace or holds it open.
fn is_held(namespace: &str) -> bool {
    let is_it = |path: &Path| fs::read_link(path).is_ok_and(|target| target.to_string_lossy() == namespace);
    let holds = |process: &Path| {
        let descriptors = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
        is_it(&process.join("ns/net")) || descriptors.map(|one| one.path()).any(|path| is_it(&path))
    };
    fs::read_dir("/proc").unwrap().flatten().any(|process| holds(&process.path()))
}
