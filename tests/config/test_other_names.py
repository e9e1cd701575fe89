"""Keys as others call them are answered with ours."""

import pytest

from kerasseq.config import other_names
from kerasseq.config.experiment import COMPONENTS, General
from kerasseq.config.read import read_text
from kerasseq.config.settings import SECTIONS
from kerasseq.errors import ConfigError
from kerasseq.registry.components import find, load

BASE = '[dataset]\nname = "bundled"\n[task]\nname = "regression"\n'


def problems(text, *overrides):
    with pytest.raises(ConfigError) as caught:
        read_text(BASE + text, "a.toml", overrides=overrides)
    return {problem.key: problem.message for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("section", "key", "meant"),
    [
        ("training", "lr", "learning_rate"),
        ("training", "decay", "weight_decay"),
        ("training", "batch", "batch_size"),
        ("training", "optimiser", "optimizer"),
        ("training", "max_grad_norm", "global_clipnorm"),
        ("training", "patience", "stopping_patience"),
        ("training", "min-lr", "minimum_learning_rate"),
        ("training", "scheduler", "schedule"),
        ("training", "lr_scheduler", "schedule"),
        ("training", "CosineAnnealingLR", "schedule"),
        ("training", "OneCycleLR", "schedule"),
        ("encoder", "lr_scheduler", "training.schedule"),
        ("training", "hidden_size", "encoder.units"),
        ("training", "vocab_size", "tokenizer.vocabulary_size"),
        ("encoder", "hidden_size", "units"),
        ("encoder", "Hidden_Dim", "units"),
        ("encoder", "num_layers", "layers"),
        ("encoder", "lr", "training.learning_rate"),
        ("encoder", "units_", "units"),
        ("encoder", "batch_size", "training.batch_size"),
        ("embedding", "embedding_dim", "dimension"),
        ("tokenizer", "maxlen", "max_length"),
        ("split", "test_size", "test"),
        ("evaluation", "n_boot", "resamples"),
    ],
)
def test_a_key_of_another_name_gets_ours(section, key, meant):
    name = {"encoder": 'name = "lstm"\n', "embedding": 'name = "learned"\n', "tokenizer": 'name = "word"\n'}
    found = problems(f"[{section}]\n{name.get(section, '')}{key} = 3\n")
    assert found == {f"{section}.{key}": f'unknown key; did you mean "{meant}"?'}


def test_a_dataset_and_its_columns_have_other_names_too():
    with pytest.raises(ConfigError) as caught:
        read_text(
            '[dataset]\nname = "table"\npath = "a.csv"\nlabel_column = "y"\nsep = ";"\n[task]\nname = "regression"\n',
            "a.toml",
        )
    said = str(caught.value)
    for key, meant in (("path", "train"), ("label_column", "target"), ("sep", "delimiter")):
        assert f'dataset.{key}: unknown key; did you mean "{meant}"?' in said


def test_keys_before_the_first_section_and_of_set_are_led_home():
    assert problems("", "lr=0.1") == {"lr": 'unknown key; did you mean "training.learning_rate"? (from --set)'}
    with pytest.raises(ConfigError) as caught:
        read_text("random_state = 1\nhidden_size = 3\n" + BASE, "a.toml")
    assert 'random_state: unknown key; did you mean "seed"?' in str(caught.value)
    assert 'hidden_size: unknown key; did you mean "encoder.units"?' in str(caught.value)


@pytest.mark.parametrize(
    ("section", "meant"),
    [
        ("model", "encoder"),
        ("data", "dataset"),
        ("train", "training"),
        ("scheduler", "training"),
        ("preprocessing", "preproc"),
    ],
)
def test_a_section_of_another_name_gets_ours(section, meant):
    assert problems(f"[{section}]\nx = 1\n")[section].startswith(f'unknown section; did you mean "{meant}')


def test_the_component_is_called_name():
    assert problems('[encoder]\nname = "gru"\ntype = "lstm"\n') == {"encoder.type": 'unknown key; did you mean "name"?'}


def test_a_key_that_nothing_is_like_still_gets_the_choices():
    assert "; choose from " in problems("[split]\nzzz = 1\n")["split.zzz"]


def test_the_settings_of_the_table_exist_and_no_other_name_is_ours_in_the_same_section():
    ours = {path: set(General.model_fields) for path in ("",)}
    ours |= {name: set(settings.model_fields) for name, settings in SECTIONS.items()}
    for kind in COMPONENTS:
        specs = [load(kind, c.qualified)[1] for c in find(kind) if c.distribution == "kerasseq"]
        ours[kind] = {field for spec in specs for field in spec.model_fields}
    for path, others in other_names._KEYS.items():
        section, _, key = path.rpartition(".")
        assert key in ours[section], path
        assert key not in others.split(), path
    assert set(other_names._SECTIONS) <= {*COMPONENTS, *SECTIONS}
