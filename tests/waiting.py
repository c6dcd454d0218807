"""Waiting for conditions. The one place of the tests that sleeps, and only between two looks."""

import time

PAUSE_S = 0.02


def wait_for(what, condition, timeout=30):
    """The first true value of `condition()`; fails, naming `what` and the last value, when the time is up."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {timeout} s in vain for {what}; the last look gave {value!r}"
        time.sleep(PAUSE_S)
    return value
