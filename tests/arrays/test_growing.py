"""Ids in memory and on disk."""

import gc
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasseq.arrays.growing import GrowingRagged
from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus import text as module
from kerasseq.corpus.encoded import EncodedCorpus
from kerasseq.corpus.text import TextPath, Texts
from kerasseq.preprocessors.rules import chain
from kerasseq.tokenizers.subword import Subword
from kerasseq.tokenizers.word import Word

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


@pytest.mark.parametrize("spec", [Word(name="word", max_length=5), Subword(name="subword", max_length=5)])
@pytest.mark.parametrize("pair", ["single", "join", "combine"])
def test_a_corpus_through_the_disk_is_the_one_in_memory(monkeypatch, spec, pair):
    draw = np.random.default_rng(0)
    words = ["the", "food", "was", "good", "خدمة", "ممتازة", "رديئة", "😀", "3.5"]
    first, second = ([" ".join(draw.choice(words, draw.integers(0, 8))) for _ in range(101)] for _ in range(2))
    texts = Texts(first, () if pair == "single" else second)
    whole = TextPath(chain([]), spec.build(), pair)
    whole.train(texts)
    monkeypatch.setattr(module, "CHUNK", 7)
    parts = TextPath(chain([]), spec.build(), pair)
    parts.train(texts)
    assert parts.tokenizer.to_json() == whole.tokenizer.to_json()
    on_disk, counts = parts.encode(texts, on_disk=True)
    monkeypatch.undo()
    in_memory, counted = whole.encode(texts)
    assert counts == counted
    weights = np.ones(101, dtype=np.float32)
    one, other = EncodedCorpus(on_disk, np.arange(101), weights), EncodedCorpus(in_memory, np.arange(101), weights)
    for left, right in zip(on_disk, in_memory, strict=True):
        assert isinstance(left.flat, np.memmap)
        assert not isinstance(right.flat, np.memmap)
        np.testing.assert_array_equal(left.flat, right.flat)
        np.testing.assert_array_equal(left.offsets, right.offsets)
    for rows in (np.array([100, 0, 7, 7]), draw.permutation(101)):
        for left, right in zip(one.batch(rows).tokens, other.batch(rows).tokens, strict=True):
            np.testing.assert_array_equal(left, right)


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
