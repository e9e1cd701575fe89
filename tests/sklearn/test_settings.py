"""Parameters, the config below them, and what suits the rows."""

import numpy as np
import pytest
import tomli_w

from kerasseq.sklearn import KerasSeqClassifier, KerasSeqRegressor
from kerasseq.sklearn.rows import Rows
from kerasseq.sklearn.settings import SETTINGS, make_experiment


def made(texts, moods, estimator=None, **params):
    labels = tuple(sorted(set(moods)))
    rows = Rows((texts,), np.array(moods, dtype=object), labels, None)
    return make_experiment(rows, "classification", (estimator or KerasSeqClassifier)(**params).get_params())


def test_every_parameter_is_the_setting_that_it_says(texts, moods):
    params = {
        "encoder": "gru",
        "units": np.int64(5),
        "layers": 2,
        "bidirectional": False,
        "embedding": "subword",
        "dimension": 6,
        "pooler": "max",
        "dropout": np.float64(0.25),
        "tokenizer": "word",
        "max_length": 7,
        "epochs": 3,
        "batch_size": 9,
        "learning_rate": 0.5,
        "validation": 0.25,
    }
    assert params.keys() == SETTINGS.keys()
    tables = made(texts, moods, **params, wide=False, random_state=11).to_dict()
    for name, setting in SETTINGS.items():
        section, key = setting.split(".")
        assert str(tables[section][key]).removeprefix("kerasseq/") == str(params[name]), setting
    assert "wide" not in tables
    assert (tables["seed"], tables["split"]["seed"], tables["split"]["test"]) == (11, 11, 0)


def test_overrides_weigh_more_than_parameters_and_these_more_than_the_config(texts, moods, tmp_path):
    tables = {"training": {"epochs": 7, "batch_size": 8, "learning_rate": 0.5}, "dataset": {"name": "bundled"}}
    file = tmp_path / "a.toml"
    file.write_text(tomli_w.dumps({**tables, "task": {"name": "classification"}}), encoding="utf-8")
    for config in (tables, file, str(file)):
        experiment = made(texts, moods, config=config, batch_size=9, epochs=9, overrides=["training.epochs=2"])
        training = experiment.training
        assert (training.epochs, training.batch_size, training.learning_rate) == (2, 9, 0.5)
        assert (experiment.dataset.name, experiment.seed) == ("table", 0)


def test_another_component_leaves_the_settings_that_it_has_not(texts, moods):
    experiment = made(texts, moods, encoder="none", pooler="last", embedding="subword", tokenizer="character")
    assert (experiment.encoder.name, experiment.pooler.name, experiment.tokenizer.name) == ("none", "last", "character")


def test_a_random_state_draws_a_seed(texts, moods):
    drawn = {made(texts, moods, random_state=np.random.RandomState(seed)).seed for seed in (0, 0, 1)}
    assert len(drawn) == 2


def test_few_rows_are_not_spent_on_validation(texts, moods):
    assert made(texts[:4], moods[:4]).split.validation == 0
    assert made(texts, moods).split.validation == 0.1
    assert made(texts, moods).split.stratify
    assert not made([*texts, "rare"], [*moods, "maybe"]).split.stratify


def test_a_recurrent_network_beside_ngrams_is_what_config_new_writes(texts, moods):
    fitted = KerasSeqClassifier(units=3, dimension=4, epochs=1).fit(texts, moods)
    experiment = fitted.trained_.experiment
    assert (experiment.encoder.name, experiment.encoder.units, experiment.encoder.layers) == ("lstm", 3, 1)
    assert (experiment.pooler.name, experiment.wide.name) == ("attention", "ngrams")
    assert [step.name for step in experiment.preprocessor] == ["unicode", "arabic", "casefold"]
    assert fitted.score(texts, moods) == 1


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"units": 0, "epochs": "x"}, r'^units: must be at least 1, got 0\nepochs: must be a whole number, got "x"$'),
        ({"encoder": "grru"}, '^encoder: unknown encoder "grru"; did you mean "gru"'),
        ({"encoder": "none", "units": 3}, "^units: unknown key"),
        ({"wide": True}, "^wide: must be the name of a linear model, False or None, got True$"),
        ({"random_state": -1}, "^random_state: must be at least 0, got -1"),
        ({"validation": 1.0}, "^validation: must be less than 1, got 1"),
        ({"layers": object}, "^layers: must be a value as TOML has them, got <class 'object'>$"),
        ({"backend": "tf"}, '^backend must be one of torch, jax, got "tf"'),
        ({"overrides": ["units=3"]}, "^units: unknown key; choose from"),
        ({"overrides": "seed=3"}, r'^overrides: must be a list, got "seed=3"; write \["seed=3"\]$'),
        ({"config": {"task": {"name": "regression"}}}, '^config: task.name: must be "classification", got'),
        ({"config": {"seed": None}}, "^config: must be tables as TOML has them"),
        ({"config": 3}, "^config: must be a TOML file or a dict, got int$"),
        ({"config": "nowhere.toml"}, "^nowhere.toml: there is no such file"),
    ],
)
def test_what_is_wrong_is_said_by_the_name_of_the_parameter(texts, moods, params, said):
    with pytest.raises(ValueError, match=said):
        made(texts, moods, **params)


def test_a_problem_of_a_file_has_its_line(texts, moods, tmp_path):
    file = tmp_path / "a.toml"
    file.write_text("[encoder]\nname = 'gru'\nunits = 0\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"a.toml:3:1: encoder.units: must be at least 1, got 0"):
        made(texts, moods, config=file)


def test_what_a_split_cannot_do_is_a_value_error(config, texts):
    with pytest.raises(ValueError, match="split: validation must have rows, got 0 of 6 at a share of 0.01"):
        KerasSeqRegressor(config=config, validation=0.01).fit(texts[:6], range(6))
