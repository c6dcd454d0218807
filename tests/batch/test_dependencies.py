"""The dependency models, seen by what the jobs themselves leave behind (spec section 7)."""

import pytest

APPEND = 'echo "$AWS_BATCH_JOB_ARRAY_INDEX {word}" >> {file}'


def lines(file):
    return file.read_text().split("\n")[:-1]


def test_job_depending_on_a_job_starts_after_its_success(jobs, tmp_path):
    """DEP-1, DEP-5: the second sees what the first wrote last."""
    file = tmp_path / "file"
    first = jobs.shell(f"sleep 0.3; echo first >> {file}")
    second = jobs.shell(f"echo second >> {file}", dependsOn=[{"jobId": first}])
    detail = jobs.succeed(second)
    assert lines(file) == ["first", "second"]
    assert detail["dependsOn"] == [{"jobId": first}]  # DEP-10
    assert detail["startedAt"] >= jobs.describe(first)["stoppedAt"]


def test_job_depending_on_an_array_starts_after_its_last_child(jobs, tmp_path):
    """DEP-5: all children have succeeded."""
    file = tmp_path / "file"
    script = f'sleep 0.$AWS_BATCH_JOB_ARRAY_INDEX; echo child >> {file}'
    array = jobs.array(5, script)
    jobs.succeed(jobs.shell(f"echo after >> {file}", dependsOn=[{"jobId": array}]))
    assert lines(file) == ["child"] * 5 + ["after"]


def test_job_depending_on_one_child_does_not_wait_for_the_others(jobs, tmp_path):
    """DEP-5: `ID:INDEX`; child 0 ends only after the dependent job has run."""
    gate = tmp_path / "gate"
    script = f"test $AWS_BATCH_JOB_ARRAY_INDEX = 1 || until test -e {gate}; do sleep 0.05; done"
    array = jobs.array(2, script)
    jobs.succeed(jobs.shell(f"touch {gate}", dependsOn=[{"jobId": f"{array}:1"}]))
    jobs.succeed(array)


def test_n_to_n_starts_each_child_after_its_own(jobs, tmp_path):
    """DEP-7: child 0 of the second array runs although child 1 of the first is still held back, by that very child 0."""
    gate, file = tmp_path / "gate", tmp_path / "file"
    hold = f"test $AWS_BATCH_JOB_ARRAY_INDEX = 0 || until test -e {gate}; do sleep 0.05; done"
    first = jobs.array(3, f"{hold}; {APPEND.format(word='first', file=file)}")
    second = jobs.array(
        3,
        f"{APPEND.format(word='second', file=file)}; touch {gate}",
        dependsOn=[{"jobId": first, "type": "N_TO_N"}],
    )
    jobs.succeed(second)
    done = lines(file)
    assert sorted(done) == sorted(f"{index} {word}" for index in range(3) for word in ("first", "second"))
    assert done[:2] == ["0 first", "0 second"]
    for index in (1, 2):
        assert done.index(f"{index} first") < done.index(f"{index} second")


def test_sequential_runs_one_child_after_the_other(jobs, tmp_path):
    """DEP-6: strictly in order, never two at once."""
    file = tmp_path / "file"
    word = APPEND.format(word="{}", file=file)
    array = jobs.array(4, f"{word.format('in')}; sleep 0.1; {word.format('out')}", dependsOn=[{"type": "SEQUENTIAL"}])
    jobs.succeed(array)
    assert lines(file) == [f"{index} {word}" for index in range(4) for word in ("in", "out")]


def test_sequential_child_fails_and_the_following_never_run(jobs, tmp_path):
    """DEP-6, A24."""
    file = tmp_path / "file"
    script = f"{APPEND.format(word='ran', file=file)}; test $AWS_BATCH_JOB_ARRAY_INDEX != 1"
    array = jobs.array(4, script, dependsOn=[{"type": "SEQUENTIAL"}])
    detail = jobs.fail(array)
    assert lines(file) == ["0 ran", "1 ran"]
    assert detail["statusReason"] == "Array Child Job failed"  # ARR-3
    ends = [jobs.describe(f"{array}:{index}") for index in range(4)]
    assert [end["status"] for end in ends] == ["SUCCEEDED", "FAILED", "FAILED", "FAILED"]
    assert [end["statusReason"] for end in ends[2:]] == ["Dependent Job failed"] * 2


def test_failure_cascades_to_dependents_without_running_them(jobs, tmp_path):
    """DEP-2: transitively, and as soon as one dependency has failed."""
    file, gate = tmp_path / "file", tmp_path / "gate"
    slow = jobs.shell(f"until test -e {gate}; do sleep 0.05; done")
    bad = jobs.shell("exit 3")
    child = jobs.shell(f"touch {file}", dependsOn=[{"jobId": bad}, {"jobId": slow}])
    grandchild = jobs.array(3, f"touch {file}", dependsOn=[{"jobId": child}])
    for job in (child, grandchild):
        detail = jobs.fail(job)
        assert detail["statusReason"] == "Dependent Job failed"
        assert detail["attempts"] == [] and "startedAt" not in detail
    assert jobs.status(slow) == "RUNNING"
    gate.touch()
    jobs.succeed(slow)
    assert not file.exists()


def test_dependency_that_has_ended_long_ago_counts(jobs):
    """DEP-3: satisfied if it succeeded, failing if it failed."""
    good, bad = jobs.shell("true"), jobs.shell("false")
    jobs.succeed(good), jobs.fail(bad)
    jobs.succeed(jobs.shell("true", dependsOn=[{"jobId": good}]))
    assert jobs.fail(jobs.shell("true", dependsOn=[{"jobId": bad}]))["statusReason"] == "Dependent Job failed"


@pytest.mark.parametrize("size", [2, 4])
def test_n_to_n_of_another_size_is_refused(jobs, batch, size):
    """DEP-7."""
    first = jobs.array(3, "true")
    with pytest.raises(batch.exceptions.ClientException):
        jobs.array(size, "true", dependsOn=[{"jobId": first, "type": "N_TO_N"}])
    jobs.succeed(first)
