"""Threads go by what the process may use, not by the machine."""

import os

import pytest
from kerasseq_runtime.cores import cores, limited


@pytest.fixture
def eight(monkeypatch):
    """A machine of eight cores, all of which are free."""
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)


@pytest.mark.parametrize(
    ("said", "found"),
    [("max 100000", 8), ("150000 100000", 2), ("50000 100000", 1), ("1600000 100000", 8), ("damaged", 8), ("", 8)],
)
def test_a_container_has_the_cores_that_it_pays_for(eight, tmp_path, said, found):
    (tmp_path / "cpu.max").write_text(said + "\n")
    assert cores(tmp_path) == found


@pytest.mark.parametrize(("quota", "found"), [("-1", 8), ("300000", 3)])
def test_the_older_version_of_groups_is_read_too(eight, tmp_path, quota, found):
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(quota)
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000")
    assert cores(tmp_path) == found


def test_pinned_cores_count_and_a_free_machine_is_left_to_the_library(eight, monkeypatch, tmp_path):
    assert (cores(tmp_path), limited(tmp_path)) == (8, 0)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {3}, raising=False)
    assert (cores(tmp_path), limited(tmp_path)) == (1, 1)
