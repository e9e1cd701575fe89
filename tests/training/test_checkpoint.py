"""Checkpoints are whole or an error."""

import struct
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from kerasseq.errors import RunError
from kerasseq.training.checkpoint import load_arrays, read_checkpoint, snapshot, write_checkpoint


def test_what_was_written_is_read(tmp_path: Path) -> None:
    model = [np.arange(6, dtype="float32").reshape(2, 3), np.array(3, dtype="int32")] * 6
    written = {"rate": 0.1, "none": None}
    write_checkpoint(tmp_path / "a.npz", written, model=model, empty=[], random=[np.zeros(2, "uint8")])
    state, groups = read_checkpoint(tmp_path / "a.npz")
    assert state == written
    assert sorted(groups) == ["model", "random"]
    for one, two in zip(groups["model"], model, strict=True):
        np.testing.assert_array_equal(one, two)
        assert one.dtype == two.dtype
    assert list(tmp_path.iterdir()) == [tmp_path / "a.npz"]


def test_a_failed_write_leaves_the_old_one(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "a.npz", {"epoch": 1})
    with pytest.raises(TypeError):
        write_checkpoint(tmp_path / "a.npz", {"epoch": object()})
    assert read_checkpoint(tmp_path / "a.npz")[0] == {"epoch": 1}
    assert list(tmp_path.iterdir()) == [tmp_path / "a.npz"]


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "text", "other", "pickle", "list", "huge", "deep"])
def test_a_damaged_one_is_an_error_that_names_it(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "last.npz"
    write_checkpoint(path, {"epoch": 1}, model=[np.zeros(100)])
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "other":
        np.savez(path, x=np.zeros(3))
    elif damage == "pickle":
        np.savez(path, state=np.array([{}], dtype=object))
    elif damage in ("list", "deep"):
        said = {"list": b"[1]", "deep": b"[" * 100_000}[damage]
        np.savez(path, state=np.frombuffer(said, dtype=np.uint8))
    elif damage == "huge":  # a header that asks for terabytes
        header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }"
        with zipfile.ZipFile(path, "a") as file:
            file.writestr("optimizer.00000.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    else:
        path.write_bytes({"empty": b"", "cut": whole[: len(whole) // 2], "text": b"hello, this is no zip"}[damage])
    with pytest.raises(
        RunError, match=r"last\.npz: must be a checkpoint[,:] .*; without the file, training begins anew$"
    ):
        read_checkpoint(path)


def test_arrays_of_another_model_are_refused() -> None:
    variable = keras.Variable(np.zeros((2, 3)))
    with pytest.raises(RunError, match="was the experiment changed"):
        load_arrays([variable], [np.zeros((3, 2))])
    with pytest.raises(RunError, match="was the experiment changed"):
        load_arrays([variable], [])


def test_a_snapshot_is_a_copy() -> None:
    variable = keras.Variable(np.zeros(2))
    taken = snapshot([variable])
    variable.assign([1.0, 2.0])
    assert taken[0].tolist() == [0, 0]
    load_arrays([variable], taken)
    assert snapshot([variable])[0].tolist() == [0, 0]
