"""`longshore sim`: random lives and scenario files, as somebody who looks for an error would use it."""

import json
import re
import shutil
import subprocess

import pytest

SEEDS = 20
MALFORMED = "# Nonsense.\nseed 1\n0s sumbit a\n---\n"


@pytest.fixture(scope="module")
def sim(longshore):
    def run(*words):
        command = [str(word) for word in [longshore, "sim", *words]]
        return subprocess.run(command, capture_output=True, text=True, timeout=100)

    return run


def test_random_lives_end_with_a_line_of_totals(sim):
    done = sim("fuzz", "--seeds", SEEDS, "--seed", 100)
    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.strip().splitlines()[-1]
    assert re.fullmatch(rf"{SEEDS} seeds, \d+ steps, \d+ jobs, \d+ seeds/minute, 0 failed", last), last
    assert re.search(r"^server crash +\d+$", done.stdout, re.MULTILINE)


def test_same_seed_tells_the_same_story(sim):
    first, second = (sim("fuzz", "--seed", 7, "--trace") for _ in range(2))
    assert first.returncode == 0

    def story(done):
        return [line for line in done.stdout.splitlines() if "seeds/minute" not in line]

    assert story(first) == story(second)
    assert len(story(first)) > 50


def test_totals_are_json_for_programs(sim):
    done = sim("fuzz", "--seeds", 3, "--json")
    found = json.loads(done.stdout)
    assert found["checks"]["status changes"] > 0, found.keys()


def test_scenario_comes_out_as_recorded_and_a_changed_record_does_not(sim, root, tmp_path):
    """Exit code 1, and what came of it instead; `--record` makes it the record."""
    file = tmp_path / "array.sim"
    shutil.copy(root / "sim/scenarios/array.sim", file)
    assert sim(file).returncode == 0
    text = file.read_text()
    head, dashes, outcome = text.partition("---\n")
    changed = head + dashes + outcome.replace("FAILED", "SUCCEEDED")
    assert changed != text
    file.write_text(changed)
    done = sim(file)
    assert done.returncode == 1 and "FAILED" in done.stdout + done.stderr
    assert sim("--record", file).returncode == 0
    assert file.read_text() == text
    (scenario,) = json.loads(sim("--json", file).stdout)["scenarios"]
    assert scenario["asRecorded"] is True


def test_what_cannot_be_run_is_named(sim, tmp_path):
    assert sim().returncode == 2
    absent = sim(tmp_path / "absent.sim")
    assert absent.returncode == 1 and "absent.sim" in absent.stderr
    file = tmp_path / "broken.sim"
    file.write_text(MALFORMED)
    broken = sim(file)
    assert broken.returncode != 0 and "line 3" in broken.stderr, broken.stderr
