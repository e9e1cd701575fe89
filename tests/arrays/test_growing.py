"""Sequences in memory and on disk."""

import gc
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasseq.arrays.growing import GrowingRagged
from kerasseq.arrays.ragged import Ragged

PARTS = st.lists(st.lists(st.lists(st.integers(0, 2**31 - 1), max_size=5), max_size=5), max_size=5)


@settings(deadline=None)
@given(PARTS, st.booleans())
def test_parts_come_back_as_one(parts, on_disk):
    ids = GrowingRagged(on_disk)
    for part in parts:
        ids.add(Ragged.from_lists(part))
    found = ids.ragged()
    assert [row.tolist() for row in found] == [row for part in parts for row in part]
    assert (found.flat.dtype, found.offsets.dtype) == (np.int32, np.int64)
    assert isinstance(found.flat, np.memmap) == (on_disk and len(found.flat) > 0)


@pytest.mark.parametrize("on_disk", [False, True])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
@settings(deadline=None)
@given(lengths=st.lists(st.lists(st.integers(0, 4), max_size=4), max_size=4))
def test_vectors_come_back_with_the_shape_of_a_step(on_disk, shape, lengths):
    random = np.random.default_rng(0)
    parts = [[random.normal(size=(n, *shape)).astype("float32") for n in part] for part in lengths]
    growing = GrowingRagged(on_disk, "float32", shape)
    for part in parts:
        growing.add(Ragged.from_lists(part, "float32", shape))
    found, rows = growing.ragged(), [row for part in parts for row in part]
    assert (len(found), found.shape, found.flat.dtype) == (len(rows), shape, np.float32)
    assert isinstance(found.flat, np.memmap) == (on_disk and len(found.flat) > 0)
    for one, other in zip(found, rows, strict=True):
        np.testing.assert_array_equal(one, other)
    order = np.arange(len(rows))[::-1]
    padded = found.padded(order, 4)
    for one, row in zip(padded, order, strict=True):
        np.testing.assert_array_equal(one[: len(rows[row])], rows[row])
        assert not one[len(rows[row]) :].any()


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux lists the maps of a process")
def test_the_file_has_no_name_and_goes_with_the_last_use(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ids = GrowingRagged(on_disk=True)
    ids.add(Ragged.from_lists([[5, 6], [7]]))
    ragged = ids.ragged()
    assert os.listdir(tmp_path) == []
    assert str(tmp_path) in Path("/proc/self/maps").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="read-only"):
        ragged.flat[0] = 1
    del ids, ragged
    gc.collect()
    assert str(tmp_path) not in Path("/proc/self/maps").read_text(encoding="utf-8")
