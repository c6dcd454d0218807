"""Images from a registry: pulled once, by tag and digest, with the credentials of the host and of the definition."""

import json

import pytest
from jobs import Jobs
from registry import Registry

NEEDS = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]
PLAIN = {"Env": ["PATH=/bin"], "Cmd": ["echo", "from the registry"]}
USER, PASSWORD = "puller", "let-me-in"
BLOBS = 2  # a configuration and a layer


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    made = Registry(tmp_path_factory.mktemp("registry"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    made = Registry(tmp_path_factory.mktemp("guarded"), users={USER: PASSWORD})
    yield made
    made.close()


def define(batch, image, **container):
    properties = {"image": image, "resourceRequirements": NEEDS, **container}
    made = batch.register_job_definition(jobDefinitionName="pulled", type="container", containerProperties=properties)
    return made["jobDefinitionArn"]


def reason(failed):
    assert failed["statusReason"] == "Task failed to start"
    (attempt,) = failed["attempts"]
    assert "exitCode" not in attempt["container"]
    return attempt["container"]["reason"]


def test_image_is_pulled_once_for_all_children(jobs, batch, registry):
    reference, _ = registry.push("once:1", PLAIN)
    job = jobs.submit(jobDefinition=define(batch, reference), arrayProperties={"size": 30})
    jobs.succeed(job)
    assert jobs.output(jobs.describe(f"{job}:29")) == ["from the registry"]
    assert registry.downloads("once") == BLOBS


def test_image_is_found_by_its_digest(jobs, batch, registry):
    reference, digest = registry.push("digest:1", PLAIN, "first")
    registry.push("digest:1", PLAIN, "second")
    by_digest = define(batch, f"{reference.rpartition(':')[0]}@{digest}", command=["cat", "/first"])
    jobs.succeed(jobs.submit(jobDefinition=by_digest))


def test_missing_image_is_named(jobs, batch, registry):
    """Table 4.1."""
    registry.push("there:1", PLAIN)
    failed = jobs.fail(jobs.submit(jobDefinition=define(batch, f"{registry.address}/there:2")))
    expected = f"CannotPullContainerError: manifest for {registry.address}/there:2 not found: manifest unknown"
    assert reason(failed).startswith(expected)


def test_pull_failure_is_retried_by_its_prefix(jobs, batch, registry):
    """RTY-6: retry rules of the wild match this prefix."""
    rules = [{"onReason": "CannotPullContainerError:*", "action": "RETRY"}, {"onReason": "*", "action": "EXIT"}]
    strategy = {"attempts": 3, "evaluateOnExit": rules}
    definition = define(batch, f"{registry.address}/nothing:1")
    assert len(jobs.fail(jobs.submit(jobDefinition=definition, retryStrategy=strategy))["attempts"]) == 3


def test_guarded_image_without_credentials_is_denied(jobs, batch, guarded):
    reference, _ = guarded.push("guarded:1", PLAIN)
    failed = jobs.fail(jobs.submit(jobDefinition=define(batch, reference)))
    expected = f"CannotPullContainerError: pull access denied for {guarded.address}/guarded, repository does not exist"
    assert reason(failed).startswith(expected)


def test_guarded_image_is_pulled_with_the_credentials_of_the_definition(server, guarded, tmp_path):
    """SEC-2: `repositoryCredentials` name a secret; a wrong password is no access."""
    reference, _ = guarded.push("definition:1", PLAIN)
    login = {"username": USER, "password": PASSWORD}
    (tmp_path / "secrets.json").write_text(json.dumps({"right": login, "wrong": {**login, "password": "x"}}))
    jobs = Jobs(server("--secrets", str(tmp_path / "secrets.json")))

    def definition(name):
        credentials = {"credentialsParameter": f"arn:aws:secretsmanager:us-east-1:000000000000:secret:{name}"}
        role = "arn:aws:iam::000000000000:role/agent"
        return define(jobs.batch, reference, repositoryCredentials=credentials, executionRoleArn=role)

    denied = jobs.fail(jobs.submit(jobDefinition=definition("wrong-AbCdEf")))
    assert reason(denied).startswith("CannotPullContainerError: pull access denied for ")
    unknown = jobs.fail(jobs.submit(jobDefinition=definition("missing-AbCdEf")))
    assert reason(unknown).startswith("ResourceInitializationError: unable to pull secrets or registry auth: ")
    detail = jobs.succeed(jobs.submit(jobDefinition=definition("right-AbCdEf")))
    assert jobs.output(detail) == ["from the registry"]


def test_guarded_image_is_pulled_with_the_credentials_of_docker(server, guarded, tmp_path, monkeypatch):
    reference, _ = guarded.push("docker:1", PLAIN)
    logins = {"auths": {guarded.address: {"username": USER, "password": PASSWORD}}}
    (tmp_path / "config.json").write_text(json.dumps(logins))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    jobs = Jobs(server())
    jobs.succeed(jobs.submit(jobDefinition=define(jobs.batch, reference)))
