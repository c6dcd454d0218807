"""Valid and broken requests to every operation: no 5xx, no panic, no hang, answers of the model's shape, and no row changed
by a refusal. `python -m fuzz --seed S --count N` in this folder's parent runs longer."""

import time

import pytest
from fuzz.campaign import Campaign
from fuzz.rows import Rows
from fuzz.target import closed_environment

SECONDS = 20
COUNT = 40_000


def run(campaign, seed):
    end = time.monotonic() + SECONDS
    report = campaign.run(COUNT, enough=lambda: time.monotonic() > end)
    shown = "\n".join(map(str, report.findings))
    assert not report.findings, f"seed {seed}:\n{shown}"
    print(f"{sum(report.statuses.values())} requests: {dict(report.statuses)}")


@pytest.mark.parametrize("seed", [1, 20261121])
def test_no_request_breaks_the_server(server, seed):
    """WIRE-5, WIRE-6, WIRE-7, WIRE-8, ERR-1, ERR-9: and a restart finds the rows as they were."""
    running = server(vcpus=4)
    closed_environment(running)
    run(Campaign(running, seed), seed)
    rows = Rows(running.data_dir)
    rows.settle()
    before = rows.all()
    running.kill()
    running.start()
    rows.settle()
    after = rows.all()
    assert (after - before, before - after) == (set(), set())


def test_no_request_breaks_a_server_whose_jobs_run(server):
    """ST-2, TER-1: nor is anything left of them."""
    run(Campaign(server(vcpus=4), 5, at_rest=False), 5)


def test_every_operation_is_tried(server):
    """Both models: each of their operations is tried, and of nearly all of them some are taken."""
    running = server(vcpus=4)
    closed_environment(running)
    campaign = Campaign(running, 7)
    enough = int(0.8 * len(campaign.operations))
    report = campaign.run(200 * len(campaign.operations), enough=lambda: len(campaign.report.accepted) >= enough)
    tried = set(report.accepted) | set(report.refused)
    assert tried == {operation.name for operation in campaign.operations}
    assert len(report.accepted) >= enough, sorted(tried - set(report.accepted))
