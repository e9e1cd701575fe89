"""What only a GPU can show: `tox -e gpu`, or `pytest tests/gpu` where torch, or jax, sees one.

`KERASSEQ_REHEARSE=1 pytest tests/gpu` runs the same tests on the CPU: which kernels answer is decided as on CUDA, and
what CUDA alone can say, whether cuDNN ran and nobody waited, is left out. It shows that the tests are no broken code.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

REHEARSED = os.environ.get("KERASSEQ_REHEARSE") == "1"


def missing() -> str:
    """Why nothing here can run; empty where it can."""
    from kerasseq.backend.select import current, device

    found = device()
    if REHEARSED or found != "cpu":
        return ""
    return f"needs a GPU that {current()} can use, got the {found} alone"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    own = [item for item in items if Path(__file__).parent in item.path.parents]
    reason = missing() if own else ""
    for item in own:
        item.add_marker(pytest.mark.gpu)
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def float32_is_float32() -> None:
    from kerasseq.backend.select import exact

    exact()


@pytest.fixture
def routes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How each layer of torch was answered, in order."""
    from types import SimpleNamespace

    import torch

    from kerasseq.backend import torch_kernels

    taken: list[str] = []
    route = torch_kernels.route

    def noting(kind: str, x: Any, mask: Any, units: int) -> str:
        if REHEARSED:
            x = SimpleNamespace(device=torch.device("cuda"), dtype=x.dtype)
        taken.append(route(kind, x, mask, units))
        return taken[-1]

    monkeypatch.setattr(torch_kernels, "route", noting)
    return taken


@pytest.fixture
def cudnn() -> Callable[[Callable[[], Any]], int]:
    """How often cuDNN's recurrent kernels were called by a function of torch."""

    def count(call: Callable[[], Any]) -> int:
        import torch

        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as seen:
            call()
        return sum(event.count for event in seen.key_averages() if event.key == "aten::_cudnn_rnn")

    return count


@pytest.fixture
def unwaited() -> Any:
    """A context in which waiting for CUDA is an error."""

    @contextmanager
    def watch() -> Iterator[None]:
        import torch

        if REHEARSED:
            yield
            return
        torch.cuda.synchronize()
        torch.cuda.set_sync_debug_mode("error")
        try:
            yield
        finally:
            torch.cuda.set_sync_debug_mode("default")

    return watch
