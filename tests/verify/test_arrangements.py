import numpy as np
import pytest

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.examples import MASK, NO_TARGET, Examples
from kerasseq.verify.arrangements import EXTRA, arrangements

RANDOM = np.random.default_rng(0)
LENGTHS = [0, 3, 7, 3, 12, 1, 3, 5, 9]
WAYS = ["right", "left", "none", "extra", "neighbours"]


def ids(shift=0):
    return Ragged.from_lists([RANDOM.integers(1, 50, n) for n in np.roll(LENGTHS, shift)])


def texts(inputs):
    return Examples({f"tokens{number}": ids(number) for number in range(inputs)}, np.arange(9))


@pytest.fixture(params=[1, 2])
def asked(request):
    return texts(request.param)


@pytest.fixture
def vectors():
    """Steps of two numbers, some of them zero, with a target for each, and one number of a row."""
    steps = [RANDOM.integers(-1, 2, (n, 2)) / 4 for n in LENGTHS]
    tags = [RANDOM.integers(0, 5, n) for n in LENGTHS]
    inputs = {"vectors": Ragged.from_lists(steps, "float32", (2,)), "age": np.arange(9, dtype=np.float32)}
    return Examples(inputs, Ragged.from_lists(tags))


def rows_of(placed, name):
    """Row of the sample -> its tokens without padding, of the rows that are kept."""
    tokens = placed.batch.inputs[name][placed.kept]
    return {int(row): ids[ids > 0].tolist() for row, ids in zip(placed.batch.rows[placed.kept], tokens, strict=True)}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_holds_the_texts_as_they_are(asked, way):
    batches = arrangements(asked)[way]
    for name, ragged in asked.inputs.items():
        found = [item for placed in batches for item in rows_of(placed, name).items()]
        assert all(ids == ragged[row].tolist() for row, ids in found)
        held = sorted(row for row, _ in found)
        assert held == list(range(9)) if way != "none" else len(held) == len(set(held))


def test_padding_stands_where_the_name_says(asked):
    ways = arrangements(asked)
    for name, ragged in asked.inputs.items():
        right, left, extra = (ways[way][0].batch.inputs[name] for way in ("right", "left", "extra"))
        for row, length in enumerate(ragged.lengths):
            assert not right[row, length:].any()
            assert not left[row, : 12 - length].any()
        assert (right.shape[1], left.shape[1], extra.shape[1]) == (12, 12, 12 + EXTRA)
        assert all(placed.batch.inputs[name].all() for placed in ways["none"])
    assert ways["left"][0].left and not ways["right"][0].left


def test_batches_without_padding_are_few_and_hold_the_commonest_length():
    groups = arrangements(texts(1))["none"]
    assert [placed.batch.inputs["tokens0"].shape for placed in groups] == [(1, 1), (3, 3), (1, 5), (1, 12)]


def test_texts_that_are_all_empty_have_no_batch_without_padding():
    ways = arrangements(Examples({"tokens": Ragged.from_lists([[], []])}, np.zeros(2)))
    assert ways["none"] == []
    assert ways["right"][0].batch.inputs["tokens"].shape == (2, 1)


def test_neighbours_are_strangers(asked):
    right = arrangements(asked)["right"][0].batch.inputs["tokens0"]
    halves = arrangements(asked)["neighbours"]
    assert [placed.kept.sum() for placed in halves] == [5, 4]
    for placed in halves:
        tokens = placed.batch.inputs["tokens0"]
        assert tokens.shape == right.shape
        assert all((tokens[row] != right[row]).any() for row in np.flatnonzero(~placed.kept))


def test_targets_go_with_their_texts(asked):
    for batches in arrangements(asked).values():
        for placed in batches:
            np.testing.assert_array_equal(placed.batch.targets, asked.targets[placed.batch.rows])


def test_ids_alone_have_no_mask(asked):
    for batches in arrangements(asked).values():
        assert {tuple(placed.batch.inputs) for placed in batches} == {tuple(asked.inputs)}


# === Vectors, and a target for each step ===


@pytest.mark.parametrize("way", WAYS)
def test_a_mask_tells_the_vectors_of_a_row_from_padding(vectors, way):
    for placed in arrangements(vectors)[way]:
        steps, mask = (placed.batch.inputs[name] for name in ("vectors", "vectors" + MASK))
        assert (steps.dtype, mask.dtype) == (np.float32, bool)
        assert steps.shape == (*mask.shape, 2)
        assert not steps[~mask].any()
        for row, kept, own, valid in zip(placed.batch.rows, placed.kept, steps, mask, strict=True):
            if kept:
                np.testing.assert_array_equal(own[valid], vectors.inputs["vectors"][row])
                width, length = len(valid), LENGTHS[row]
                place = slice(width - length, width) if placed.left else slice(length)
                assert valid[place].all() and valid.sum() == length


def test_padding_of_vectors_stands_where_the_name_says(vectors):
    ways = arrangements(vectors)
    shapes = {way: ways[way][0].batch.inputs["vectors"].shape for way in ("right", "left", "extra", "neighbours")}
    assert shapes == {"right": (9, 12, 2), "left": (9, 12, 2), "extra": (9, 12 + EXTRA, 2), "neighbours": (9, 12, 2)}
    assert [placed.batch.inputs["vectors"].shape for placed in ways["none"]] == [
        (1, 1, 2),
        (3, 3, 2),
        (1, 5, 2),
        (1, 12, 2),
    ]
    assert all(placed.batch.inputs["vectors" + MASK].all() for placed in ways["none"])


@pytest.mark.parametrize("way", ["right", "left", "none", "extra"])
def test_a_target_stands_at_its_step_and_none_at_padding(vectors, way):
    for placed in arrangements(vectors)[way]:
        targets, mask = placed.batch.targets, placed.batch.inputs["vectors" + MASK]
        assert targets.shape == mask.shape
        assert (targets[~mask] == NO_TARGET).all()
        for row, own, valid in zip(placed.batch.rows, targets, mask, strict=True):
            np.testing.assert_array_equal(own[valid], vectors.targets[row])


def test_other_neighbours_have_vectors_and_a_length_of_their_own_and_no_target(vectors):
    [right] = arrangements(vectors)["right"]
    for placed in arrangements(vectors)["neighbours"]:
        steps, mask = (placed.batch.inputs[name] for name in ("vectors", "vectors" + MASK))
        targets = placed.batch.targets
        for row in np.flatnonzero(~placed.kept):
            assert (steps[row] != right.batch.inputs["vectors"][row]).any()
            length = mask[row].sum()
            assert length and mask[row, :length].all() and steps[row, :length].any(axis=1).all()
            assert (targets[row] == NO_TARGET).all()
        np.testing.assert_array_equal(targets[placed.kept], right.batch.targets[placed.kept])
        assert len(set(mask[~placed.kept].sum(axis=1))) > 1


def test_inputs_of_the_same_steps_keep_them_together_whatever_the_neighbours():
    letters = [RANDOM.integers(1, 9, (n, 3)) for n in LENGTHS]
    rows = Examples({"tokens": ids(), "characters": Ragged.from_lists(letters, "int32", (3,))}, np.arange(9))
    for placed in arrangements(rows)["neighbours"]:
        tokens, characters = (placed.batch.inputs[name] for name in ("tokens", "characters"))
        np.testing.assert_array_equal(tokens > 0, (characters > 0).all(axis=2))
        np.testing.assert_array_equal(tokens > 0, (characters > 0).any(axis=2))


def test_a_number_of_a_row_stays_with_it(vectors):
    for way, batches in arrangements(vectors).items():
        for placed in batches:
            kept = placed.batch.rows[placed.kept]
            np.testing.assert_array_equal(placed.batch.inputs["age"][placed.kept], kept, err_msg=way)


def test_rows_without_steps_lie_as_they_are_beside_others():
    rows = Examples({"age": np.arange(4, dtype=np.float32), "window": np.arange(24.0).reshape(4, 3, 2)}, np.arange(4))
    ways = arrangements(rows)
    assert [placed.batch.rows.tolist() for placed in ways["none"]] == [[0, 1, 2, 3]]
    for placed in (placed for batches in ways.values() for placed in batches):
        for name, values in rows.inputs.items():
            same = (placed.batch.inputs[name] == values[placed.batch.rows]).reshape(4, -1).all(axis=1)
            np.testing.assert_array_equal(same, placed.kept)
