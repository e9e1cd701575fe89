import importlib.util

import pytest

from kerasseq.config.backend import missing_backend


@pytest.mark.parametrize(
    ("option", "variable", "written", "keras", "expected"),
    [
        ("jax", "torch", "torch", "torch", "jax"),
        ("", "jax", "torch", "torch", "jax"),
        ("", "", "jax", "torch", "jax"),
        ("", "", "", "jax", "jax"),
        ("", "", "torch", "jax", "torch"),
        ("", "", "", "", "torch"),
    ],
)
def test_option_then_variable_then_file_then_keras_then_torch(
    read, working, monkeypatch, option, variable, written, keras, expected
):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setenv("KERASSEQ_BACKEND", variable)
    monkeypatch.setenv("KERAS_BACKEND", keras)
    text = f'backend = "{written}"\n{working}' if written else working
    assert read(text, backend=option).backend == expected


def test_a_wrong_backend_says_where_it_came_from(problems, working, monkeypatch):
    assert problems(backend="pytorch") == [
        'a.toml: --backend must be one of torch, jax, got "pytorch"; did you mean "torch"?'
    ]
    monkeypatch.setenv("KERASSEQ_BACKEND", "numpy")
    assert problems() == ['a.toml: KERASSEQ_BACKEND must be one of torch, jax, got "numpy"']
    monkeypatch.delenv("KERASSEQ_BACKEND")
    monkeypatch.setenv("KERAS_BACKEND", "numpy")
    assert problems() == ['a.toml: KERAS_BACKEND must be one of torch, jax, got "numpy"']
    assert problems('backend = "torch"\n' + working) == []


def test_a_wrong_backend_in_the_file_is_a_mistake_even_where_the_option_weighs_more(problems, working):
    found = problems('backend = "jaxx"\n' + working, backend="torch")
    assert found == ['a.toml:1:1: backend: must be one of "torch", "jax", got "jaxx"; did you mean "jax"?']


def test_a_backend_that_is_not_installed_says_how_to_get_it(problems, working, monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in ("jax", "torch") else real(name))
    assert problems('backend = "jax"\n' + working) == ['a.toml:1:1: backend: "jax" is not installed; pip install jax']
    assert missing_backend("torch") == '"torch" is not installed; pip install torch'
    assert missing_backend("nonsense") == ""
