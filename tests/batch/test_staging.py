"""Data staging: `s3://` arguments as local files, in processes and in containers."""

import pytest
from images import image, save

STAGE = {"longshore:stage": "true"}
NEEDS = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]
# What a tool does with `-i IN -o OUT -m MASK`.
TOOL = 'cat "$2" "$6" > "$4"; echo "$2"'
ARGUMENTS = "tool -i s3://staging/in/a.txt -o s3://staging/out/{0} -m s3://staging/mask.bed"


@pytest.fixture(scope="module")
def bucket(s3):
    s3.create_bucket(Bucket="staging")
    s3.put_object(Bucket="staging", Key="in/a.txt", Body=b"a\n")
    s3.put_object(Bucket="staging", Key="mask.bed", Body=b"mask\n")
    return "staging"


@pytest.fixture(scope="module", params=["process", "container"])
def run(request, longshore, shared, batch, jobs, bucket, tmp_path_factory):
    """Submits a shell script with arguments, as a process or in a container; its job."""
    name = "host"
    if request.param == "container":
        archive = tmp_path_factory.mktemp("images") / "stage.tar"
        save(archive, "stage:1", {"Env": ["PATH=/bin"]})
        image(longshore, shared, "load", archive)
        name = "staged"
        properties = {"image": "stage:1", "resourceRequirements": NEEDS}
        batch.register_job_definition(jobDefinitionName=name, type="container", containerProperties=properties)

    def run(script, arguments="", tags=STAGE, **members):
        command = ["sh", "-c", script, *arguments.split()]
        return jobs.submit(jobDefinition=name, containerOverrides={"command": command}, tags=tags, **members)

    return run


def body(s3, key):
    return s3.get_object(Bucket="staging", Key=key)["Body"].read()


def exists(s3, key):
    return bool(s3.list_objects_v2(Bucket="staging", Prefix=key)["KeyCount"])


def staged(shared):
    """What is left of staging on the host."""
    return list((shared.data_dir / "agent/stage").iterdir())


def test_inputs_come_before_and_outputs_go_after(run, jobs, s3, shared, request):
    key = f"{request.node.name}.txt"
    detail = jobs.succeed(run(TOOL, ARGUMENTS.format(key)))
    assert body(s3, f"out/{key}") == b"a\nmask\n"
    (path,) = jobs.output(detail)
    assert path.endswith("/in/0/a.txt"), "tools look at endings"
    assert detail["container"]["command"][4] == "-i" and detail["container"]["command"][5] == "s3://staging/in/a.txt"
    assert staged(shared) == []


def test_without_the_tag_arguments_stay(run, jobs):
    detail = jobs.succeed(run('echo "$2"', ARGUMENTS.format("x"), tags={}))
    assert jobs.output(detail) == ["s3://staging/in/a.txt"]


def test_missing_input_is_named_and_nothing_runs(run, jobs, shared):
    detail = jobs.fail(run("echo ran", "tool s3://staging/in/absent.txt"))
    text = "ResourceInitializationError: failed to download s3://staging/in/absent.txt: there is no such object"
    assert detail["container"]["reason"] == text
    assert jobs.output(detail) == [] and "exitCode" not in detail["container"]
    assert staged(shared) == []


def test_failed_command_stores_nothing(run, jobs, s3, shared):
    detail = jobs.fail(run(TOOL + "; exit 4", ARGUMENTS.format("failed.txt")))
    assert detail["container"]["exitCode"] == 4
    assert not exists(s3, "out/failed.txt")
    assert staged(shared) == []


def test_output_that_was_not_written_fails_the_job(run, jobs, s3):
    detail = jobs.fail(run("true", "tool -o s3://staging/out/nothing.txt"))
    text = "failed to upload s3://staging/out/nothing.txt: the command has succeeded but left nothing there"
    assert (detail["container"]["reason"], detail["container"]["exitCode"]) == (text, 1)
    assert not exists(s3, "out/nothing.txt")


def test_bucket_that_is_missing_fails_the_job_after_the_run(run, jobs):
    detail = jobs.fail(run('echo x > "$2"', "tool -o s3://absent-bucket/x"))
    assert detail["container"]["reason"] == "failed to upload s3://absent-bucket/x: there is no such bucket"


def test_prefixes_are_directories(run, jobs, s3, request):
    prefix = f"many/{request.node.name}/"
    for name in ("one", "sub/two"):
        s3.put_object(Bucket="staging", Key=f"{prefix}{name}", Body=name.encode())
    script = 'mkdir -p "$4/deep"; cat "$2/one" "$2/sub/two" > "$4/deep/both"; echo top > "$4/top"'
    jobs.succeed(run(script, f"tool --in s3://staging/{prefix} --out s3://staging/results/{prefix}"))
    assert body(s3, f"results/{prefix}deep/both") == b"onesub/two"
    assert body(s3, f"results/{prefix}top") == b"top\n"


def test_tag_says_which_arguments_are_outputs(run, jobs, s3, request):
    key = f"named-{request.node.name}"
    tags = {**STAGE, "longshore:outputs": "-w"}
    jobs.succeed(run('cat "$2" > "$4"', f"tool -o s3://staging/in/a.txt -w s3://staging/{key}", tags=tags))
    assert body(s3, key) == b"a\n"


def test_large_output_goes_in_parts(run, jobs, s3, request):
    key = f"large-{request.node.name}"
    script = 'dd if=/dev/zero of="$2" bs=1048576 count=0 seek=70 2>/dev/null; echo end >> "$2"'
    jobs.succeed(run(script, f"tool -o s3://staging/{key}"))
    head = s3.head_object(Bucket="staging", Key=key)
    assert head["ContentLength"] == (70 << 20) + 4
    assert head["ETag"].strip('"').endswith("-2")
    s3.delete_object(Bucket="staging", Key=key)


def test_children_of_an_array_stage_each_for_itself(run, jobs, s3, shared, request):
    key = f"array-{request.node.name}"
    job = run('cat "$1" > "$3"', f"tool s3://staging/in/a.txt -o s3://staging/{key}", arrayProperties={"size": 5})
    jobs.succeed(job)
    assert body(s3, key) == b"a\n"
    assert staged(shared) == []


def test_terminated_job_leaves_nothing(run, jobs, batch, s3, shared):
    job = run('echo x > "$2"; sleep 300', "tool -o s3://staging/out/terminated.txt")
    jobs.wait(job, "RUNNING")
    batch.terminate_job(jobId=job, reason="enough")
    jobs.fail(job)
    assert not exists(s3, "out/terminated.txt")
    assert staged(shared) == []


def test_retry_gets_its_input_anew(run, jobs):
    """Inputs belong to the attempt: what the first one did to them, the second does not see."""
    script = 'grep -q spoiled "$1" && exit 9; echo spoiled >> "$1"; exit 1'
    detail = jobs.fail(run(script, "tool s3://staging/in/a.txt", retryStrategy={"attempts": 2}))
    assert [attempt["container"]["exitCode"] for attempt in detail["attempts"]] == [1, 1]
