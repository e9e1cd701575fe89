"""Models of fastText: their vectors against plain NumPy, and damaged files.

What gensim reads in a model that it has trained is compared in kerasseq-vectors.
"""

import gzip
import re
import struct

import numpy as np
import pytest

from kerasseq.embeddings.fasttext_model import bucket_of, shape_of
from kerasseq.embeddings.subword import Subword
from kerasseq.embeddings.subword_start import start
from kerasseq.embeddings.vectors import first_words, opened, read_vectors
from kerasseq.errors import DataError
from kerasseq.pipelines.subwords import SubwordIds
from kerasseq.spec import Subwords

WORDS = ("</s>", "cat", "قطة", "caterpillar")
D, BUCKETS = 5, 40
ROWS = np.random.default_rng(0).normal(size=(len(WORDS) + BUCKETS, D)).astype("float32")


def content(
    names=WORDS,
    rows=ROWS,
    version=12,
    dimension=D,
    words=4,
    pruned=-1,
    quantised=False,
    buckets=BUCKETS,
    longest=4,
):
    """A model as fastText writes it, for n-grams of 3 and 4 letters."""
    arguments = (dimension, 5, 1, 1, 5, 1, 2, 2, buckets, 3, longest, 100)
    head = b"\xba\x16\x4f\x2f" + struct.pack("<i12id", version, *arguments, 1e-4)
    head += struct.pack("<3i2q", words, words, 0, 99, pruned)
    entries = b"".join(name.encode() + b"\0" + struct.pack("<qb", 9, 0) for name in names)
    matrix = struct.pack("<?2q", quantised, *ROWS.shape) + rows.astype("<f4").tobytes()
    return head + entries + matrix + struct.pack("<?2q", False, len(WORDS), D) + bytes(4 * D * len(WORDS))


@pytest.fixture
def model(tmp_path):
    (tmp_path / "m.bin").write_bytes(content())
    return tmp_path / "m.bin"


def fnv(text):
    """FNV-1a over signed bytes, 32 bits at every step."""
    found = np.array(2166136261, dtype="uint32")
    with np.errstate(over="ignore"):
        for byte in np.frombuffer(text.encode(), dtype="int8"):
            found = (found ^ byte.astype("int32").astype("uint32")) * np.array(16777619, dtype="uint32")
    return int(found) % BUCKETS


def expected(word):
    letters = f"<{word}>"
    parts = [letters[i : i + n] for n in (3, 4) for i in range(len(letters) - n + 1)] if word != "</s>" else []
    rows = [ROWS[WORDS.index(word)]] if word in WORDS else []
    return np.mean([*rows, *(ROWS[len(WORDS) + fnv(part)] for part in parts)], axis=0, dtype="float64")


@pytest.mark.parametrize(("ngram", "hashed"), [("a", 0xE40C292C), ("foobar", 0xBF9CF968), ("b", 0xE70C2DE5)])
def test_hashes_of_ascii_are_those_of_the_published_fnv(ngram, hashed):
    assert bucket_of(ngram, 1 << 32) == hashed


@pytest.mark.parametrize("word", ["cat", "قطة", "cats", "قطط", "</s>"])
def test_a_word_is_the_mean_of_its_vector_and_its_ngrams_known_or_not(word, model):
    np.testing.assert_allclose(read_vectors(model, {word})[word], expected(word), rtol=1e-5, atol=1e-6)


def test_a_packed_model_reads_like_a_plain_one(model, tmp_path):
    (tmp_path / "m.bin.gz").write_bytes(gzip.compress(model.read_bytes()))
    plain, packed = read_vectors(model, {"cat", "dog"}), read_vectors(tmp_path / "m.bin.gz", {"cat", "dog"})
    assert plain.keys() == packed.keys() == {"cat", "dog"}
    assert all((plain[word] == packed[word]).all() for word in plain)


def test_the_first_words_are_the_models_own(model):
    assert first_words(model, 3) == ["</s>", "cat", "قطة"]
    assert first_words(model, 99, "fasttext_bin") == list(WORDS)


def test_ngrams_have_the_vectors_of_their_buckets(model):
    found = opened(model, (), ["<ca", "طة>"])
    assert not found.words
    for ngram, vector in found.ngrams.items():
        np.testing.assert_array_equal(vector, ROWS[len(WORDS) + fnv(ngram)])


DAMAGED = {
    "nothing behind the magic": (content()[:20], "must be a whole fastText model, got the end of the file"),
    "an old version": (content(version=11), "must be a fastText model of version 12, got 11"),
    "vectors that no memory holds": (content(dimension=2_000_000_000), "dimension: must be from 1 to 8,192 numbers"),
    "more words than there are": (content(words=2_000_000_000), "dictionary: must have 2,000,000,000 words first"),
    "a negative count": (content(words=-1), "dictionary: must have -1 entries, got -1 words"),
    "a pruned dictionary": (content(pruned=7), "must be a model with its whole dictionary, got a pruned one"),
    "a quantised model": (content(quantised=True), "must be a model of plain numbers, got a quantised one"),
    "buckets that are not there": (
        content(buckets=2_000_000_000),
        r"vectors: must be 2,000,000,004 of 5 numbers, got 44",
    ),
    "endless n-grams": (content(longest=2_000_000_000), "n-grams: must be of at most 64 letters"),
    "an endless word": (content(names=["x" * 9000, *WORDS[1:]]), "dictionary: must be 4 words and their counts, got 0"),
    "a cut matrix": (
        content()[: -17 - 4 * D * len(WORDS) - 8],
        "vectors: must be whole, got the end of the file in row",
    ),
    "sums beyond float32": (
        content(rows=np.full_like(ROWS, 3e38)),
        "vectors: must have finite sums of words, got infinity with row",
    ),
    "NaN": (content(rows=ROWS * np.nan), "vectors: must be finite, got NaN or infinity in row"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_model_says_what_is_wrong(case, tmp_path):
    data, message = DAMAGED[case]
    (tmp_path / "m.bin").write_bytes(data)
    with pytest.raises(DataError, match=f"m.bin: {message}"):
        read_vectors(tmp_path / "m.bin", {"cat"})


def test_no_byte_that_turns_gives_another_error(tmp_path):
    data, random = content(), np.random.default_rng(0)
    for turn in range(200):
        damaged = bytearray(data)
        damaged[random.integers(4, 160)] ^= 1 << random.integers(8)
        (tmp_path / "m.bin").write_bytes(damaged[: random.integers(1, len(data)) if turn % 2 else len(data)])
        try:
            read_vectors(tmp_path / "m.bin", {"cat", "dog"})
        except DataError as error:
            assert "m.bin" in str(error)


def test_another_binary_file_is_no_model(tmp_path):
    (tmp_path / "v.bin").write_bytes(b"1 1\na " + struct.pack("<f", 1))
    assert shape_of(tmp_path / "v.bin") is None
    assert read_vectors(tmp_path / "v.bin", {"a"})["a"] == [1]


def test_a_config_is_told_how_the_model_is_made(model):
    found = dict(Subword(name="subword", path=str(model), dimension=4).problems())
    assert found.keys() == {"dimension", "longest"}
    assert re.match(r"must be 5, as in .*m.bin, got 4", found["dimension"])
    assert not list(Subword(name="subword", path=str(model), dimension=5, longest=4).problems())


@pytest.mark.parametrize("listed", [["<ca", "cat", "at>"], ["<ca", "cat", "at>", "<cat", "cat>", "قطة"], []])
def test_words_start_as_the_model_says_whichever_ngrams_are_listed(listed, model):
    vocabulary = ["", "[UNK]", "[SEP]", "cat", "قطة", "cats"]
    cut = Subwords(3, 4, 99, given=True)
    if not listed:
        with pytest.raises(DataError, match="must hold n-grams of the training words, got none of 0"):
            start(str(model), vocabulary, listed, cut)
        return
    own, ngrams = start(str(model), vocabulary, listed, cut)
    assert not own[:3].any() and not ngrams[0].any()
    ids = SubwordIds(cut, listed)
    for row, word in enumerate(vocabulary[3:], start=3):
        known = [number for number in ids.encode([word])[0] if number]
        mean = (own[row] + ngrams[known].sum(axis=0)) / (1 + len(known))
        np.testing.assert_allclose(mean, expected(word), rtol=1e-4, atol=1e-6)


def test_a_file_of_ngrams_is_read_as_charngram_spells_them(tmp_path):
    keys = {"2gram-#BEGIN#c": [1, 0], "2gram-ca": [0, 1], "3gram-at#END#": [4, 4], "2gram-zz": [9, 9]}
    lines = [f"{key} {' '.join(map(str, row))}" for key, row in keys.items()]
    (tmp_path / "c.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    listed = ["<c", "ca", "at>", "<x"]
    own, ngrams = start(str(tmp_path / "c.txt"), ["", "[UNK]", "[SEP]", "cat"], listed, Subwords(2, 4, 9, given=True))
    np.testing.assert_array_equal(ngrams, [[0, 0], [1, 0], [0, 1], [4, 4], [0, 0]])
    np.testing.assert_allclose(
        (own[3] + ngrams[1:4].sum(axis=0)) / 4, np.mean([[1, 0], [0, 1], [4, 4]], axis=0), rtol=1e-6
    )
