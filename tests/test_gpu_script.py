"""The command for whoever has a GPU: without one it says so, with one it runs everything and keeps what it found."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def script() -> Any:
    spec = importlib.util.spec_from_file_location("gpu", ROOT / ".ci" / "gpu.py")
    module: Any = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return module


def test_without_a_gpu_it_says_so_and_runs_nothing(
    script: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert script.main(tmp_path / "out") == 1
    said = capsys.readouterr().err
    why = f"got none (torch {torch.__version__})"
    assert said == f"gpu: must run where torch sees a GPU of NVIDIA, {why}; nothing was run\n"
    assert not (tmp_path / "out").exists()


def test_with_one_it_tests_and_measures_and_keeps_what_it_found(
    script: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    def ran(command: list[str], log: Path, **environment: str) -> tuple[int, str]:
        commands.append(command)
        if "bench" in command:
            Path(command[-1], "bench.md").write_text("the grid", encoding="utf-8")
        return (1, "2 failed") if environment.get("KERASSEQ_BACKEND") == "jax" else (0, "80 passed")

    monkeypatch.setattr(script, "seen", lambda: ("NVIDIA Something, torch 9", ""))
    monkeypatch.setattr(script, "jax_sees_it", lambda: True)
    monkeypatch.setattr(script, "run", ran)
    assert script.main(tmp_path) == 1, "what fails is not hidden"
    page = (tmp_path / "gpu.md").read_text(encoding="utf-8")
    for part in ("NVIDIA Something", "80 passed", "2 failed", "the grid"):
        assert part in page
    assert [command[2] for command in commands] == ["pytest", "pytest", "kerasseq_bench.routes", "kerasseq"]


def test_what_a_command_says_is_kept(script: Any, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import os, sys; print(os.environ['A']); print('last'); sys.exit(3)"]
    assert script.run(command, tmp_path / "log", A="first") == (3, "last")
    assert (tmp_path / "log").read_text().split() == ["first", "last"]
