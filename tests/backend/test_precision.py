"""bfloat16 where it computes, float32 where it counts, on every backend."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from kerasseq.backend.precision import precision
from kerasseq.config.read import read_experiment
from kerasseq.corpus.text import Texts
from kerasseq.experiment import build, run
from kerasseq.loading import load
from kerasseq.model import parameters

Tiny = Callable[[Path], Path]
TEXTS = ["good food", "خدمة رديئة", "", "the food was bad cold"]


def test_the_policy_holds_inside_alone() -> None:
    before = keras.config.dtype_policy()
    with precision("bfloat16"):
        inside = keras.layers.Dense(2)
    assert (inside.compute_dtype, inside.variable_dtype) == ("bfloat16", "float32")
    assert keras.layers.Dense(2).compute_dtype == "float32"
    with pytest.raises(ZeroDivisionError), precision("bfloat16"):
        _ = 1 / 0
    assert keras.config.dtype_policy() is before


def dtypes(model: Any) -> dict[str, str]:
    return {layer.name: layer.compute_dtype for layer in model._flatten_layers() if layer.weights}


@pytest.mark.parametrize("task", ["classification", pytest.param("regression", marks=pytest.mark.once)])
def test_a_run_trains_in_bfloat16_and_opens_as_it_was(tiny: Tiny, tmp_path: Path, task: str) -> None:
    overrides = ['precision="bfloat16"', "training.epochs=3", "training.learning_rate=0.05"]
    if task == "regression":
        overrides += ['task.name="regression"', "task.range=[0.0, 10.0]", 'dataset.target="stars"']
    outcome = run(read_experiment(tiny(tmp_path), overrides, keras.backend.backend()), tmp_path / "runs")
    assert keras.config.dtype_policy().name == "float32"
    losses = [float(row.split(",")[1]) for row in outcome.directory.history.read_text().splitlines()[1:]]
    assert losses[-1] < losses[0]
    trained = load(outcome.directory.path)
    assert trained.experiment.general.precision == "bfloat16"
    found = dtypes(trained.model)
    assert {dtype for name, dtype in found.items() if "gru" in name or name == "embedding"} == {"bfloat16"}
    assert {dtype for name, dtype in found.items() if name in ("attention", "logits", "head")} == {"float32"}
    assert {v.dtype for v in trained.model.weights} == {"float32"}
    answer = trained.answer(Texts(TEXTS))
    assert [a.dtype for a in answer.attention[0]] == [np.float32] * len(TEXTS)
    raw = trained.model(ops.convert_to_tensor(np.array([[3, 4, 5, 0]], "int32")))
    assert {keras.backend.standardize_dtype(output.dtype) for output in raw.values()} == {"float32"}


def test_answers_are_near_those_in_float32(tiny: Tiny, tmp_path: Path) -> None:
    made = {}
    for name in ("float32", "bfloat16"):
        read = read_experiment(tiny(tmp_path), [f'precision="{name}"', "encoder.units=16"], keras.backend.backend())
        trained, prepared = build(read)
        made[name] = trained
        batch = prepared.examples["train"].batch(np.arange(8), trained.engine.lengths, 0)
        assert {a.dtype for a in trained.engine.forward(batch).outputs.values()} == {np.dtype("float32")}
    exact, rough = (t.answer(Texts(TEXTS)).predictions.probabilities for t in made.values())
    assert parameters(made["float32"].model) == parameters(made["bfloat16"].model)
    np.testing.assert_allclose(rough, exact, atol=5e-3)
    assert not np.array_equal(rough, exact)
    for one, other in zip(made["float32"].model.weights, made["bfloat16"].model.weights, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(one.value), ops.convert_to_numpy(other.value))


def test_the_first_step_has_nearly_the_loss_and_gradient_of_float32(tiny: Tiny, tmp_path: Path) -> None:
    steps = []
    for name in ("float32", "bfloat16"):
        overrides = [f'precision="{name}"', "encoder.dropout=0.0", "task.dropout=0.0"]
        trained, prepared = build(read_experiment(tiny(tmp_path), overrides, keras.backend.backend()))
        rows = prepared.examples["train"]
        size = len(rows) if trained.engine.fixed_batch else 0
        steps.append(trained.engine.train([rows.batch(np.arange(len(rows)), trained.engine.lengths, size)]))
        state = {str(v.dtype) for v in trained.optimizer.variables if "momentum" in v.name or "velocity" in v.name}
        assert state == {"float32"}
    assert steps[1].loss == pytest.approx(steps[0].loss, rel=5e-3)
    assert steps[1].gradient_norm == pytest.approx(steps[0].gradient_norm, rel=5e-2)
