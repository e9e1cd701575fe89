"""A side of the split as numbers, and the batches it gives."""

# D numbers of a step

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.examples import Examples

ROWS = [[5, 6, 7], [], [3] * 9, [2]]
TAGS = Ragged.from_lists([[1, 0, 2], [], [4] * 9, [0]], "int64")


def examples(*inputs: list[list[int]]) -> Examples:
    count = len(inputs[0])
    named = zip(("tokens", "tokens_2"), map(Ragged.from_lists, inputs), strict=False)
    return Examples(dict(named), np.arange(count) * 10, np.linspace(1, 2, count, dtype=np.float32))


def vectors(lengths: list[int] | tuple[int, ...] = (3, 0, 9), dimension: int = 2) -> tuple[list[Any], Examples]:
    random = np.random.default_rng(0)
    rows = [random.normal(size=(n, dimension)).astype("float32") for n in lengths]
    return rows, Examples({"x": Ragged.from_lists(rows, "float32", (dimension,))})


def test_a_batch_is_right_padded_to_a_multiple_of_8() -> None:
    batch = examples(ROWS).batch(np.array([0, 2]))
    assert {name: ids.shape for name, ids in batch.inputs.items()} == {"tokens": (2, 16)}
    assert batch.inputs["tokens"].dtype == np.int32
    assert batch.inputs["tokens"].tolist() == [[5, 6, 7] + [0] * 13, [3] * 9 + [0] * 7]
    assert batch.targets is not None and batch.targets.tolist() == [0, 20]
    assert batch.weights.tolist() == pytest.approx([1, 5 / 3])
    assert batch.rows.tolist() == [0, 2]


def test_an_empty_text_still_has_8_steps() -> None:
    assert examples(ROWS).batch(np.array([1])).inputs["tokens"].tolist() == [[0] * 8]


@pytest.mark.parametrize(("rows", "expected"), [([0], 8), ([2], 16), ([0, 1, 2, 3], 16)])
def test_of_allowed_lengths_the_smallest_that_fits_is_taken(rows: list[int], expected: int) -> None:
    batch = examples(ROWS).batch(np.array(rows), (8, 16, 32))
    assert batch.inputs["tokens"].shape == (len(rows), expected)


def test_rows_longer_than_every_length_have_the_last_one_doubled() -> None:
    batch = examples(ROWS).batch(np.array([0, 2]), (4, 8))
    assert batch.inputs["tokens"].shape == (2, 16)


def test_fillers_are_padding_of_no_weight() -> None:
    batch = examples(ROWS).batch(np.array([3, 0]), size=4)
    assert batch.inputs["tokens"][2:].tolist() == [[0] * 8] * 2
    assert batch.targets is not None and batch.targets.tolist() == [30, 0, 30, 30]
    assert batch.weights.tolist() == [2, 1, 0, 0]
    assert batch.rows.tolist() == [3, 0]


def test_inputs_of_a_pair_are_padded_apart_unless_lengths_are_few() -> None:
    pair = examples(ROWS, [[1], [1], [1], [1] * 20])
    assert [ids.shape for ids in pair.batch(np.array([2, 3])).inputs.values()] == [(2, 16), (2, 24)]
    assert [ids.shape for ids in pair.batch(np.array([0, 3]), (8, 32)).inputs.values()] == [(2, 32)] * 2
    assert pair.lengths.tolist() == [3, 1, 9, 20]
    assert pair.steps("tokens").tolist() == [3, 0, 9, 1]
    assert pair.steps("tokens_2").tolist() == [1, 1, 1, 20]
    assert pair.tokens(np.array([2, 3])) == 9 + 1 + 1 + 20


def test_its_length_is_the_number_of_rows() -> None:
    assert len(examples(ROWS)) == 4


def test_rows_without_weights_count_one_and_fillers_nothing() -> None:
    batch = Examples({"tokens": Ragged.from_lists(ROWS)}).batch(np.array([1, 2]), size=3)
    assert (batch.weights.tolist(), batch.weights.dtype) == ([1, 1, 0], np.float32)


def test_the_weights_of_the_rows_stay_as_they_are_under_fillers() -> None:
    made = examples(ROWS)
    made.batch(np.array([0, 1]), size=4)
    assert made.weights is not None and made.weights.tolist() == np.linspace(1, 2, 4, dtype=np.float32).tolist()


def test_unlabelled_rows_have_no_targets_and_batches_of_them_neither() -> None:
    made = examples(ROWS)
    bare = made.unlabelled()
    assert bare.inputs is made.inputs
    assert (bare.targets, bare.weights) == (None, None)
    batch = bare.batch(np.array([3, 0]), size=4)
    assert batch.targets is None
    assert batch.weights.tolist() == [1, 1, 0, 0]


# === Vectors ===


@pytest.mark.parametrize("lengths", [(), (8, 16)])
def test_vectors_bring_a_mask_of_the_steps_that_are_none_of_padding(lengths: tuple[int, ...]) -> None:
    rows, made = vectors()
    batch = made.batch(np.array([2, 0, 1]), lengths, 4)
    assert {name: (a.shape, a.dtype.name) for name, a in batch.inputs.items()} == {
        "x": ((4, 16, 2), "float32"),
        "x_mask": ((4, 16), "bool"),
    }
    assert batch.inputs["x_mask"].sum(axis=1).tolist() == [9, 3, 0, 0]
    for place, row in enumerate((2, 0, 1)):
        valid = batch.inputs["x_mask"][place]
        assert valid.tolist() == [True] * len(rows[row]) + [False] * (16 - len(rows[row]))
        np.testing.assert_array_equal(batch.inputs["x"][place][valid], rows[row])
        assert not batch.inputs["x"][place][~valid].any()
    assert not batch.inputs["x"][3].any()


def test_a_vector_that_is_zero_or_not_a_number_is_a_step_like_any_other() -> None:
    rows = [np.zeros((2, 2)), np.full((1, 2), np.nan)]
    batch = Examples({"x": Ragged.from_lists(rows, "float32", (2,))}).batch(np.array([0, 1]))
    assert batch.inputs["x_mask"].sum(axis=1).tolist() == [2, 1]
    assert np.isnan(batch.inputs["x"]).sum() == 2
    assert np.isnan(batch.inputs["x"][1, 0]).all()


def test_ids_bring_no_mask() -> None:
    assert set(examples(ROWS).batch(np.array([0])).inputs) == {"tokens"}


def test_vectors_count_as_tokens_and_the_characters_of_a_token_do_not() -> None:
    rows, made = vectors((3, 0, 9))
    assert made.tokens(np.array([0, 1, 2])) == 12
    characters = Ragged.from_lists([np.ones((n, 5)) for n in (3, 0, 9)], "int32", (5,))
    both = Examples({"tokens": Ragged.from_lists([[1] * 3, [], [1] * 9]), "characters": characters})
    assert both.tokens(np.array([0, 2])) == 12
    assert both.batch(np.array([0, 2])).inputs["characters"].shape == (2, 16, 5)
    assert set(both.batch(np.array([0])).inputs) == {"tokens", "characters"}


# === One value a row ===


def test_an_input_without_steps_is_taken_as_it_is_and_rows_are_of_one_step() -> None:
    made = Examples({"year": np.array([[1.0], [2.0], [3.0]], dtype="float32")})
    assert (len(made), made.lengths.tolist(), made.tokens(np.array([0, 2]))) == (3, [1, 1, 1], 2)
    batch = made.batch(np.array([2, 0]), (8,), 3)
    assert batch.inputs["year"].tolist() == [[3], [1], [3]]
    assert set(batch.inputs) == {"year"}


def test_an_array_of_steps_has_as_many_in_each_row() -> None:
    made = Examples({"x": np.zeros((3, 24, 2), dtype="float32"), "tokens": Ragged.from_lists([[1], [], [1, 2]])})
    assert made.steps("x").tolist() == [24] * 3
    assert made.steps("tokens").tolist() == [1, 0, 2]


# === One target a step ===


def test_targets_of_steps_are_minus_1_at_padding() -> None:
    made = replace(examples(ROWS), targets=TAGS)
    batch = made.batch(np.array([0, 2]), size=3)
    assert batch.targets is not None
    assert batch.targets.dtype == np.int64
    assert batch.targets.tolist() == [[1, 0, 2] + [-1] * 13, [4] * 9 + [-1] * 7, [-1] * 16]
    assert batch.weights[2] == 0


@pytest.mark.parametrize(("lengths", "steps"), [((), (8, 24)), ((8, 32), (32, 32))])
def test_targets_have_the_steps_of_their_input_where_lengths_are_few(
    lengths: tuple[int, ...], steps: tuple[int, int]
) -> None:
    """As a target of each step has them, or the steps of an answer that is longer than the row."""
    longer = Ragged.from_lists([[7] * 20, [], [], []], "int64")
    batch = replace(examples(ROWS), targets=longer).batch(np.array([0]), lengths)
    assert batch.targets is not None
    assert (batch.inputs["tokens"].shape[1], batch.targets.shape[1]) == steps


def test_targets_that_are_numbers_stay_numbers() -> None:
    made = replace(vectors()[1], targets=Ragged.from_lists([[0.5] * 3, [], [1.5] * 9], "float32"))
    batch = made.batch(np.array([0]))
    assert batch.targets is not None
    assert (batch.targets.tolist(), batch.targets.dtype) == ([[0.5] * 3 + [-1] * 5], np.float32)
