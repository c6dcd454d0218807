"""Jobs of a server under test, as a user of boto3 handles them."""

from waiting import wait_for

ENDED = ("SUCCEEDED", "FAILED")
LOG_GROUP = "/aws/batch/job"


class Jobs:
    """Submits, watches and reads jobs of one server."""

    def __init__(self, server):
        self.batch = server.client("batch")
        self.logs = server.client("logs")

    def submit(self, *command, **request):
        """A job of the definition `host` in the queue `default`, unless the request says otherwise; its id."""
        fields = {"jobName": "test", "jobQueue": "default", "jobDefinition": "host", **request}
        if command:
            fields.setdefault("containerOverrides", {})["command"] = [str(word) for word in command]
        return self.batch.submit_job(**fields)["jobId"]

    def shell(self, script, **request):
        return self.submit("sh", "-c", script, **request)

    def array(self, size, script, **request):
        return self.shell(script, arrayProperties={"size": size}, **request)

    def describe(self, job):
        (detail,) = self.batch.describe_jobs(jobs=[job])["jobs"]
        return detail

    def status(self, job):
        return self.describe(job)["status"]

    def wait(self, job, *statuses, timeout=60):
        """The job, once it has one of the statuses: one of the two ends unless others are given."""
        wanted = statuses or ENDED

        def reached():
            detail = self.describe(job)
            if detail["status"] in wanted:
                return detail
            assert detail["status"] not in ENDED, f"{job} ended instead: {outline(detail)}"
            return None

        return wait_for(f"{job} to be {' or '.join(wanted)}", reached, timeout)

    def succeed(self, job, timeout=60):
        detail = self.wait(job, timeout=timeout)
        assert detail["status"] == "SUCCEEDED", f"{outline(detail)}\n{self.output(detail)}"
        return detail

    def fail(self, job, timeout=60):
        detail = self.wait(job, timeout=timeout)
        assert detail["status"] == "FAILED", outline(detail)
        return detail

    def output(self, detail):
        """The lines of the latest attempt."""
        stream = detail.get("container", {}).get("logStreamName")
        return self.lines(stream) if stream else []

    def lines(self, stream):
        """All messages of a log stream, read as scripts do: until the token repeats (CWL-2)."""
        messages, token = [], {}
        while True:
            page = self.logs.get_log_events(
                logGroupName=LOG_GROUP, logStreamName=stream, startFromHead=True, **token
            )
            messages += [event["message"] for event in page["events"]]
            if token.get("nextToken") == page["nextForwardToken"]:
                return messages
            token = {"nextToken": page["nextForwardToken"]}


def outline(detail):
    """What matters of a job when a test fails."""
    names = ("jobId", "status", "statusReason", "arrayProperties", "attempts")
    return {name: detail[name] for name in names if name in detail}


def exit_codes(detail):
    """The exit codes of the attempts, oldest first."""
    return [attempt["container"].get("exitCode") for attempt in detail["attempts"]]
