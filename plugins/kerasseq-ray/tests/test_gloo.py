"""A team of two processes: what they sum, share and say, and what is left where one dies."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from kerasseq_ray.gloo import WorkerLost, interface, leading

HERE = "127.0.0.1"

WORK = """
def work(team):
    summed = np.arange(5, dtype=np.float32) * (1 + team.rank)
    team.sum(summed)
    shared = [np.full((2, 3), team.rank + 7, np.uint32), np.array(team.rank + 0.5), np.zeros((0, 4))]
    for values in shared:
        team.share(values)
    return summed.tolist(), [values.tolist() for values in shared], team.said({"epoch": team.rank, "why": "é"})
"""
"""What each of both does first."""

FOLLOW = f"""
import os, sys
import numpy as np
from kerasseq_ray.gloo import following
{WORK}
port, dies = int(sys.argv[1]), sys.argv[2] == "True"
with following("{HERE}", ("{HERE}", port), 1, 2) as team:
    work(team)
    if dies:
        os._exit(9)
    team.sum(np.ones(1, np.float32))
"""


def lead(dies: bool):
    held: dict = {"np": np}
    exec(WORK, held)
    other = []

    def begin(address: str, port: int) -> None:
        other.append(subprocess.Popen([sys.executable, "-c", FOLLOW, str(port), str(dies)]))

    try:
        with leading(HERE, 2, begin) as team:
            found = held["work"](team)
            last = np.ones(1, np.float32)
            team.sum(last)
            return found, last.tolist()
    finally:
        other[0].wait(60)


def test_two_processes_sum_share_and_hear_the_leader():
    (summed, shared, said), last = lead(dies=False)
    assert summed == [0, 3, 6, 9, 12] and last == [2]
    assert shared == [[[7, 7, 7], [7, 7, 7]], 0.5, []]
    assert said == {"epoch": 0, "why": "é"}


def test_a_worker_that_dies_is_noticed_and_another_team_begins():
    with pytest.raises(WorkerLost, match="a worker: must do its part of each update, got "):
        lead(dies=True)
    assert lead(dies=False)[1] == [2]


def test_the_interface_of_an_address():
    assert interface(HERE) in ("lo", "lo0", "")
    assert interface("192.0.2.1") == ""
