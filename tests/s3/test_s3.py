"""The S3 endpoint through boto3 and the AWS CLI, against whatever server the fixture `s3_endpoint` names."""

import hashlib
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
import uuid

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.client import Config
from botocore.exceptions import ClientError

MIB = 1 << 20


def client_for(endpoint, **config):
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="thing",
        config=Config(retries={"max_attempts": 1}, **config),
    )


@pytest.fixture
def s3(s3_endpoint):
    return client_for(s3_endpoint)


@pytest.fixture
def bucket(s3):
    name = f"test-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def aws(s3_endpoint, tmp_path):
    """Runs the AWS CLI as a user would: configured by the environment alone."""
    program = os.path.join(os.path.dirname(sys.executable), "aws")
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": s3_endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "thing",
        "AWS_EC2_METADATA_DISABLED": "true",
    }

    def run(*arguments, fails=False):
        done = subprocess.run(
            [program, *map(str, arguments)], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120
        )
        assert (done.returncode != 0) == fails, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    return run


def refused(code, call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    assert error.value.response["Error"]["Code"] == code


def test_object_put_and_read_back_is_equal(s3, bucket):
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"hello", Metadata={"colour": "blue"}, ContentType="text/plain")
    assert put["ETag"] == '"%s"' % hashlib.md5(b"hello").hexdigest()
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == b"hello"
    assert (got["Metadata"], got["ContentType"], got["ETag"]) == ({"colour": "blue"}, "text/plain", put["ETag"])


def test_missing_things_have_their_codes(s3, bucket):
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="none")
    refused("404", s3.head_object, Bucket=bucket, Key="none")
    refused("NoSuchBucket", s3.put_object, Bucket="no-such-bucket-here", Key="k", Body=b"")
    refused("404", s3.head_bucket, Bucket="no-such-bucket-here")


def test_bucket_with_objects_is_not_deleted(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"v")
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)
    assert bucket not in [b["Name"] for b in s3.list_buckets()["Buckets"]]


@pytest.mark.parametrize("key", ["a", "a/b", "../up", "a//b", "/lead", "trail/", "x" * 1000, "sp ace+ü%2F", "\x01"])
def test_key_of_any_shape_is_kept(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    assert [o["Key"] for o in s3.list_objects(Bucket=bucket)["Contents"]] == [key]


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_checksum_is_verified_and_returned(s3, bucket, algorithm):
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"]
    other = s3.put_object(Bucket=bucket, Key="other", Body=b"x", ChecksumAlgorithm=algorithm)
    wrong = {f"Checksum{algorithm}": other[f"Checksum{algorithm}"]}
    refused("BadDigest", s3.put_object, Bucket=bucket, Key="k", Body=b"hello", **wrong)


def test_range_and_conditions(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")["ETag"]
    part = s3.get_object(Bucket=bucket, Key="k", Range="bytes=-3")
    assert (part["Body"].read(), part["ContentRange"]) == (b"789", "bytes 7-9/10")
    refused("InvalidRange", s3.get_object, Bucket=bucket, Key="k", Range="bytes=10-")
    refused("304", s3.get_object, Bucket=bucket, Key="k", IfNoneMatch=etag)
    refused("PreconditionFailed", s3.get_object, Bucket=bucket, Key="k", IfMatch='"other"')
    refused("PreconditionFailed", s3.put_object, Bucket=bucket, Key="k", Body=b"", IfNoneMatch="*")
    s3.put_object(Bucket=bucket, Key="k", Body=b"new", IfMatch=etag)


def test_pages_follow_to_the_end(s3, bucket):
    keys = [f"dir{i % 7}/k{i:03}" for i in range(120)]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    for operation in ["list_objects", "list_objects_v2"]:
        pages = s3.get_paginator(operation).paginate(Bucket=bucket, PaginationConfig={"PageSize": 7})
        assert [o["Key"] for page in pages for o in page["Contents"]] == sorted(keys)
        rolled = s3.get_paginator(operation).paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 2})
        prefixes = [p["Prefix"] for page in rolled for p in page.get("CommonPrefixes", [])]
        assert prefixes == [f"dir{i}/" for i in range(7)]


def test_transfer_in_parts_is_equal(s3, bucket, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(23 * MIB + 5))
    config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=4)
    s3.upload_file(str(source), bucket, "big", Config=config)
    assert s3.head_object(Bucket=bucket, Key="big")["ETag"].endswith('-5"')
    s3.download_file(bucket, "big", str(target), Config=config)
    assert target.read_bytes() == source.read_bytes()
    s3.copy({"Bucket": bucket, "Key": "big"}, bucket, "copied", Config=config)
    assert s3.get_object(Bucket=bucket, Key="copied")["Body"].read() == source.read_bytes()


def test_upload_lifecycle(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    where = {"Bucket": bucket, "Key": "k", "UploadId": upload}
    etag = s3.upload_part(**where, PartNumber=9, Body=b"only")["ETag"]
    assert [p["PartNumber"] for p in s3.list_parts(**where)["Parts"]] == [9]
    assert [u["UploadId"] for u in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == [upload]
    wrong = {"Parts": [{"PartNumber": 9, "ETag": '"00000000000000000000000000000000"'}]}
    refused("InvalidPart", s3.complete_multipart_upload, **where, MultipartUpload=wrong)
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [{"PartNumber": 9, "ETag": etag}]})
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"only"
    refused("NoSuchUpload", s3.abort_multipart_upload, **where)


def test_delete_of_many_tags_copy_and_attributes(s3, bucket):
    for key in ["a", "b"]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"v", Tagging="team=x")
    assert s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"] == [{"Key": "team", "Value": "x"}]
    s3.copy_object(Bucket=bucket, Key="c", CopySource={"Bucket": bucket, "Key": "a"})
    attributes = s3.get_object_attributes(Bucket=bucket, Key="c", ObjectAttributes=["ObjectSize", "ETag"])
    assert attributes["ObjectSize"] == 1
    objects = [{"Key": key} for key in ["a", "b", "c", "never there"]]
    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})
    assert len(deleted["Deleted"]) == 4 and "Errors" not in deleted
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_urls_work_until_they_expire(s3_endpoint, s3, bucket, version):
    signer = client_for(s3_endpoint, signature_version=version)
    where = {"Bucket": bucket, "Key": "a b"}
    put = signer.generate_presigned_url("put_object", where, ExpiresIn=60)
    urllib.request.urlopen(urllib.request.Request(put, data=b"body", method="PUT", headers={"Content-Type": ""})).close()
    get = signer.generate_presigned_url("get_object", where, ExpiresIn=60)
    assert urllib.request.urlopen(get).read() == b"body"
    if version == "s3":
        expired = signer.generate_presigned_url("get_object", where, ExpiresIn=-1)
    else:
        expired = re.sub("X-Amz-Date=[0-9]{4}", "X-Amz-Date=2020", get)
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(expired)
    assert error.value.code == 403 and b"Request has expired" in error.value.read()


def test_virtual_host_style_reaches_the_bucket(s3_endpoint, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"v")
    port = s3_endpoint.rsplit(":", 1)[1].strip("/")
    request = urllib.request.Request(f"{s3_endpoint}/k", headers={"Host": f"{bucket}.localhost:{port}"})
    assert urllib.request.urlopen(request).read() == b"v"


def test_cli_moves_trees(aws, tmp_path):
    bucket = f"cli-{uuid.uuid4()}"
    tree = tmp_path / "tree"
    (tree / "sub dir").mkdir(parents=True)
    (tree / "one.txt").write_text("1")
    (tree / "sub dir" / "two.bin").write_bytes(os.urandom(9 * MIB))
    aws("s3", "mb", f"s3://{bucket}")
    aws("s3", "cp", "--recursive", tree, f"s3://{bucket}/tree")
    assert "PRE tree/" in aws("s3", "ls", f"s3://{bucket}/")
    aws("s3", "sync", f"s3://{bucket}/tree", "back")
    for name in ["one.txt", "sub dir/two.bin"]:
        assert (tmp_path / "back" / name).read_bytes() == (tree / name).read_bytes()
    assert aws("s3", "sync", f"s3://{bucket}/tree", "back").strip() == "", "nothing had changed"
    assert aws("s3", "cp", f"s3://{bucket}/tree/one.txt", "-") == "1"
    aws("s3", "mv", f"s3://{bucket}/tree/one.txt", f"s3://{bucket}/moved.txt")
    url = aws("s3", "presign", f"s3://{bucket}/moved.txt").strip()
    assert urllib.request.urlopen(url).read() == b"1"
    assert "BucketNotEmpty" in aws("s3", "rb", f"s3://{bucket}", fails=True)
    aws("s3", "rm", "--recursive", f"s3://{bucket}")
    aws("s3", "rb", f"s3://{bucket}")


def test_cli_s3api_basics(aws, s3, bucket, tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    aws("s3api", "put-object", "--bucket", bucket, "--key", "k", "--body", "file")
    assert '"ContentLength": 3' in aws("s3api", "head-object", "--bucket", bucket, "--key", "k")
    aws("s3api", "get-object", "--bucket", bucket, "--key", "k", "--range", "bytes=1-1", "out")
    assert (tmp_path / "out").read_bytes() == b"b"
    assert '"k"' in aws("s3api", "list-objects-v2", "--bucket", bucket, "--query", "Contents[].Key")
    aws("s3api", "delete-object", "--bucket", bucket, "--key", "k")
    assert "404" in aws("s3api", "head-object", "--bucket", bucket, "--key", "k", fails=True)
