"""How many cores this process may use: those it is pinned to, and no more than its container pays for."""

from __future__ import annotations

import math
import os
from pathlib import Path

__all__ = ["cores", "limited"]

GROUP = Path("/sys/fs/cgroup")
"""Where Linux says what a group of processes may use."""


def cores(group: Path = GROUP) -> int:
    """Cores that may be used, at least one.

    Args:
        group: The folder of the group, of either version.
    """
    return max(1, math.ceil(min(_pinned(), _quota(group))))


def limited(group: Path = GROUP) -> int:
    """The same where they are fewer than the machine has; 0 where all are free, so that a library counts itself."""
    found = cores(group)
    return found if found < (os.cpu_count() or 1) else 0


def _pinned() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # Linux alone has it
        return os.cpu_count() or 1


def _quota(group: Path) -> float:
    """Seconds of computing in a second; infinity without a limit."""
    try:
        if (group / "cpu.max").exists():
            quota, period = (group / "cpu.max").read_text(encoding="ascii").split()[:2]
        else:
            quota = (group / "cpu" / "cpu.cfs_quota_us").read_text(encoding="ascii").strip()
            period = (group / "cpu" / "cpu.cfs_period_us").read_text(encoding="ascii").strip()
        share = math.inf if quota == "max" else float(quota) / float(period)
    except (OSError, ValueError, ZeroDivisionError):
        return math.inf
    return share if share > 0 else math.inf
