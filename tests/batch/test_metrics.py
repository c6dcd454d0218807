"""How a server is, for those who watch it: `/-/metrics`, `/-/ready` and `/-/healthy` on the port, the usual names on a port of their
own. What is counted is what happened; whoever reads Prometheus's format can read it."""

import json
import re
import shutil
import subprocess
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError
from jobs import Jobs
from waiting import wait_for

SAMPLE = re.compile(r"^([a-z_]+)(?:\{(.*)\})? (\S+)$")


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read().decode()


def metrics(server):
    """Every sample, by name and labels."""
    status, headers, text = get(f"{server.endpoint}/-/metrics")
    assert (status, headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    samples = [SAMPLE.match(line) for line in text.splitlines() if not line.startswith("#")]
    return {(name, labels or ""): float(value) for name, labels, value in (one.groups() for one in samples)}


def test_metrics_tell_what_happened(server):
    one = server(vcpus=2)
    jobs = Jobs(one)
    jobs.succeed(jobs.array(4, "true"))
    jobs.fail(jobs.shell("exit 3", retryStrategy={"attempts": 2}))
    running = [jobs.shell("sleep 600") for _ in range(2)]
    waiting = jobs.array(5, "true")
    for job in running:
        jobs.wait(job, "RUNNING")
    jobs.wait(waiting, "PENDING")
    one.client("s3").create_bucket(Bucket="bucket")
    # What was given ahead to the host in vain comes back.
    wait_for("all five to wait", lambda: metrics(one)["longshore_queue_runnable", 'queue="default"'] == 5)
    told = metrics(one)
    assert told["longshore_ready", ""] == 1
    assert told["longshore_jobs_submitted_total", ""] == 5
    assert told["longshore_attempts_ended_total", 'cause="succeeded"'] == 4
    assert told["longshore_attempts_ended_total", 'cause="exited"'] == 2
    assert told["longshore_attempts_ended_total", 'cause="host_lost"'] == 0
    assert told["longshore_job_state_changes_total", 'status="RUNNING"'] == 4 + 2 + 2
    assert told["longshore_jobs", 'queue="default",status="RUNNING"'] == 2
    assert told["longshore_jobs", 'queue="default",status="PENDING"'] == 1
    assert told["longshore_hosts", 'state="connected"'] == 1
    assert told["longshore_hosts_vcpus", 'kind="used"'] == told["longshore_hosts_vcpus", 'kind="capacity"'] == 2
    assert told["longshore_attempts", 'state="placed"'] == 2
    assert told["longshore_http_requests_total", 'api="batch",code="200",operation="SubmitJob"'] == 5
    assert told["longshore_http_request_duration_seconds_count", 'api="s3",operation="PUT"'] == 1
    commits = told["longshore_store_commit_duration_seconds_count", ""]
    assert commits > 5 and told["longshore_store_rows_written_total", ""] >= commits
    assert told["longshore_control_step_duration_seconds_count", ""] >= commits
    assert told["longshore_files_bytes", 'kind="database"'] > 0 and told["longshore_disk_free_bytes", ""] > 0
    assert told["process_resident_memory_bytes", ""] > 1e6 and told["process_open_fds", ""] > 5
    assert told["longshore_http_requests_total", 'api="longshore",code="200",operation="Health"'] >= 1


def test_prometheus_can_read_it(server):
    promtool = shutil.which("promtool")
    assert promtool, "promtool is missing; `cargo xtask test --only install` installs it with Debian's package prometheus"
    one = server()
    jobs = Jobs(one)
    jobs.succeed(jobs.shell("true"))
    _, _, text = get(f"{one.endpoint}/-/metrics")
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_port_of_its_own_tells_anybody_and_nothing_else(server):
    one = server("--metrics-listen", "127.0.0.1:0")
    (address,) = re.findall(r"port of their own.*?(127\.0\.0\.1:\d+)", re.sub(r"\x1b\[[0-9;]*m", "", one.log()))
    assert "longshore_build_info" in get(f"http://{address}/metrics")[2]
    assert json.loads(get(f"http://{address}/healthz")[2]) == {"status": "ok"}
    assert json.loads(get(f"http://{address}/readyz")[2]) == {"status": "ready"}
    for path in ("/", "/v1/describejobqueues", "/metrics/x"):
        assert get(f"http://{address}{path}")[0] == 404


def test_paths_are_in_the_way_of_no_bucket(server):
    """A bucket may be called like any of them."""
    one = server()
    s3 = one.client("s3")
    for name in ("metrics", "health", "healthz", "ready"):
        s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key="-/metrics", Body=name.encode())
        assert s3.get_object(Bucket=name, Key="-/metrics")["Body"].read() == name.encode()
        assert s3.list_objects_v2(Bucket=name)["KeyCount"] == 1
    assert get(f"{one.endpoint}/-/healthy")[0] == get(f"{one.endpoint}/-/ready")[0] == 200
    assert get(f"{one.endpoint}/-/other")[0] == 404


def test_metrics_are_for_those_who_may_ask_where_requests_are_signed(server, monkeypatch):
    monkeypatch.setenv("LONGSHORE_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("LONGSHORE_SECRET_ACCESS_KEY", "secret")
    one = server()
    assert get(f"{one.endpoint}/-/metrics")[0] == 403
    assert get(f"{one.endpoint}/-/ready")[0] == get(f"{one.endpoint}/-/healthy")[0] == 200


def test_disk_below_its_reserve_refuses_new_work_and_nothing_else(server):
    """Both kinds of clients see that they may try again; jobs that are there can be looked at, and ended."""
    one = server()
    jobs = Jobs(one)
    running = jobs.shell("sleep 600")
    jobs.wait(running, "RUNNING")
    s3 = one.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="k", Body=b"v")
    one.stop()
    one.flags = (*one.flags, "--disk-reserve", "99999TiB")
    one.start()
    with pytest.raises(ClientError) as refused:
        jobs.shell("true")
    meta = refused.value.response["ResponseMetadata"]
    assert meta["HTTPStatusCode"] == 503 and int(meta["HTTPHeaders"]["retry-after"]) > 0
    assert "disk" in refused.value.response["message"]
    s3 = one.client("s3")
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket="bucket", Key="l", Body=b"v")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"v"
    status, _, text = get(f"{one.endpoint}/-/ready")
    assert status == 503 and "disk" in json.loads(text)["reason"]
    told = metrics(one)
    assert told["longshore_ready", ""] == 0
    assert told["longshore_http_refusals_total", 'reason="disk"'] == 2
    assert "nearly full" in one.log()
    jobs.batch.terminate_job(jobId=running, reason="enough")
    jobs.fail(running)


def test_more_objects_at_once_than_allowed_are_refused_until_there_is_a_place(server):
    """ERR-6: a reader that does not read holds its place; clients are told to slow down."""
    one = server("--limit", "object-requests=1")
    s3 = one.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="large", Body=b"x" * (64 << 20))
    slow = s3.get_object(Bucket="bucket", Key="large")["Body"]
    slow.read(1)
    with pytest.raises(ClientError) as refused:
        one.client("s3").get_object(Bucket="bucket", Key="large")
    assert refused.value.response["Error"]["Code"] == "SlowDown"
    assert refused.value.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "1"
    assert metrics(one)["longshore_http_refusals_total", 'reason="overload"'] == 1
    slow.close()

    def answered():
        try:
            return one.client("s3").head_object(Bucket="bucket", Key="large")
        except ClientError:
            return None

    wait_for("the place to be free", answered)
