"""Files of a run and of data, with a few bytes changed: read as they are, or refused with their name; nothing else."""

import random
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from kerasseq.config.read import read_experiment
from kerasseq.embeddings.vectors import read_vectors
from kerasseq.errors import KerasseqError
from kerasseq.loading import load
from kerasseq.preparation import read
from kerasseq.training.checkpoint import read_checkpoint

FEW, MANY = 6, 400
"""Damaged copies of each file: in every run of the tests, and where there is time."""

NUMBERS = ("9" * 20, "-1", "1e999", "NaN", "null", "[" * 5000, '"', "\x1b[2J", "../../../etc/passwd")


def damaged(whole: bytes, draw: random.Random) -> bytes:
    """Bits turned, a piece gone, doubled or moved, the end cut off, or what no writer would write put in."""
    data = bytearray(whole)
    for _ in range(draw.choice((1, 1, 1, 3, 20))):
        place, length = draw.randrange(max(len(data), 1)), draw.choice((1, 2, 8, 200))
        match draw.randrange(6):
            case 0:
                data[place : place + 1] = bytes([draw.randrange(256)])
            case 1:
                del data[place : place + length]
            case 2:
                data[place:place] = data[place : place + length]
            case 3:
                del data[place:]
            case 4:
                data[place : place + length] = bytes(draw.randrange(256) for _ in range(length))
            case 5:
                data[place : place + length] = draw.choice(NUMBERS).encode()
    return bytes(data)


def opened(run: Path) -> None:
    load(run).predict(["خدمة ممتازة"])


def tables(run: Path) -> None:
    read(read_experiment(run.parent / "tiny.toml"))


READERS = {
    "experiment.toml": opened,
    "environment.json": opened,
    "task.json": opened,
    "tokenizer.json": opened,
    "model.keras": opened,
    "checkpoints/last.npz": lambda run: read_checkpoint(run / "checkpoints" / "last.npz"),
    "../rows.csv": tables,
    "../v.txt": lambda run: read_vectors(run.parent / "v.txt", {"a", "c"}),
    "../v.bin": lambda run: read_vectors(run.parent / "v.bin", {"a", "c"}),
    "../v.npz": lambda run: read_vectors(run.parent / "v.npz", {"a", "c"}),
}


@pytest.fixture(scope="module")
def run(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a run, with its rows and some vectors beside it."""
    folder = tmp_path_factory.mktemp("damage")
    for name in ("rows.csv", "tiny.toml"):
        shutil.copy(finished.parents[2] / name, folder)
    (folder / "v.txt").write_text("a 1 2\nb 3 4\nc 5 6\n")
    (folder / "v.bin").write_bytes(
        b"3 2\n" + b"".join(w + b" " + struct.pack("<2f", 1, 2) + b"\n" for w in (b"a", b"b", b"c"))
    )
    np.savez(folder / "v.npz", words=np.array(["a", "b", "c"]), vectors=np.ones((3, 2), dtype="float32"))
    return Path(shutil.copytree(finished, folder / "run"))


def unforeseen(run: Path, name: str, seeds: range) -> list[str]:
    """What damaged copies of a file raised beside an error of ours that names a file."""
    path, found = run / name, []
    whole = path.read_bytes()
    for seed in seeds:
        path.write_bytes(damaged(whole, random.Random(f"{name} {seed}")))
        try:
            READERS[name](run)
        except KerasseqError as error:
            if path.name not in str(error) and run.name not in str(error):
                found.append(f"{seed}: no file is named in: {error}")
        except Exception as error:
            found.append(f"{seed}: {type(error).__name__}: {error}")
        finally:
            path.write_bytes(whole)
    return found


@pytest.mark.parametrize("name", READERS)
def test_a_damaged_file_is_read_or_refused_by_its_name(run: Path, name: str) -> None:
    assert unforeseen(run, name, range(FEW)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_many_damaged_files_are_read_or_refused_by_their_names(run: Path, name: str) -> None:
    assert unforeseen(run, name, range(MANY)) == []
