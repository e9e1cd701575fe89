"""What a classification learns from its targets."""

import logging
import tracemalloc
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from kerasseq.errors import DataError
from kerasseq.pipelines.text import TextPipeline
from kerasseq.tasks.classification import Classification
from kerasseq.tokenizers.word import Word

WORD = Word(name="word")
TEXT = TextPipeline((), WORD, WORD.build())


def task(**settings: Any) -> Classification:
    return Classification(name="classification", **settings)


@pytest.mark.parametrize(
    ("targets", "labels"),
    [
        (["neg", "pos", "neg", None], ("neg", "pos")),
        (["10", "9", "-1", "x"], ("-1", "9", "10", "x")),
        ([2, 10, 1], ("1", "2", "10")),
        ([True, False], ("False", "True")),
    ],
)
def test_the_classes_are_those_of_the_training_rows_in_order(targets: list[Any], labels: tuple[str, ...]) -> None:
    assert task().learned(pa.chunked_array([targets]), TEXT).labels == labels


def test_given_labels_keep_their_order() -> None:
    assert task(labels=("z", "a")).learned(pa.chunked_array([["a"]]), TEXT).labels == ("z", "a")


def test_one_class_is_not_enough() -> None:
    with pytest.raises(
        DataError, match='at least 2 classes in training, got only "جيد"; another dataset.target may be'
    ):
        task().learned(pa.chunked_array([["جيد", "جيد"]]), TEXT)
    with pytest.raises(DataError, match="at least 2 classes in training, got none; "):
        task().learned(pa.chunked_array([[None]], pa.string()), TEXT)


def test_the_positive_class_must_be_one_of_them() -> None:
    with pytest.raises(DataError, match='task.positive is "yes", the classes are a, b'):
        task(positive="yes").learned(pa.chunked_array([["a", "b"]]), TEXT)
    with pytest.raises(ValidationError, match='positive must be one of the labels, got "yes"'):
        task(positive="yes", labels=("a", "b"))


@pytest.mark.parametrize("labels", [("a",), ("a", "a")])
def test_labels_are_at_least_two_different_names(labels: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError, match="at least 2 different names"):
        task(labels=labels)


def test_a_restored_task_is_the_built_one() -> None:
    built = task(label_smoothing=0.1).learned(pa.chunked_array([["b", "a", "c"]]), TEXT)
    again = task(label_smoothing=0.1).restored(built.state(), TEXT)
    assert (again.labels, again.state(), again.main_score) == (built.labels, built.state(), "f1_macro")
    assert again.pipeline is built.pipeline is TEXT
    assert task().restored({"labels": ["a", "b"]}, TEXT).main_score == "accuracy"


def spelt(*values, **settings):
    task = Classification(name="classification", **settings)
    return task.table(pa.table({"text": ["a"] * len(values), "target": list(values)}), None)["target"].to_pylist()


def test_one_number_is_one_class_however_it_is_spelt(caplog):
    caplog.set_level(logging.INFO, "kerasseq")
    assert spelt("1", "1.0", "2.0", None) == ["1", "1", "2.0", None]
    assert "read 1.0 as 1" in caplog.text
    assert spelt("1", "1.0", "x") == ["1", "1.0", "x"]
    assert spelt("1.0", "2.0") == ["1.0", "2.0"]
    assert spelt("1", "1.0", labels=("1.0", "2.0")) == ["1", "1.0"]  # the class of each is found by its number


# === Spellings ===


def test_other_spellings_are_read_as_the_class_that_merge_says_on_every_side() -> None:
    table = pa.table({"target": ["good", "Good", "1", None, "1.0"], "taught": ["bad", "good\u200f", "1", "1", None]})
    merged = task(merge={"good": ("Good", "good\u200f", "absent")}).table(table, None)
    assert merged["target"].to_pylist() == ["good", "good", "1", None, "1.0"]
    assert merged["taught"].to_pylist() == ["bad", "good", "1", "1", None]


def test_of_many_rows_that_are_merged_no_row_is_an_object_of_python() -> None:
    rows = 50_000
    table = pa.table({"target": ["Good", "bad"] * (rows // 2)})
    tracemalloc.start()
    merged = task(merge={"good": ("Good",)}).table(table, None)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert merged["target"][:2].to_pylist() == ["good", "bad"]
    assert most / rows < 24  # numbers of NumPy; a string of Python has 50 bytes and more


def test_merged_spellings_leave_numbers_one_spelling() -> None:
    table = pa.table({"target": ["1", "1.0", "one", "2"]})
    assert task(merge={"1.0": ("one",)}).table(table, None)["target"].to_pylist() == ["1", "1", "1", "2"]
    assert task().table(table, None)["target"].to_pylist() == ["1", "1.0", "one", "2"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"merge": {"a": ("b",), "c": ("b",)}}, 'each spelling as one class, got "b" twice'),
        ({"merge": {"a": ("b",), "b": ("c",)}}, 'each spelling as one class, got "b" twice'),
        ({"merge": {"a": ("b",)}, "labels": ("a", "b")}, 'merge reads "b" as another class'),
        ({"merge": {"a": ("b",)}, "positive": "b"}, 'merge reads "b" as another class'),
    ],
)
def test_a_spelling_is_read_as_one_class_alone(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        task(**settings)
