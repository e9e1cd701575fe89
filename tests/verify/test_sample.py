import numpy as np
import pytest

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.examples import Examples
from kerasseq.verify.sample import Sample, storable

TEXTS = ["خدمة 😀", "", "a\ud83db\x00"]


def same(one, other):
    assert type(one) is type(other)
    if isinstance(one, Ragged):
        np.testing.assert_array_equal(one.offsets, other.offsets)
        one, other = one.flat, other.flat
    np.testing.assert_array_equal(one, other)
    assert one.dtype == other.dtype


def back(sample, folder):
    sample.write(folder)
    found = Sample.read(folder)
    for before, after in ((sample.examples, found.examples), (sample.again, found.again)):
        assert list(before.inputs) == list(after.inputs)
        for name, values in before.inputs.items():
            same(values, after.inputs[name])
    return found


def test_a_sample_comes_back_as_it_was_written(tmp_path):
    inputs = {"tokens": Ragged.from_lists([[3, 4], [], [5]]), "tokens_2": Ragged.from_lists([[1], [2], []])}
    order = np.array([2, 0, 1])
    before = Sample(
        Examples(inputs, np.array([1, 0, 2])),
        Examples({name: ragged.take(order) for name, ragged in inputs.items()}),
        order,
        {"text": np.array(TEXTS, dtype=object), "text_2": np.array(["x", "\r\n", ""], dtype=object)},
        {"label": ("batch",), "probabilities": ("batch", 2)},
        {"score": 2.5, "logits": 0},
        ("bad", "جيد"),
        TEXTS,
        "bfloat16",
        "3 test rows",
    )
    after = back(before, tmp_path)
    assert {name: list(values) for name, values in after.feeds.items()} == {"text": TEXTS, "text_2": ["x", "\r\n", ""]}
    assert after.feeds["text"].dtype == object
    assert after.axes == {"label": ["batch"], "probabilities": ["batch", 2]}
    assert (list(after.labels), after.units, list(after.shown)) == (["bad", "جيد"], {"score": 2.5, "logits": 0}, TEXTS)
    assert (after.precision, after.source, len(after)) == ("bfloat16", "3 test rows", 3)
    same(before.examples.targets, after.examples.targets)
    same(before.order, after.order)
    assert after.again.targets is None


def test_vectors_numbers_of_a_row_and_a_target_for_each_step_come_back(tmp_path):
    vectors = Ragged.from_lists([[[0.1, -2]], [], [[0, 1e-9], [3, 4]]], "float32", (2,))
    inputs = {"vectors": vectors, "a.b flat": np.array([[0.5], [1.5], [2.5]], dtype=np.float32)}
    feeds = {"vectors": vectors.padded(np.arange(3), 2), "length": vectors.lengths}
    targets = Ragged.from_lists([[1], [], [0, 2]])
    before = Sample(Examples(inputs, targets), Examples(inputs), np.arange(3), feeds, shown=["1", "", "2"])
    after = back(before, tmp_path)
    same(targets, after.examples.targets)
    assert set(after.feeds) == {"vectors", "length"}
    for name, values in feeds.items():
        same(values, after.feeds[name])


def test_a_sample_without_steps_or_targets_comes_back(tmp_path):
    none = {"tokens": Ragged.from_lists([]), "vectors": Ragged.from_lists([], "float32", (3,))}
    after = back(Sample(Examples(none), Examples(none), np.zeros(0, int)), tmp_path)
    assert len(after) == 0 and after.examples.targets is None and after.feeds == {}


# === One array of rows of unequal length ===


def test_rows_of_unequal_length_are_padded():
    rows = [np.array([[1.5, 2], [3, 4]], np.float32), np.zeros((0, 2), np.float32)]
    found = storable(rows)
    assert found.dtype == np.float32
    assert found.tolist() == [[[1.5, 2], [3, 4]], [[0, 0], [0, 0]]]


def test_choices_stay_what_they_are():
    numbers = storable([np.array([2**40, 3]), np.array([], int), np.array([4])])
    assert numbers.dtype == np.int64 and numbers.tolist() == [[2**40, 3], [0, 0], [4, 0]]
    names = storable([np.array(["B-مكان", "O"], dtype=object), np.array([], dtype=object)])
    assert names.dtype.kind == "U" and names.tolist() == [["B-مكان", "O"], ["", ""]]


@pytest.mark.parametrize("empty", [[], np.array([]), np.array([], dtype=object)])
def test_an_empty_row_does_not_say_of_what_the_others_are(empty):
    assert storable([empty, np.array([7])]).dtype == np.int64
    assert storable([empty, np.array(["O"])]).tolist() == [[""], ["O"]]
    assert storable([empty, np.array([0.5])]).tolist() == [[0], [0.5]]


@pytest.mark.parametrize(("dtype", "kind"), [(object, "U"), (np.int64, "i"), (np.float32, "f")])
def test_rows_that_are_all_empty_keep_their_kind(dtype, kind):
    found = storable([np.array([], dtype=dtype)] * 2)
    assert found.shape == (2, 0) and found.dtype.kind == kind


def test_arrays_stay_and_objects_become_strings():
    array = np.arange(6.0).reshape(3, 2)
    assert storable(array) is array
    names = storable(np.array(["جيد", "so-so"], dtype=object))
    assert names.dtype.kind == "U" and names.tolist() == ["جيد", "so-so"]
    assert storable([]).shape == (0, 0)


def test_what_is_storable_needs_no_pickle(tmp_path):
    arrays = {"tags": storable([np.array(["O"], dtype=object), np.array([], dtype=object)]), "ids": storable([[1], []])}
    np.savez(tmp_path / "said.npz", **arrays)
    with np.load(tmp_path / "said.npz", allow_pickle=False) as found:
        assert {name: found[name].tolist() for name in found.files} == {"tags": [["O"], [""]], "ids": [[1], [0]]}
