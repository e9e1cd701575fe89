import numpy as np
import pytest

from kerasseq.verify.checks import FLOOR, LOOSER, Measure

ROWS = ["first text", "second  text\nof more than thirty characters", ""]
MEASURE = Measure(1e-5, {"logits": 0.0}, ["embedding", "bias"], ROWS)


def said(**changes):
    """What a backend says about three texts and two classes; each change is added to an array."""
    logits = np.array([[1.0, -1.0], [0.5, 0.2], [3.0, 3.0]], dtype=np.float32)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    arrays = {}
    ranked = np.sort(probabilities, axis=1)
    for way in ("right", "left", "none", "extra", "neighbours", "reordered"):
        arrays |= {f"{way}/logits": logits, f"{way}/probabilities": probabilities, f"{way}/label": logits.argmax(1)}
        arrays |= {f"{way}/attention": np.array([[1.0, 0], [0.5, 0.5], [0, 0]]), f"{way}/covered": np.ones(3, bool)}
        arrays[f"{way}/sure"] = ranked[:, 1] - ranked[:, 0] > 1e-4
    arrays["loss"] = np.array(0.7)
    for group in ("before", "gradient", "after"):
        arrays |= {f"{group}/00000": np.array([[0.0, 0], [0.5, -0.25]]), f"{group}/00001": np.array([0.125, 0.1])}
    return {name: values + changes[name] if name in changes else values for name, values in arrays.items()}


def failed(other, measure=MEASURE, reference=None):
    checks = [*measure.between(("torch", "jax"), reference or said(), other), *measure.within("jax", other)]
    return [check for check in checks if not check.ok]


def test_equal_answers_have_no_difference():
    checks = [*MEASURE.between(("torch", "jax"), said(), said()), *MEASURE.within("jax", said())]
    assert {check.difference for check in checks} == {0.0}
    assert all(check.ok for check in checks)
    assert len(checks) == 6 + 5 + 5


@pytest.mark.parametrize("change", [2e-4, np.nan])
@pytest.mark.parametrize(
    ("array", "found"),
    [
        ("left/logits", ["outputs, padded left", "unchanged, padded left"]),
        ("none/attention", ["outputs, not padded", "unchanged, not padded"]),
        ("extra/probabilities", ["outputs, 100 extra steps", "unchanged, 100 extra steps"]),
        ("neighbours/logits", ["outputs, other neighbours", "unchanged, other neighbours"]),
        ("reordered/logits", ["outputs, in another order", "unchanged, in another order"]),
        ("loss", ["loss"]),
        ("before/00001", ["weights as loaded"]),
        ("gradient/00000", ["gradients"]),
        ("after/00000", ["weights after one update"]),
    ],
)
def test_a_difference_is_found_by_the_check_of_its_name(array, found, change):
    checks = failed(said(**{array: change}))
    assert [check.name for check in checks] == found
    assert checks[0].backends == ("torch", "jax")
    assert checks[0].difference > 1e-5 or np.isnan(change)


def test_the_text_and_the_weight_that_differ_most_are_named():
    change = np.zeros((3, 2))
    change[:, 0] = [1e-4, 2e-4, 1e-4]
    [check, _] = failed(said(**{"left/attention": change}))
    assert check.where == 'attention of text 2, "second text of more than thirt..."'
    assert check.difference == pytest.approx(2e-4)
    [check] = failed(said(**{"before/00001": 1e-7}))
    assert check.where == "bias"


def test_logits_are_measured_by_their_size_and_a_score_by_its_unit():
    large = said(**{"right/logits": 99.0})
    other = said(**{"right/logits": 99.0 + 5e-4})
    [check] = [c for c in MEASURE.between(("a", "b"), large, other) if c.name == "outputs, padded right"]
    assert check.difference == pytest.approx(5e-4 / 102, rel=0.1)
    scores = {"right/score": np.array([1.0, 5, 9]), "right/covered": np.ones(3, bool)}
    moved = {**scores, "right/score": scores["right/score"] + 0.004}
    [check] = Measure(1e-5, {"score": 400.0}, [], ["a", "b", "c"]).between(("a", "b"), scores, moved)
    assert check.difference == pytest.approx(1e-5, rel=1e-3)


def test_a_text_that_only_one_arrangement_holds_is_not_compared():
    other = said()
    other["none/covered"] = np.array([True, False, True])
    other["none/logits"] = other["none/logits"] * np.array([[1], [0], [1]])
    assert failed(other) == []


def test_a_label_may_change_where_two_classes_tie_and_nowhere_else():
    label = np.array([0, 0, 1])
    assert failed(said(**{"right/label": label})) == []
    [check] = failed(said(**{"right/label": np.array([0, 1, 1])}))
    assert (check.name, check.difference, check.tolerance) == ("labels with a margin over 0.0001", 1.0, 0.0)
    assert check.where.startswith("text 2, ")


def tagged(tags, sure=(True, True)):
    """What a backend says about two rows of tags."""
    return {
        "right/tags": np.array(tags),
        "right/scores": np.zeros((2, 2, 3), np.float32),
        "right/covered": np.ones(2, bool),
        "right/sure": np.array(sure),
    }


def test_a_row_with_another_tag_counts_once_unless_it_is_a_near_tie():
    wanted, other = tagged([["B", "O"], ["O", ""]]), tagged([["O", "I"], ["O", ""]])
    [equal, tags] = MEASURE.between(("a", "b"), wanted, other)
    assert (equal.name, equal.ok) == ("outputs, all at once", True)
    assert (tags.difference, tags.where, tags.ok) == (1.0, 'text 1, "first text"', False)
    [_, tags] = MEASURE.between(("a", "b"), tagged([["B", "O"], ["O", ""]], (False, True)), other)
    assert tags.ok


def test_answers_of_another_shape_are_infinitely_far_apart():
    wanted, other = tagged([["B", "O"], ["O", ""]]), tagged([["B"], ["O"]])
    other["right/scores"] = other["right/scores"][:, :1]
    [numbers, tags] = MEASURE.between(("a", "b"), wanted, other)
    assert (numbers.difference, numbers.where) == (np.inf, "scores, which has another shape")
    assert (tags.difference, tags.where) == (2.0, 'text 1, "first text"')


def test_an_output_is_measured_by_its_largest_value_only_where_its_unit_is_none():
    wanted = {"right/scores": np.array([[500.0], [1.0]]), "right/covered": np.ones(2, bool)}
    moved = {**wanted, "right/scores": wanted["right/scores"] + 0.001}
    for units, apart in (({"scores": 0}, 2e-6), ({"scores": 10.0}, 1e-4), ({}, 1e-3)):
        [check] = Measure(1e-5, units, [], ["a", "b"]).between(("a", "b"), wanted, moved)
        assert check.difference == pytest.approx(apart, rel=1e-6)


def test_a_gradient_is_measured_by_the_largest_of_its_weight():
    scale = LOOSER * 1e-5 * 0.125
    assert failed(said(**{"gradient/00001": 0.9 * scale})) == []
    [check] = failed(said(**{"gradient/00001": 1.1 * scale}))
    assert (check.name, check.where) == ("gradients", "bias")
    assert check.difference == pytest.approx(1.1e-4, rel=1e-3)


def test_a_gradient_that_cancels_out_is_measured_by_the_others():
    none = {"gradient/00001": -np.array([0.125, 0.1])}
    reference = said(**none)
    noise = {"gradient/00001": none["gradient/00001"] + 0.9 * FLOOR * LOOSER * 1e-5 * 0.5}
    assert failed(said(**noise), reference=reference) == []
    assert [c.name for c in failed(said(**{"gradient/00001": none["gradient/00001"] + 1e-3}), reference=reference)] == [
        "gradients"
    ]


def test_an_update_by_a_gradient_of_unsure_sign_is_left_out_and_any_other_is_not():
    tiny = np.array([[1e-7, 0], [0, 0]])
    unsure = said(**{"gradient/00000": tiny, "after/00000": 1e4 * tiny})
    assert failed(unsure) == []
    still = said(**{"after/00000": np.array([[1e-3, 0], [0, 0]])})  # a gradient of exactly 0 is sure
    assert [check.name for check in failed(still)] == ["weights after one update"]


def test_an_update_may_differ_by_what_its_gradient_differs_by():
    rate = np.array([1e-3, 1e-3])
    reference = said(**{"after/00001": -rate})
    gradient = np.array([0, 0.9e-4 * 0.125])  # within the tolerance of a gradient, 0.9e-4 of 0.1
    share = 0.9e-4 * 0.125 / 0.1
    moved = {"gradient/00001": gradient, "after/00001": -rate + np.array([0, 1e-5 + 1.9 * share * 1e-3])}
    assert failed(said(**moved), reference=reference) == []
    beyond = {**moved, "after/00001": -rate + np.array([0, 1e-5 + 2.1 * share * 1e-3])}
    assert [check.name for check in failed(said(**beyond), reference=reference)] == ["weights after one update"]
    same = {"after/00001": moved["after/00001"]}  # the gradient is the same: nothing explains it
    assert [check.name for check in failed(said(**same), reference=reference)] == ["weights after one update"]


def test_a_file_says_answers_alone():
    file = {name: said()[name] for name in ("right/probabilities", "right/label", "right/covered")}
    file |= {name.replace("right", "alone"): values for name, values in file.items()}
    checks = [*MEASURE.between(("torch", "onnx"), said(), file), *MEASURE.within("onnx", file)]
    assert [check.name for check in checks] == [
        "outputs, all at once",
        "labels with a margin over 0.0001",
        "unchanged, one by one",
    ]
