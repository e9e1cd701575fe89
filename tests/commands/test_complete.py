"""What a shell completes, as click asks for it."""

import os

import pytest
from click.shell_completion import BashComplete, ZshComplete

from kerasseq.commands.main import main


def completed(*words, kind=BashComplete):
    """What may stand in place of the last word."""
    found = kind(main, {}, "kerasseq", "_KERASSEQ_COMPLETE").get_completions(list(words[:-1]), words[-1])
    return [item.value if item.type == "plain" else item.type for item in found]


@pytest.fixture
def work(tmp_path):
    for name in ("a.toml", "b.toml", "configs/c.toml", "model.onnx"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    for number, name in enumerate(["x/0001", "y/0001"]):
        run = tmp_path / "runs" / name
        run.mkdir(parents=True)
        (run / "experiment.toml").write_text("", encoding="utf-8")
        os.utime(run / "experiment.toml", (number, number))


@pytest.mark.parametrize("verb", [["run"], ["train"], ["config", "check"], ["dataset", "check"]])
def test_experiments_are_completed(work, verb):
    assert completed(*verb, "") == ["a.toml", "b.toml"]
    assert completed(*verb, "configs/") == ["configs/c.toml"]
    assert completed(*verb, "conf") == ["file"]  # by the shell itself


def test_runs_are_completed_newest_first(work):
    runs = ["runs/y", "runs/x", "runs/y/0001", "runs/x/0001"]
    for verb in ("predict", "evaluate", "verify", "export"):
        assert completed(verb, "") == [*runs, "model.onnx"]
    assert completed("predict", "runs/x") == ["runs/x", "runs/x/0001"]
    assert completed("train", "--resume", "") == [*runs, "model.onnx"]
    assert completed("compare", "") == ["a.toml", "b.toml", *runs, "model.onnx"]


def test_keys_of_set_are_those_of_sections_and_of_components():
    assert completed("run", "a.toml", "--set", "training.learning") == ["training.learning_rate="]
    assert "encoder.units=" in completed("run", "a.toml", "--set", "encoder.")
    assert completed("run", "a.toml", "--set", "see") == ["seed="]
    assert sorted(completed("compare", "a.toml", "--over", "split.fo")) == ["split.fold=", "split.folds="]
    assert completed("run", "a.toml", "--set", "training.epochs=") == []


def test_names_are_completed():
    assert completed("run", "a.toml", "--backend", "") == ["torch", "jax"]
    assert completed("compare", "a.toml", "--backends", "jax,") == ["jax,torch"]
    assert {"keras", "onnx", "torch"} <= set(completed("export", "x", "--to", ""))
    assert completed("export", "x", "--precision", "int") == ["int8"]
    assert completed("plugins", "show", "encoder", "l") == ["lstm"]
    assert "lstm" in completed("plugins", "show", "ls")
    assert completed("help", "config", "n") == ["new"]
    assert completed("pred", kind=ZshComplete) == ["predict"]
