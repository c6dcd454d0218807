"""`longshore logs` and `longshore describe` of a job of several containers."""

import pytest

NEEDS = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]


@pytest.fixture(scope="module")
def job(jobs):
    """A job whose containers `init` and `main` have each said their name."""

    def container(name, **members):
        return {
            "name": name,
            "image": "host",
            "command": ["echo", f"I am {name}"],
            "resourceRequirements": NEEDS,
            **members,
        }

    after = [{"containerName": "init", "condition": "SUCCESS"}]
    containers = [container("init", essential=False), container("main", dependsOn=after)]
    jobs.batch.register_job_definition(
        jobDefinitionName="containers",
        type="container",
        ecsProperties={"taskProperties": [{"containers": containers}]},
    )
    id = jobs.submit(jobDefinition="containers")
    jobs.succeed(id)
    return id


@pytest.mark.parametrize("flags", [[], ["-f"], ["--attempt", "1"]])
def test_logs_have_the_container_before_each_line(shared, job, flags):
    done = shared.run("logs", *flags, job)
    assert (done.returncode, done.stdout) == (0, "[init] I am init\n[main] I am main\n")


def test_describe_shows_each_container(shared, job):
    lines = [line.strip() for line in shared.run("describe", job).stdout.splitlines()]
    for name, essential in (("init", "not essential, "), ("main", "")):
        start = f"container  {name}: image host, command echo 'I am {name}', needs VCPU 1, MEMORY 64, {essential}"
        assert any(line.startswith(start + "exit code 0, log containers/" + name) for line in lines), lines
    assert any(line.startswith("init: exit code 0, log containers/init/") for line in lines), lines
