import csv
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from kerasseq.config.read import read_experiment
from kerasseq.errors import DataError, RunError
from kerasseq.preparation import encode_test, prepare, read, read_again
from kerasseq.run_directory import RunDirectory
from kerasseq.spec import DatasetSpec

SIDES = ("train", "validation", "test")


def made(path, *overrides):
    """The rows of each side, the task that learned from them, and both together."""
    experiment = read_experiment(path, overrides)
    tables = read(experiment)
    task = experiment.task.build(experiment, tables["train"])
    return tables, task, prepare(tables, task)


@pytest.fixture
def path(tiny, tmp_path):
    return tiny(tmp_path)


@pytest.fixture
def rows(tmp_path):
    def of(side):
        with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
            return [row for row in csv.DictReader(file) if row["side"] == side]

    return of


def test_rows_are_read_on_their_sides_and_the_table_says_how(path, rows):
    tables = read(read_experiment(path))
    assert set(tables) == set(SIDES)
    for side, table in tables.items():
        assert table["text"].to_pylist() == [row["text"] for row in rows(side)]
        assert b"as given" in table.schema.metadata[b"split"]


class Empty(DatasetSpec):
    """A dataset without rows, as one of a plugin may be."""

    def build(self):
        return pa.table({"text": [], "target": [], "source": [], "line": []})


def test_no_rows_are_said_so(path):
    with pytest.raises(DataError, match="dataset: must have rows, got none"):
        read(replace(read_experiment(path), dataset=Empty(name="empty")))


def test_every_side_has_the_samples_and_examples_of_its_rows(path, rows):
    _, task, data = made(path)
    for side in SIDES:
        samples, examples = data.samples[side], data.examples[side]
        assert len(samples) == len(examples) == len(rows(side))
        assert list(samples.first) == [row["text"] for row in rows(side)]
        assert task.truth_column(examples.targets) == [row["mood"] for row in rows(side)]
        assert set(examples.inputs) == set(task.pipeline.names) == {"tokens"}
        assert data.counts[side].texts == len(examples)
        inputs, _ = task.pipeline.encode(samples)
        np.testing.assert_array_equal(examples.inputs["tokens"].flat, inputs["tokens"].flat)


def test_the_facts_are_those_of_the_report(path):
    _, _, data = made(path)
    assert [data.facts[f"rows, {side}"] for side in SIDES] == [36, 12, 12]
    assert "as given" in data.facts["split"]
    assert data.facts["encoding, train"] == str(data.counts["train"])


def test_a_row_weighs_what_the_data_says_times_what_the_task_says_and_a_test_row_is_not_balanced(path, rows):
    overrides = ['dataset.weight="worth"', 'dataset.target="liked"', 'task.class_weights="balanced"']
    _, task, data = made(path, *overrides)
    for side in SIDES:
        worth = np.array([float(row["worth"]) for row in rows(side)])
        balanced = task.weights(data.examples[side].targets) if side != "test" else 1
        np.testing.assert_allclose(data.examples[side].weights, worth * balanced, rtol=1e-6)
    _, _, plain = made(path)
    assert all(examples.weights.tolist() == [1] * len(examples) for examples in plain.examples.values())


def test_a_score_counts_by_how_sure_it_is_where_training_looks(path, rows):
    overrides = [
        'task.name="regression"',
        'dataset.target="stars"',
        'dataset.deviation="worth"',
        'dataset.weight="worth"',
    ]
    _, _, data = made(path, *overrides)
    for side in SIDES:
        worth = np.array([float(row["worth"]) for row in rows(side)])
        inverse = 1 / (worth**2 + (worth**2).mean()) if side != "test" else np.ones(len(worth))
        np.testing.assert_allclose(data.examples[side].weights, worth * inverse / inverse.mean(), rtol=1e-6)


def test_training_goes_by_what_is_said_and_measuring_by_the_label(path, rows):
    overrides = ['task.name="regression"', 'dataset.target="worth"', 'dataset.label="stars"']
    _, task, data = made(path, *overrides)
    for side in SIDES:
        column = "worth" if side == "train" else "stars"
        np.testing.assert_allclose(data.examples[side].targets, [float(row[column]) for row in rows(side)], rtol=1e-6)
    assert task.mean == np.mean([float(row["worth"]) for row in rows("train")])


def test_wrong_targets_of_every_side_are_one_error(path, rows):
    experiment = read_experiment(path, ['task.name="regression"', 'dataset.target="stars"', "task.range=[0, 8]"])
    tables = read(experiment)
    task = experiment.task.build(experiment, tables["train"])
    with pytest.raises(DataError) as error:
        prepare(tables, task)
    wrong = {side: sum(float(row["stars"]) > 8 for row in rows(side)) for side in SIDES}
    assert sum(count > 0 for count in wrong.values()) > 1
    assert len(str(error.value).splitlines()) == sum(wrong.values())


def test_a_wrong_label_of_a_training_row_is_found_before_the_training(path):
    overrides = ['task.name="regression"', 'dataset.target="worth"', 'dataset.label="stars"', "task.range=[0, 5]"]
    experiment = read_experiment(path, overrides)
    tables = read(experiment)
    for side in ("validation", "test"):
        tables[side] = tables[side].slice(0, 0)
    task = experiment.task.build(experiment, tables["train"])
    with pytest.raises(DataError, match=r"rows.csv:\d+: worth, stars: must be in task.range"):
        prepare(tables, task)


def test_other_rows_to_measure_on_are_encoded_as_the_test_rows_are(path):
    tables, task, data = made(path)
    samples, examples, counts = encode_test(tables["test"], task)
    assert list(samples.first) == list(data.samples["test"].first)
    np.testing.assert_array_equal(examples.targets, data.examples["test"].targets)
    np.testing.assert_array_equal(examples.inputs["tokens"].flat, data.examples["test"].inputs["tokens"].flat)
    assert counts == data.counts["test"]
    with pytest.raises(DataError, match=r"rows.csv:\d+: mood: must be one of bad, good, so-so, got 'new'"):
        target = tables["test"].column_names.index("target")
        encode_test(tables["test"].set_column(target, "target", [["new"] * 12]), task)


def test_a_run_finds_its_rows_again_or_says_which_side_has_others(finished, path, tmp_path):
    experiment = read_experiment(path)
    assert {side: table.num_rows for side, table in read_again(experiment, RunDirectory(finished)).items()} == {
        "train": 36,
        "validation": 12,
        "test": 12,
    }
    text = (tmp_path / "rows.csv").read_bytes().decode("utf-8").replace("لذيذ", "شهي")
    (tmp_path / "rows.csv").write_bytes(text.encode("utf-8"))
    with pytest.raises(RunError, match="must have the rows that the run had"):
        read_again(experiment, RunDirectory(finished))
