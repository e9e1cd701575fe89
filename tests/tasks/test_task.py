"""What the tasks share."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pyarrow as pa
import pytest

from kerasseq.config.read import read_experiment
from kerasseq.corpus.text import Texts
from kerasseq.datasets.table import Table
from kerasseq.errors import DataError
from kerasseq.onnx_graph.graph import Graph
from kerasseq.spec import DatasetSpec
from kerasseq.tasks.classification import Classification
from kerasseq.tasks.task import ATTENTION, Output, Task, target_error


def rows(count: int, metadata: Mapping[str, str] | None = None) -> pa.Table:
    columns = {"source": ["a.csv"] * count, "line": list(range(2, count + 2))}
    return pa.table(columns).replace_schema_metadata(metadata or {})


def test_wrong_targets_are_named_by_file_line_and_column() -> None:
    error = target_error(rows(3, {"target": "stars"}), [(0, "must be x"), (2, "must be y")])
    assert isinstance(error, DataError)
    assert str(error) == "a.csv:2: stars: must be x\na.csv:4: stars: must be y"


def test_of_many_wrong_targets_20_are_shown_and_the_rest_counted() -> None:
    lines = str(target_error(rows(50), [(row, "wrong") for row in range(50)])).splitlines()
    assert (len(lines), lines[0], lines[-1]) == (21, "a.csv:2: target: wrong", "and 30 more rows like these")


def test_an_output_has_the_shape_that_keras_says() -> None:
    logits, tags = Output("logits", ("batch", 3)), Output("tags", ("batch", "time", 9), optional=True)
    assert (logits.shape, logits.timed, logits.unit, logits.optional) == ((None, 3), False, 1.0, False)
    assert (tags.shape, tags.timed, tags.of) == ((None, None, 9), True, "tokens")
    assert [(out.name, out.of, out.optional, out.shape) for out in ATTENTION] == [
        ("attention", "tokens", True, (None, None)),
        ("attention_2", "tokens_2", True, (None, None)),
    ]


@pytest.mark.parametrize(("second", "expected"), [("", ["task.pair"]), ("answer", [])])
def test_combining_needs_a_second_text(second: str, expected: list[str]) -> None:
    task = Classification(name="classification", pair="combine")
    dataset: Any = Table(name="table", train="x.csv", text="question", text_2=second, target="stars")
    assert [key for key, _ in task.conflicts({"dataset": dataset})] == expected


class Series(DatasetSpec):
    """Rows of another kind."""

    row_kind: ClassVar[str] = "series"


class Vectors(DatasetSpec):
    """Rows of vectors."""

    row_kind: ClassVar[str] = "vectors"


def test_a_task_of_sequences_refuses_other_rows() -> None:
    task = Classification(name="classification")
    found = list(task.conflicts({"dataset": Series(name="series")}))
    said = '"classification" reads texts or vectors, the dataset gives series; see the other tasks'
    assert found == [("task.name", said)]
    assert list(task.conflicts({"dataset": Vectors(name="vectors")})) == []


def test_vectors_have_neither_tokenizer_nor_embedding_nor_preprocessors() -> None:
    task = Classification(name="classification")
    texts = Table(name="table", train="x.csv", text="a", target="b")
    for dataset in (texts, None):
        assert task.sections(dataset) == ({"tokenizer", "embedding", "encoder", "pooler"}, frozenset())
    needs, forbids = task.sections(Vectors(name="vectors"))
    assert (needs, forbids) == ({"encoder", "pooler"}, {"tokenizer", "embedding", "preprocessor", "wide"})


def test_a_task_has_learned_targets_and_vocabulary_and_comes_back_from_a_run(
    tiny: Callable[[Path], Path], tmp_path: Path
) -> None:
    experiment = read_experiment(tiny(tmp_path))
    rows = experiment.dataset.build()
    built = experiment.task.build(experiment, rows)
    assert built.state() == {"labels": ["bad", "good", "so-so"]}
    assert {"خدمة", "food"} <= set(built.pipeline.vocabulary)
    (tmp_path / "task.json").write_text(json.dumps(built.state()), encoding="utf-8")
    built.pipeline.save(tmp_path)
    again = experiment.task.restore(experiment, tmp_path)
    assert (again.state(), again.outputs) == (built.state(), built.outputs)
    texts = Texts(["خدمة ممتازة https://a.b", "zzzz", ""])
    (one, counts), (other, counted) = built.pipeline.encode(texts), again.pipeline.encode(texts)
    assert [ids.tolist() for ids in one["tokens"]] == [ids.tolist() for ids in other["tokens"]]
    assert counts == counted


@pytest.mark.parametrize("pair", ["join", "combine", "esim"])
def test_a_second_text_is_read_as_the_task_says(tiny: Callable[[Path], Path], tmp_path: Path, pair: str) -> None:
    experiment = read_experiment(tiny(tmp_path), ['dataset.text_2="topic"', f'task.pair="{pair}"'])
    pipeline = experiment.task.build(experiment, experiment.dataset.build()).pipeline
    assert pipeline.describe() == {"pair": pair}
    assert pipeline.names == (("tokens",) if pair == "join" else ("tokens", "tokens_2"))


def test_a_pair_setting_means_nothing_without_a_second_text(tiny: Callable[[Path], Path], tmp_path: Path) -> None:
    experiment = read_experiment(tiny(tmp_path), ['task.pair="join"'])
    assert experiment.task.build(experiment, experiment.dataset.build()).pipeline.describe() == {"pair": "single"}


def test_a_task_without_a_form_in_onnx_says_so() -> None:
    task: Any = SimpleNamespace(name="mine")
    with pytest.raises(NotImplementedError, match="the task mine has no form in ONNX"):
        Task.to_onnx(task, Graph(), {})
