"""Parts of a batch, a thread for each."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch

from kerasseq.backend.compiled.gemm import find_blas

__all__ = ["share"]

FEW = 8
"""Rows that are not worth another thread: each reads the whole recurrent kernel at every step."""


def share(job: Callable[[int, int], Any], batch: int, parts: int = 0) -> list[Any]:
    """Run `job(part, parts)` for each part of the batch, a thread for each, one multiplication on one thread."""
    threads = torch.get_num_threads()
    parts = parts or max(1, min(threads, batch // FEW))
    set_threads = find_blas().set_threads
    running = [_pool(threads).submit(job, part, parts) for part in range(1, parts)]
    before = set_threads(1) if set_threads else 0
    try:
        done = [job(0, parts)]
    finally:
        if set_threads:
            set_threads(before)
    return done + [future.result() for future in running]


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
