"""What to try next."""

import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kerasseq.config.read import read_experiment
from kerasseq.evaluation.advice import advice
from kerasseq.metrics import Score, against
from kerasseq.training.history import History

TOML = Path("runs/my run/0001/experiment.toml")
SHARED = np.random.default_rng(0).normal(0, 0.05, 999)


def contest(own, other, baseline="ngrams", unsure=False):
    mine = Score("f1_macro", own, None, None, draws=own + (SHARED[::-1] if unsure else SHARED))
    theirs = Score("f1_macro", other, None, None, draws=other + SHARED)
    return against([mine], {baseline: [theirs]}, "f1_macro", 0.95)[0]


@pytest.fixture
def said(tiny, tmp_path):
    def ask(found, *overrides, best=1):
        experiment = read_experiment(tiny(tmp_path), overrides)
        return advice(found, 60, experiment, History(best_epoch=best), TOML)

    return ask


def words(points):
    return [word for point in points for word in shlex.split(point.command)]


def test_a_model_that_is_better_is_trained_with_other_seeds(said):
    [point] = said(contest(0.9, 0.5))
    assert shlex.split(point.command) == ["kerasseq", "compare", str(TOML), "--seeds", "3"]


def test_below_the_linear_model_it_is_given_a_say(said):
    assert "wide.name=ngrams" in words(said(contest(0.4, 0.5)))
    assert "wide.name=ngrams" not in words(said(contest(0.4, 0.5, "majority")))


def test_where_the_linear_model_has_its_say_and_is_better_alone_it_is_used_alone(said):
    assert "wide.share=0" in words(said(contest(0.4, 0.5), 'wide.name="ngrams"'))
    assert "wide.share=0" in words(said(contest(0.5, 0.5 + 1e-4, unsure=True), 'wide.name="ngrams"'))


def test_where_chance_may_have_decided_every_row_is_measured(said):
    points = said(contest(0.51, 0.5, unsure=True))
    [point] = [point for point in points if "--folds 5" in point.command]
    assert point.why.startswith("60 test rows show no difference under 0.1")


def test_a_last_epoch_that_was_the_best_is_not_the_last(said, tiny, tmp_path):
    epochs = read_experiment(tiny(tmp_path)).training.epochs
    assert f"training.epochs={2 * epochs}" in words(said(contest(0.4, 0.5), best=epochs))
    assert f"training.epochs={2 * epochs}" not in words(said(contest(0.4, 0.5), best=epochs - 1))


def test_nothing_is_said_of_data_in_memory_or_without_a_baseline(said, tiny, tmp_path):
    experiment = read_experiment(tiny(tmp_path))
    assert said(None) == []
    memory = experiment.dataset.model_copy(update={"train": "memory:train"})
    assert advice(contest(0.4, 0.5), 60, replace(experiment, dataset=memory), History(), TOML) == []


def test_its_settings_make_an_experiment(said, finished, tmp_path):
    """Each that needs no file of vectors, on a real run."""
    toml = finished / "experiment.toml"
    points = said(contest(0.4, 0.5)) + said(contest(0.4, 0.5), 'wide.name="ngrams"')
    for words_ in (shlex.split(point.command) for point in points):
        assert words_[:3] == ["kerasseq", "run", str(TOML)]
        settings = [setting for setting in words_[4::2] if "FILE" not in setting]
        settings += ["wide.name=ngrams"] * ("wide.share=0" in settings)
        read_experiment(toml, settings)
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("good 0.1 0.2\n", encoding="utf-8")
    [setting] = {w for w in words(points) if "FILE" in w}
    assert read_experiment(toml, [setting.replace("FILE", str(vectors))]).embedding.name == "pretrained"


def test_a_language_model_is_told_what_language_models_gain_from_and_nothing_that_compare_refuses():
    configs = Path(__file__).parents[2] / "configs"
    experiment = read_experiment(configs / "language_model.toml", ["training.averaging=0"])
    found = contest(0.51, 0.5, "kneser_ney", unsure=True)
    asked = words(advice(found, 178, experiment, History(best_epoch=1), TOML))
    assert {"training.averaging=0.998", "encoder.units=512", "task.dropout=0.5"} <= set(asked)
    assert "--folds" not in asked
    assert not any("pretrained" in word for word in asked)
