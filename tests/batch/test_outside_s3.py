"""`--s3-endpoint`: an outside S3 instead of the embedded one."""

import sys

import pytest
from botocore.exceptions import ClientError
from jobs import Jobs

STORE = """
import boto3
boto3.client("s3").put_object(Bucket="outside", Key="k", Body=b"from a job")
"""


def test_jobs_reach_the_outside_s3_and_the_server_has_none_of_its_own(server):
    outside = server()
    outside.client("s3").create_bucket(Bucket="outside")
    inside = server("--s3-endpoint", outside.endpoint)
    jobs = Jobs(inside)
    jobs.succeed(jobs.submit(sys.executable, "-c", STORE))
    assert outside.client("s3").get_object(Bucket="outside", Key="k")["Body"].read() == b"from a job"
    with pytest.raises(ClientError):
        inside.client("s3").list_buckets()
