"""A team of workers by gloo: `torch.distributed` carries what they sum, on whatever backend they train."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray

from kerasseq.plugin import RunError

__all__ = ["Gloo", "WorkerLost", "following", "interface", "leading"]

INTERFACE = "GLOO_SOCKET_IFNAME"

PATIENCE = timedelta(minutes=10)
"""Within which every worker must have done its part of an update; one that dies is noticed at once, but for a machine
whose power fails."""

FOLLOWS = timedelta(days=7)
"""How long a worker waits for its leader, which measures and writes meanwhile; it ends with the leader."""


class WorkerLost(RunError):
    """A worker of a team has died, or cannot be reached."""


class Gloo:
    """A worker of a team; see `kerasseq.backend.team.Team`.

    Args:
        rank: 0 for the leader.
        size: Of the team.
    """

    def __init__(self, rank: int, size: int) -> None:
        self.rank = rank
        self.size = size

    def sum(self, values: NDArray[np.float32]) -> None:
        """Put the sum over all workers in place of `values`."""
        _done(lambda: dist.all_reduce(torch.from_numpy(values)))

    def share(self, values: NDArray[Any]) -> None:
        """Put the leader's in place of `values`; they lie one behind the other."""
        if values.size:
            _done(lambda: dist.broadcast(torch.from_numpy(values.reshape(-1).view(np.uint8)), 0))

    def said(self, what: Mapping[str, Any]) -> dict[str, Any]:
        """What the leader says."""
        text = np.frombuffer(json.dumps(what).encode(), dtype=np.uint8)
        length = np.array([len(text)])
        self.share(length)
        values = text.copy() if self.rank == 0 else np.zeros(int(length[0]), dtype=np.uint8)
        self.share(values)
        found: dict[str, Any] = json.loads(values.tobytes())
        return found


def _done(act: Callable[[], Any]) -> None:
    try:
        act()
    except RuntimeError as cause:
        said = (str(cause).strip().splitlines() or [type(cause).__name__])[0][:200]
        raise WorkerLost(f"a worker: must do its part of each update, got {said}") from cause


@contextlib.contextmanager
def leading(address: str, size: int, begin: Callable[[str, int], None]) -> Iterator[Gloo]:
    """Within, this process leads a team.

    Args:
        address: Of this machine, as the others reach it.
        size: Of the team.
        begin: Told address and port, lets the other workers begin to follow.

    Raises:
        WorkerLost: One does not come.
    """
    store = dist.TCPStore(address, 0, size, is_master=True, timeout=PATIENCE, wait_for_workers=False)
    begin(address, store.port)
    with _joined(store, 0, size, address, PATIENCE) as team:
        yield team


@contextlib.contextmanager
def following(own: str, leader: tuple[str, int], rank: int, size: int) -> Iterator[Gloo]:
    """Within, this process follows a leader.

    Args:
        own: Address of this machine.
        leader: Address and port of its.
        rank: From 1 on.
        size: Of the team.

    Raises:
        WorkerLost: The team does not come together.
    """
    store = dist.TCPStore(*leader, size, is_master=False, timeout=PATIENCE, wait_for_workers=False)
    with _joined(store, rank, size, own, FOLLOWS) as team:
        yield team


@contextlib.contextmanager
def _joined(store: Any, rank: int, size: int, address: str, patience: timedelta) -> Iterator[Gloo]:
    with _through(address):
        _done(lambda: dist.init_process_group("gloo", store=store, rank=rank, world_size=size, timeout=patience))
    try:
        yield Gloo(rank, size)
    finally:
        with contextlib.suppress(RuntimeError):  # of a group one of whom has died
            dist.destroy_process_group()


@contextlib.contextmanager
def _through(address: str) -> Iterator[None]:
    """Within, gloo speaks through the interface of that address: by itself it takes what the name of the machine says,
    which on many is the loopback."""
    found = "" if INTERFACE in os.environ else interface(address)
    if found:
        os.environ[INTERFACE] = found
    try:
        yield
    finally:
        if found:
            os.environ.pop(INTERFACE, None)


def interface(address: str) -> str:
    """The network interface that has an IPv4 address; empty where that cannot be told."""
    try:
        import fcntl
    except ImportError:
        return ""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for _, name in socket.if_nameindex():
            with contextlib.suppress(OSError):  # it has none
                told = fcntl.ioctl(asked.fileno(), 0x8915, struct.pack("256s", name.encode()[:15]))  # SIOCGIFADDR
                if socket.inet_ntoa(told[20:24]) == address:
                    return name
    return ""
