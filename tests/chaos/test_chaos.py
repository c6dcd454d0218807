"""Chaos on real processes: kills, freezes, cuts, shortages and power cuts while jobs run; the checker finds nothing.

`python -m chaos --kills 1000` in this folder's parent goes on for longer."""

import subprocess

import pytest
from chaos.campaign import Campaign
from disks import mount

SEED = 20261121


def spotless(totals):
    print(totals.line(SEED))
    assert totals.violations == []


@pytest.mark.timeout(300)
def test_killed_frozen_cut_off_and_starved_system_keeps_its_promises(longshore, tmp_path):
    """ST-6, RTY-2: forty kills, and every other fault once."""
    spotless(Campaign(longshore, tmp_path, SEED, print).run(kills=40))


@pytest.fixture
def small_disk(tmp_path):
    disk = mount(tmp_path / "small", "size=48m")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def test_full_disk_under_load_loses_nothing(longshore, small_disk, tmp_path):
    """The server ends when it cannot write, and goes on where it was when it can. Without a reserve, which would refuse
    submissions first."""
    campaign = Campaign(longshore, tmp_path, SEED, print)
    campaign.server.flags += ("--disk-reserve", "0")
    campaign.server.data_dir = small_disk / "data"
    spotless(campaign.run(kills=4, others=["full-disk"] * 2, cuts=()))
