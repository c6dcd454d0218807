"""Memory, processors and containers where version 2 of control groups is all there is, as on most machines of today: on a virtual one."""

import sys

import pytest
from machine.machine import Machine

# The processor is emulated where no hypervisor can be had: everything takes twenty times as long.
INSIDE_S = 1800


@pytest.mark.timeout(2400)
def test_limits_hold_with_version_2_of_control_groups(tmp_path):
    """CPU-1, table 4.1: `inside/control_groups.py`, on the other machine."""
    pytest_inside = [sys.executable, "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider", "-o", "timeout=600"]
    code, said = Machine(tmp_path).run(*pytest_inside, "machine/inside/control_groups.py", timeout=INSIDE_S)
    assert code == 0, said
    assert "passed" in said, said
