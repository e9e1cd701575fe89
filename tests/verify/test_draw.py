import shutil

import numpy as np
import pytest

from kerasseq.config.read import read_experiment
from kerasseq.corpus.text import Texts
from kerasseq.experiment import build, train
from kerasseq.loading import load
from kerasseq.preparation import read
from kerasseq.run_directory import RunDirectory
from kerasseq.verify.draw import draw, shuffled

PAIRS = [
    'dataset.text_2="topic"',
    'dataset.target="stars"',
    'task={name="regression", pair="combine", range=[0, 10.1]}',
    "training.epochs=1",
    'encoder={name="none"}',
]


@pytest.fixture(scope="module")
def pairs(tiny, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pairs")
    experiment = read_experiment(tiny(folder), PAIRS)
    trained, prepared = build(experiment)
    directory = RunDirectory.create(folder / "runs", "pairs")
    train(trained, prepared, directory)
    return directory


@pytest.fixture
def gone(finished, tmp_path):
    """A copy of the finished run, which does not find its data."""
    return _without_data(finished, tmp_path / "run")


def _without_data(path, copy):
    shutil.copytree(path, copy)
    run = RunDirectory(copy)
    text = run.experiment.read_text(encoding="utf-8")
    run.experiment.write_text(text.replace("rows.csv", "gone.csv"), encoding="utf-8")
    return run


def test_test_rows_are_spread_evenly_and_the_odd_ones_follow(finished):
    run, trained = RunDirectory(finished), load(finished)
    rows = read(trained.experiment)["test"]
    every, some = draw(trained, run, 64), draw(trained, run, 3)
    assert list(every.feeds["text"][:12]) == list(every.shown[:12]) == rows["text"].to_pylist()
    assert list(some.feeds["text"][:3]) == [every.feeds["text"][i] for i in (0, 5, 11)]
    assert every.source == "12 test texts, and an empty, an unknown and a long text"
    targets = trained.task.targets(rows)
    np.testing.assert_array_equal(every.examples.targets, [*targets, *targets[:3]])
    tokens = every.examples.inputs["tokens"]
    assert (tokens.lengths[12], tokens.lengths[14]) == (0, 8)
    assert set(tokens[13].tolist()) == {1}
    assert trained.task.pipeline.encode(Texts(every.feeds["text"].tolist()))[1].truncated >= 1
    assert (tuple(every.labels), every.precision) == (trained.task.labels, "float32")
    assert every.units == {"logits": 0, "attention": 1.0, "attention_2": 1.0}
    assert every.axes == {"label": ["batch"], "probabilities": ["batch", 3]}


def test_the_other_order_holds_every_row_once_and_encoded_alike(finished):
    assert sorted(shuffled(67)) == list(range(67)) and (shuffled(67) != np.arange(67)).any()
    sample = draw(load(finished), RunDirectory(finished), 64)
    assert sorted(sample.order) == list(range(15)) and (sample.order != np.arange(15)).any()
    assert sample.again.targets is None
    for place, row in enumerate(sample.order):
        tokens = sample.again.inputs["tokens"][place], sample.examples.inputs["tokens"][row]
        np.testing.assert_array_equal(*tokens)


def test_without_the_data_the_texts_are_made_of_the_vocabulary(gone):
    trained = load(gone.path)
    sample = draw(trained, gone, 20)
    assert len(sample) == 23
    assert "20 texts made of the vocabulary, because the run's rows cannot be read: " in sample.source
    assert "gone.csv: cannot be read" in sample.source
    assert set(sample.examples.targets.tolist()) == {0, 1, 2}
    tokens = sample.examples.inputs["tokens"]
    assert (tokens.lengths[:20] > 0).all()
    assert not (tokens.flat[: tokens.offsets[20]] == 1).any()


def test_rows_that_have_changed_are_not_taken_for_the_runs_own(finished, tmp_path):
    shutil.copytree(finished.parents[2], tmp_path / "copy")
    run = RunDirectory(tmp_path / "copy" / "runs" / "tiny" / "0001")
    text = run.experiment.read_text(encoding="utf-8").replace(str(finished.parents[2]), str(tmp_path / "copy"))
    run.experiment.write_text(text, encoding="utf-8")
    rows = tmp_path / "copy" / "rows.csv"
    rows.write_text(rows.read_text(encoding="utf-8").replace("good,", "other,"), encoding="utf-8")
    assert "texts made of the vocabulary" in draw(load(run.path), run, 5).source


def test_a_pair_has_two_odd_texts_and_a_score_a_unit(pairs):
    trained = load(pairs.path)
    sample = draw(trained, pairs, 64)
    assert len(sample.feeds["text"]) == len(sample.feeds["text_2"]) == len(sample) == 15
    assert sample.shown[0] == f"{sample.feeds['text'][0]}\n{sample.feeds['text_2'][0]}"
    assert {name: values.lengths[12] for name, values in sample.examples.inputs.items()} == {"tokens": 0, "tokens_2": 0}
    assert sample.units["score"] == trained.task.unit > 1.0
    assert list(sample.labels) == []


def test_scores_that_are_made_lie_in_the_range(pairs, tmp_path):
    run = _without_data(pairs.path, tmp_path / "run")
    sample = draw(load(run.path), run, 5)
    assert sample.examples.targets[:5].tolist() == pytest.approx([0, 2.525, 5.05, 7.575, 10.1])
    assert len(sample.feeds["text_2"]) == 8


def test_a_score_that_is_not_standardised_is_measured_by_the_deviation_too(tiny, tmp_path):
    scores = ['dataset.target="stars"', 'task={name="regression", standardise=false}', 'encoder={name="none"}']
    trained, prepared = build(read_experiment(tiny(tmp_path), scores))
    assert trained.task.unit == 1.0
    deviation = prepared.examples["train"].targets.std()
    assert draw(trained, RunDirectory(tmp_path), 3).units["score"] == pytest.approx(deviation)
