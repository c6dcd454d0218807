"""What a job finds in its environment, and what an SDK makes of it (spec section 12.1, STS-1)."""

import sys

# An SDK as a user's job has it: configured by nothing but what Longshore put there.
SDK_JOB = """
import boto3, os
boto3.client("s3").put_object(Bucket="sdk", Key=os.environ["AWS_BATCH_JOB_ID"], Body=b"from inside")
(me,) = boto3.client("batch").describe_jobs(jobs=[os.environ["AWS_BATCH_JOB_ID"]])["jobs"]
print(me["status"], boto3.client("sts").get_caller_identity()["Account"])
"""


def variables(jobs, job):
    lines = jobs.output(jobs.succeed(job))
    return dict(line.partition("=")[::2] for line in lines)


def test_job_finds_itself_and_the_server(jobs, shared):
    """ENV-1, ENV-2."""
    job = jobs.submit("env")
    found = variables(jobs, job)
    batch = {name: value for name, value in found.items() if name.startswith("AWS_BATCH")}
    assert batch == {
        "AWS_BATCH_JOB_ID": job,
        "AWS_BATCH_JOB_ATTEMPT": "1",
        "AWS_BATCH_CE_NAME": "default",
        "AWS_BATCH_JQ_NAME": "default",
    }
    assert found["AWS_EXECUTION_ENV"] == "AWS_ECS_EC2"
    assert found["AWS_ENDPOINT_URL"] == shared.endpoint
    assert found["AWS_REGION"] == found["AWS_DEFAULT_REGION"] == "us-east-1"
    assert found["AWS_ACCESS_KEY_ID"] and found["AWS_SECRET_ACCESS_KEY"]


def test_child_finds_its_index_and_size(jobs):
    """ARR-6: the id is the child's."""
    array = jobs.array(2, "env")
    jobs.succeed(array)
    for index in range(2):
        found = variables(jobs, f"{array}:{index}")
        assert found["AWS_BATCH_JOB_ID"] == f"{array}:{index}"
        assert (found["AWS_BATCH_JOB_ARRAY_INDEX"], found["AWS_BATCH_JOB_ARRAY_SIZE"]) == (str(index), "2")


def test_own_variables_win_but_not_over_the_reserved(jobs):
    """ENV-3: and they stay out of what DescribeJobs echoes (DSC-3)."""
    own = [{"name": "COLOUR", "value": "blue"}, {"name": "AWS_REGION", "value": "eu-west-3"}]
    job = jobs.submit("env", containerOverrides={"environment": own})
    found = variables(jobs, job)
    assert (found["COLOUR"], found["AWS_REGION"]) == ("blue", "eu-west-3")
    echoed = jobs.describe(job)["container"]["environment"]
    assert sorted(entry["name"] for entry in echoed) == ["AWS_REGION", "COLOUR"]


def test_server_s_own_environment_does_not_leak(jobs):
    """Jobs get PATH and its like, and nothing of the server's secrets."""
    found = variables(jobs, jobs.submit("env"))
    assert "PATH" in found
    assert not [name for name in found if name.startswith(("LONGSHORE_", "PYTEST_"))]


def test_sdk_inside_a_job_finds_everything(jobs, s3):
    """boto3 without a setting writes to S3, reads Batch and asks STS."""
    s3.create_bucket(Bucket="sdk")
    job = jobs.submit(sys.executable, "-c", SDK_JOB)
    assert jobs.output(jobs.succeed(job)) == ["RUNNING 000000000000"]
    assert s3.get_object(Bucket="sdk", Key=job)["Body"].read() == b"from inside"


def test_sts_says_who_calls(sts, aws):
    """STS-1: through boto3 and through the AWS CLI."""
    identity = sts.get_caller_identity()
    assert identity["Account"] == "000000000000"
    assert identity["Arn"].startswith("arn:aws:") and identity["UserId"]
    assert aws("sts", "get-caller-identity")["Arn"] == identity["Arn"]
