//! The text, line by line where it matters.

use super::*;
use std::time::Duration;

fn lines(text: &str, name: &str) -> Vec<String> {
    text.lines().filter(|line| line.starts_with(name)).map(str::to_owned).collect()
}

#[test]
fn fresh_server_shows_help_and_kind_of_what_it_counts() {
    let text = Metrics::new("1.2.3").unwrap().render(&Now::default());
    assert!(text.contains("# TYPE longshore_store_commit_duration_seconds histogram"));
    assert!(text.contains("# HELP longshore_jobs_submitted_total "));
    assert_eq!(lines(&text, "longshore_build_info"), ["longshore_build_info{version=\"1.2.3\"} 1"]);
    assert_eq!(lines(&text, "longshore_ready"), ["longshore_ready 0"]);
}

#[test]
fn what_happened_is_counted_by_label() {
    let metrics = Metrics::new("1").unwrap();
    metrics.happened.request(("batch", "SubmitJob"), 200, Duration::from_millis(3));
    metrics.happened.request(("batch", "SubmitJob"), 429, Duration::from_millis(30));
    metrics.happened.state("RUNNING", 3);
    metrics.happened.commit(7, Duration::from_millis(2));
    let text = metrics.render(&Now::default());
    let requests = lines(&text, "longshore_http_requests_total");
    assert_eq!(requests.len(), 2);
    assert!(requests[0].contains("code=\"200\"") && requests[0].ends_with(" 1"), "{requests:?}");
    assert!(text.contains("longshore_http_request_duration_seconds_count{api=\"batch\",operation=\"SubmitJob\"} 2"));
    assert!(text.contains("longshore_job_state_changes_total{status=\"RUNNING\"} 3"));
    assert!(text.contains("longshore_store_commit_duration_seconds_bucket{le=\"0.0025\"} 1"));
    assert!(text.contains("longshore_store_rows_written_total 7"));
}

#[test]
fn queue_that_is_gone_is_not_shown_any_more() {
    let metrics = Metrics::new("1").unwrap();
    let queue = |name: &str| Queue { name: name.to_owned(), runnable: 2, jobs: vec![("RUNNABLE", 2)] };
    metrics.render(&Now { queues: vec![queue("a"), queue("b")], ..Now::default() });
    let text = metrics.render(&Now { queues: vec![queue("b")], ..Now::default() });
    assert_eq!(lines(&text, "longshore_queue_runnable"), ["longshore_queue_runnable{queue=\"b\"} 2"]);
    assert_eq!(lines(&text, "longshore_jobs{"), ["longshore_jobs{queue=\"b\",status=\"RUNNABLE\"} 2"]);
}

#[test]
fn process_is_shown_as_client_libraries_do() {
    let text = Metrics::new("1").unwrap().render(&Now::default());
    let value = |name: &str| -> f64 { lines(&text, name)[0].rsplit(' ').next().unwrap().parse().unwrap() };
    assert!(value("process_resident_memory_bytes ") > 100_000.0);
    assert!(value("process_open_fds ") >= 3.0);
    assert!(value("process_max_fds ") >= value("process_open_fds "));
    assert!(value("process_start_time_seconds ") > 1.7e9);
    assert!(text.contains("# TYPE process_cpu_seconds_total counter"));
}
