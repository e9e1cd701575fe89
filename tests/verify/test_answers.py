import numpy as np
import pytest

from kerasseq.config.read import read_experiment
from kerasseq.corpus.text import Texts
from kerasseq.experiment import build, train
from kerasseq.loading import load
from kerasseq.run_directory import RunDirectory
from kerasseq.verify.answers import answers, weight_names
from kerasseq.verify.checks import Measure
from kerasseq.verify.draw import draw

WAYS = ["right", "left", "none", "extra", "neighbours", "reordered"]


def told(path, change=None):
    trained = load(path)
    sample = draw(trained, RunDirectory(path), 64)
    if change is not None:
        change(trained)
    return trained, sample, answers(trained, sample)


@pytest.fixture(scope="module")
def said(finished):
    return told(finished)


def test_the_answers_are_those_of_predict(said, finished):
    trained, sample, arrays = said
    wanted = load(finished).answer(Texts(sample.feeds["text"].tolist()))
    for way in set(WAYS) - {"none"}:
        assert arrays[f"{way}/covered"].all()
        np.testing.assert_allclose(arrays[f"{way}/probabilities"], wanted.predictions.probabilities, atol=1e-6)
        assert arrays[f"{way}/label"].tolist() == wanted.predictions.arrays()["label"].tolist()
        for row, weights in enumerate(wanted.attention[0]):
            np.testing.assert_allclose(arrays[f"{way}/attention"][row, : len(weights)], weights, atol=1e-6)
            assert not arrays[f"{way}/attention"][row, len(weights) :].any()
    assert 1 < arrays["none/covered"].sum() < len(sample)


def test_one_backend_agrees_with_itself(said):
    trained, sample, arrays = said
    measure = Measure(1e-6, sample.units, weight_names(trained), sample.shown)
    checks = list(measure.within("here", arrays))
    assert len(checks) == 5
    assert [check for check in checks if not check.ok] == []


def test_every_weight_has_a_gradient_and_moves_by_it(said):
    trained, _, arrays = said
    names = weight_names(trained)
    assert len(set(names)) == len(names) == sum(name.startswith("gradient/") for name in arrays)
    for number, name in enumerate(names):
        before, gradient, after = (arrays[f"{group}/{number:05d}"] for group in ("before", "gradient", "after"))
        assert before.shape == gradient.shape == after.shape, name
        sure = np.abs(gradient) > 1e-4
        assert (np.sign(before - after) == np.sign(gradient))[sure].all(), name
    assert any(np.abs(arrays[name]).max() > 1e-3 for name in arrays if name.startswith("gradient/"))


def test_a_pooler_that_counts_padding_is_found(finished):
    def break_it(trained):
        mean = trained.model.get_layer("attention")
        mean.call = lambda x, mask=None: type(mean).call(mean, x, None)

    trained, sample, arrays = told(finished, break_it)
    measure = Measure(1e-5, sample.units, weight_names(trained), sample.shown)
    wrong = [check.name for check in measure.within("here", arrays) if not check.ok]
    assert {"unchanged, not padded", "unchanged, 100 extra steps"} <= set(wrong)


def test_pairs_read_apart_and_dropout_give_the_same_twice(tiny, tmp_path):
    overrides = ['dataset.text_2="topic"', 'dataset.target="stars"', "training.epochs=1", "embedding.dropout=0.5"]
    overrides += ['task={name="regression", pair="combine", range=[0, 10.1]}', "encoder.dropout=0.5"]
    trained, prepared = build(read_experiment(tiny(tmp_path), overrides))
    directory = RunDirectory.create(tmp_path / "runs", "pairs")
    train(trained, prepared, directory)
    (model, sample, one), (_, _, two) = told(directory.path), told(directory.path)
    assert {"right/score", "right/attention", "right/attention_2", "loss"} <= set(one)
    assert not {"right/probabilities", "right/label"} & set(one)
    measure = Measure(1e-6, sample.units, weight_names(model), sample.shown)
    checks = [*measure.between(("one", "two"), one, two), *measure.within("one", one)]
    assert [check for check in checks if not check.ok] == []
