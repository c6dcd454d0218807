"""Webhooks: every event to every target, at least once, in order, whoever is slow, gone or killed (docs/guide/events.md)."""

import json

import pytest
from jobs import Jobs
from waiting import wait_for
from webhooks import Receiver

WHOLE = ["RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]


@pytest.fixture
def receiver():
    """Makes receivers."""
    made = []

    def make(*answer):
        made.append(Receiver(*answer))
        return made[-1]

    yield make
    for each in made:
        each.close()


def statuses(receiver, job):
    return [event["detail"]["status"] for event in receiver.events() if event["detail"]["jobId"] == job]


def in_order(numbers):
    """The numbers without those that were sent again, if each repetition goes back to what was there before and
    nothing is left out from then on."""
    reached = numbers[0]
    for number in numbers[1:]:
        assert number <= reached + 1, f"{number} follows {reached}"
        reached = max(reached, number)
    return list(range(numbers[0], reached + 1))


def test_target_gets_each_event_as_a_post_of_json(server, receiver):
    """EV-1, EV-4: what `longshore events` shows is what is sent."""
    target = receiver()
    running = server("--webhook", target.url)
    jobs = Jobs(running)
    job = jobs.array(3, "true")
    jobs.succeed(job)
    shown = [json.loads(line) for line in running.run("events", "--json").stdout.splitlines()]
    wait_for("all events", lambda: len(target.requests) >= len(shown))
    assert target.events() == shown
    assert target.numbers() == list(range(1, len(shown) + 1))
    paths, headers = {path for path, *_ in target.requests}, target.requests[0][1]
    assert paths == {"/events"} and headers["content-type"] == "application/json"


def test_event_that_is_refused_is_sent_again_and_nothing_overtakes_it(server, receiver):
    """Answers of 500 are no acceptance."""
    refusals = [503, 500, 429]
    target = receiver(lambda number: refusals.pop() if number == 2 and refusals else 200)
    running = server("--webhook", target.url)
    jobs = Jobs(running)
    job = jobs.shell("true")
    jobs.succeed(job)
    wait_for("the end", lambda: "SUCCEEDED" in statuses(target, job))
    assert target.numbers() == [1, 2, 2, 2, 2, 3, 4]
    repeated = target.events()[1:5]
    assert all(event == repeated[0] for event in repeated), "whoever gets it twice can tell by its id"


def test_target_that_is_gone_holds_up_nobody(server, receiver):
    """Neither jobs nor the other target; and it gets everything when it is back."""
    gone, there = receiver(), receiver()
    running = server("--webhook", gone.url, "--webhook", there.url)
    jobs = Jobs(running)
    gone.close()
    told = [jobs.array(5, "true"), jobs.shell("true")]
    for job in told:
        jobs.succeed(job)
    wait_for("the events at the other", lambda: statuses(there, told[1]) == WHOLE)
    assert gone.requests == []
    gone.open()
    wait_for("the events at the one that was gone", lambda: len(gone.requests) >= len(there.requests))
    assert gone.events() == there.events()


def test_restarts_leave_nothing_out(server, receiver):
    """EV-1: the server is killed with a target away, and stopped with it back: at least once, in order."""
    target = receiver()
    running = server("--webhook", target.url)
    jobs = Jobs(running)
    told = [jobs.shell("true")]
    jobs.succeed(told[0])
    wait_for("the first events", lambda: statuses(target, told[0]) == WHOLE)
    target.close()
    told.append(jobs.array(10, "true"))
    jobs.succeed(told[1])
    running.kill()
    target.open()
    running.start()
    told.append(jobs.shell("true"))
    jobs.succeed(told[2])
    wait_for("the later events", lambda: statuses(target, told[2]) == WHOLE)
    running.stop()
    running.start()
    told.append(jobs.shell("true"))
    jobs.succeed(told[3])
    wait_for("the last events", lambda: statuses(target, told[3]) == WHOLE)
    expected = running.run("events", "--json").stdout.splitlines()
    assert in_order(target.numbers()) == list(range(1, len(expected) + 1))
    again = len(target.requests) - len(expected)
    assert again <= len(WHOLE), "only what a killed server had not written down in time comes twice"


def test_target_in_the_configuration_gets_what_it_wants(server, receiver, tmp_path):
    """By status and detail-type; a target that is new begins with what happens next."""
    target, late = receiver(), receiver()
    file = tmp_path / "longshore.toml"
    wishes = f"""[[webhook]]
url = "{target.url}"
status = ["FAILED"]
detail-type = ["Batch Job State Change"]
"""
    file.write_text(wishes)
    running = server("--config", file)
    jobs = Jobs(running)
    failing, other = jobs.shell("false"), jobs.shell("true")
    jobs.fail(failing)
    jobs.succeed(other)
    wait_for("the failure", lambda: statuses(target, failing) == ["FAILED"])
    running.stop()
    file.write_text(f'{wishes}[[webhook]]\nurl = "{late.url}"\n')
    running.start()
    last = jobs.shell("false")
    jobs.fail(last)
    wait_for("the second failure", lambda: statuses(target, last) == ["FAILED"])
    wait_for("its events at the new target", lambda: statuses(late, last) == [*WHOLE[:3], "FAILED"])
    assert {event["detail"]["jobId"] for event in late.events()} == {last}
    assert len(target.requests) == 2
