"""What every black-box test starts from: the built binary, servers, and the real clients."""

from pathlib import Path

import pytest
import rules
from jobs import Jobs
from server import Server

ROOT = Path(__file__).parent.parent
PROGRAMS = ROOT / "target/release"
# More than the machine has: most jobs of the tests only wait.
VCPUS = 64


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A test that is skipped has not shown what it is there for: it fails."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"{item.nodeid} was skipped: {call.excinfo.value}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    if report.skipped:
        report.outcome = "failed"
    return report


def pytest_addoption(parser):
    parser.addoption("--rule", action="append", default=[], help="run only the tests that hold this rule, such as ARR-3")


def pytest_collection_modifyitems(config, items):
    """Each test is marked with the rules that it holds. Tests that wait for long jobs come last; their jobs run while
    the others do (`long_jobs`)."""
    for item in items:
        item.add_marker(pytest.mark.rules(*sorted(rules.of_test(item.path, item.function.__name__))))
    if wanted := set(config.getoption("rule")):
        items[:] = [item for item in items if wanted & set(item.get_closest_marker("rules").args)]
    items.sort(key=lambda item: item.get_closest_marker("long") is not None)


@pytest.fixture(scope="session")
def root():
    return ROOT


def program(name):
    path = PROGRAMS / name
    assert path.exists(), f"{path} is missing; run `cargo build --release -p longshore -p shortest-path`"
    return path


@pytest.fixture(scope="session")
def longshore():
    """The binary, as users get it."""
    return program("longshore")


@pytest.fixture(scope="session")
def shortest_path():
    return program("shortest-path")


@pytest.fixture
def server(longshore, tmp_path):
    """Starts servers of this test alone: `server()`, or `server("--flag", start=False)`."""
    made = []

    def make(*flags, start=True, vcpus=VCPUS):
        directory = tmp_path / f"server-{len(made)}"
        directory.mkdir()
        made.append(Server(longshore, directory, *flags, vcpus=vcpus))
        return made[-1].start() if start else made[-1]

    yield make
    for each in made:
        each.close()


def _shared(longshore, directory):
    shared = Server(longshore, directory, vcpus=VCPUS).start()
    yield shared
    shared.close()


@pytest.fixture(scope="module")
def shared(longshore, tmp_path_factory):
    """One server for the tests of a module, which keep out of each other's way by names of their own."""
    yield from _shared(longshore, tmp_path_factory.mktemp("shared"))


@pytest.fixture(scope="session")
def long_server(longshore, tmp_path_factory):
    yield from _shared(longshore, tmp_path_factory.mktemp("long"))


@pytest.fixture(scope="session")
def long_jobs(long_server):
    """Jobs that take over half a minute, by name; submitted before the first test (see tests/batch/conftest.py)."""
    from long_jobs import submit

    return submit(Jobs(long_server))


@pytest.fixture(scope="session", autouse=True)
def start_long_jobs_early(request):
    if any(item.get_closest_marker("long") for item in request.session.items):
        request.getfixturevalue("long_jobs")


@pytest.fixture(scope="module")
def jobs(shared):
    return Jobs(shared)


@pytest.fixture(scope="module")
def batch(shared):
    return shared.client("batch")


@pytest.fixture(scope="module")
def logs(shared):
    return shared.client("logs")


@pytest.fixture(scope="module")
def s3(shared):
    return shared.client("s3")


@pytest.fixture(scope="module")
def sts(shared):
    return shared.client("sts")


@pytest.fixture(scope="module")
def aws(shared):
    return shared.aws


@pytest.fixture(scope="module")
def s3_endpoint(shared):
    return shared.endpoint
