"""Files of every kind that is read, with something changed: read as they are, or refused with their name; nothing else.

`tox -e fuzz` reads a hundred thousand, each in a process that may die of it.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from fuzzing.kinds import kinds, prepare
from fuzzing.worker import case

FEW = 3
"""Damaged copies of each file."""

HERE = [kind for kind in kinds() if kind.sort != "onnx" and "config new" not in kind.name]
"""What cannot end the process that reads it; onnxruntime can."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound file of each kind."""
    folder = tmp_path_factory.mktemp("damage")
    prepare(folder)
    return folder


@pytest.mark.parametrize("kind", HERE, ids=lambda kind: kind.name)
def test_a_damaged_file_is_read_or_refused_by_its_name(folder: Path, kind) -> None:
    whole = (folder / kind.file).read_bytes()
    wanted = kind.read(folder)
    assert [fault for number in range(FEW) if (fault := case(kind, folder, whole, wanted, number))] == []


@pytest.mark.slow
def test_many_damaged_files_are_read_or_refused_by_their_names(tmp_path: Path) -> None:
    fuzz = Path(__file__).parent / "fuzz"
    command = [sys.executable, "-m", "fuzzing", "--cases", "8000", "--first", "1000", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=fuzz, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
