"""Parts of a batch, a thread for each."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch

from kerasseq.backend.compiled.gemm import find_blas

__all__ = ["parts_of", "share", "together"]

FEW = 8
"""Rows that are not worth another thread: each reads the whole recurrent kernel at every step."""


def parts_of(batch: int, times: int = 1) -> int:
    """Into how many parts a batch is cut where each of `times` things has all of it to do, so that all threads work."""
    threads: int = torch.get_num_threads()
    return max(1, min(threads if threads % times else threads // times, batch // FEW))


def share(job: Callable[[int, int], Any], batch: int, parts: int = 0) -> list[Any]:
    """Run `job(part, parts)` for each part of the batch, a thread for each."""
    parts = parts or parts_of(batch)
    return together([functools.partial(job, part, parts) for part in range(parts)])


def together(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each of `jobs` gives, on as many threads as torch has; one multiplication stays on one thread."""
    others = min(torch.get_num_threads(), len(jobs)) - 1
    set_threads = find_blas().set_threads
    running = [_pool(others).submit(job) for job in jobs[1:]] if others else []
    before = set_threads(1) if set_threads else 0
    try:
        if not running:
            return [job() for job in jobs]
        done = [jobs[0]()]
        for job, future in zip(jobs[1:], running, strict=True):
            done.append(job() if future.cancel() else future.result())
    finally:
        if set_threads:
            set_threads(before)
    return done


def _forget_pool() -> None:
    """A forked process has none of its parent's threads."""
    _pool.cache_clear()


@functools.cache
def _pool(threads: int) -> ThreadPoolExecutor:
    set_threads = find_blas().set_threads
    settle = (lambda: set_threads(1)) if set_threads else None
    return ThreadPoolExecutor(threads, thread_name_prefix="kerasseq", initializer=settle)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)
