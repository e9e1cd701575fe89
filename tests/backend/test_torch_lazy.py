"""Lazy embeddings: rows that occur move as under the dense update, the others rest."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

if keras.backend.backend() != "torch":
    pytest.skip("torch's sparse gradients", allow_module_level=True)

from kerasseq.backend.engine import make_engine
from kerasseq.backend.precision import precision
from kerasseq.backend.torch_engine import TorchEngine
from kerasseq.backend.torch_lazy import bind_sparse
from kerasseq.config.read import read_experiment
from kerasseq.config.settings import TrainingSettings
from kerasseq.corpus.examples import Batch
from kerasseq.errors import UsageError
from kerasseq.experiment import build as build_experiment
from kerasseq.experiment import run, train
from kerasseq.run_directory import RunDirectory
from kerasseq.training.optimizer import make_optimizer

V, RATE, DECAY = 12, 0.05, 0.2
NAMES = ("tokens", "tokens_2")


def model(trainable: bool = True, dtype: str = "float32") -> Any:
    keras.utils.set_random_seed(0)
    first, second = (keras.Input((None,), dtype="int32", name=name) for name in NAMES)
    with precision(dtype):
        table = keras.layers.Embedding(V, 4, trainable=trainable, name="table")
        x = keras.layers.average([keras.layers.GlobalMaxPooling1D()(table(tokens)) for tokens in (first, second)])
    return keras.Model([first, second], {"y": keras.layers.Dense(2, name="dense", dtype="float32")(x)})


def engine(made: Any, lazy: bool, clip: float = 0.3, name: str = "adamw") -> TorchEngine:
    settings = TrainingSettings(optimizer=name, learning_rate=RATE, weight_decay=DECAY)
    found: Any = make_engine(
        made, lambda outputs, targets: (outputs["y"] ** 2).sum(-1) * targets, make_optimizer(settings), clip, 8, lazy
    )
    return found  # type: ignore[no-any-return]


def batch(random: np.random.Generator, ids: Any) -> Batch:
    """Every one of `ids` occurs, some more than once and in both inputs."""
    tokens = [random.permutation(np.concatenate([ids, random.choice(ids, 6 * len(ids))])) for _ in range(2)]
    rows = np.arange(len(ids))
    inputs = {name: t.reshape(len(ids), 7).astype("int32") for name, t in zip(NAMES, tokens, strict=True)}
    return Batch(inputs, random.uniform(0.5, 2, len(ids)).astype("float32"), np.ones(len(ids), "float32"), rows)


def state(found: TorchEngine) -> list[Any]:
    return [np.array(v.value.detach()) for v in (*found.model.variables, *found.optimizer.variables)]


@pytest.mark.parametrize("name", ["adam", "adamw"])
@pytest.mark.parametrize("clip", [0.0, 0.3])
def test_with_every_row_in_each_batch_it_is_the_dense_update(name: str, clip: float) -> None:
    dense, lazy = engine(model(), False, clip, name), engine(model(), True, clip, name)
    for update in range(8):
        parts = [batch(np.random.default_rng([update, i]), np.arange(V)) for i in range(2)]
        expected, found = dense.train(parts), lazy.train(parts)
        assert found[:3] == pytest.approx(expected[:3], rel=1e-5)
    assert lazy.model.get_layer("table").embeddings.value.grad.is_sparse
    for a, b in zip(state(lazy), state(dense), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_rows_that_do_not_occur_rest_with_their_moments() -> None:
    lazy = engine(model(), True)
    random = np.random.default_rng(0)
    lazy.train([batch(random, np.arange(V))])
    tables = [i for i, array in enumerate(state(lazy)) if array.shape == (V, 4)]
    assert len(tables) == 3  # the table and both moments
    before = state(lazy)
    lazy.train([batch(random, np.array([2, 5, 7]))])
    for i in tables:
        moved = (state(lazy)[i] != before[i]).any(axis=1)
        assert np.flatnonzero(moved).tolist() == [2, 5, 7]


def test_a_sparse_update_is_that_of_the_equations() -> None:
    """Second update, row 3 for the first time: its moments start at zero, the correction counts both updates."""
    made = model()
    lazy = engine(made, True, clip=0.0)
    table = made.get_layer("table").embeddings
    random = np.random.default_rng(0)
    lazy.train([batch(random, np.array([2, 5]))])
    w = np.array(table.value.detach(), dtype="float64")[3]
    lazy.train([batch(random, np.array([3, 5]))])
    gradient = table.value.grad.to_dense().numpy().astype("float64")[3]
    m, v = 0.1 * gradient, 0.001 * gradient**2
    expected = w * (1 - RATE * DECAY)
    expected -= RATE * np.sqrt(1 - 0.999**2) / (1 - 0.9**2) * m / (np.sqrt(v) + 1e-7)
    np.testing.assert_allclose(np.array(table.value.detach())[3], expected, rtol=1e-5)


def test_the_norm_is_that_of_the_dense_gradient() -> None:
    parts = [batch(np.random.default_rng(i), np.array([1, 4, 6])) for i in range(2)]
    dense, lazy = (engine(model(), lazy).train(parts) for lazy in (False, True))
    assert lazy.gradient_norm == pytest.approx(dense.gradient_norm, rel=1e-6)


def test_a_frozen_table_stays_and_the_rest_is_trained() -> None:
    lazy = engine(model(trainable=False), True)
    before = state(lazy)[:3]
    lazy.train([batch(np.random.default_rng(0), np.arange(V))])
    after = state(lazy)[:3]
    assert [np.array_equal(a, b) for a, b in zip(after, before, strict=True) if a.shape == (V, 4)] == [True]
    assert sum(np.array_equal(a, b) for a, b in zip(after, before, strict=True)) == 1


def test_it_goes_with_bfloat16() -> None:
    lazy = engine(model(dtype="bfloat16"), True)
    lazy.train([batch(np.random.default_rng(0), np.array([2, 5, 7]))])
    gradient = lazy.model.get_layer("table").embeddings.value.grad
    assert gradient.is_sparse
    assert str(gradient.dtype) == "torch.float32"


def test_the_model_stays_plain_keras(tmp_path: Path) -> None:
    made = model()
    expected = made.get_config()
    assert bind_sparse(made) == ["table"]
    assert made.get_config() == expected
    made.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert "call" not in vars(again.get_layer("table"))
    assert bind_sparse(model(trainable=False)) == []


def test_an_optimizer_without_a_lazy_form_is_refused() -> None:
    lazy = engine(model(), True, name="sgd")
    with pytest.raises(UsageError, match="lazy_embeddings: needs Adam or AdamW"):
        lazy.train([batch(np.random.default_rng(0), np.arange(V))])


def test_a_run_resumes_bitwise_and_padding_stays_zero(tiny: Callable[[Path], Path], tmp_path: Path) -> None:
    read = tiny(tmp_path)
    overrides = ["training.lazy_embeddings=true", "embedding.word_dropout=0.2"]
    whole = run(read_experiment(read, [*overrides, "training.epochs=3"]), tmp_path / "whole").directory
    part = RunDirectory.create(tmp_path / "part", "tiny")
    train(*build_experiment(read_experiment(read, [*overrides, "training.epochs=1"])), part)
    train(*build_experiment(read_experiment(read, [*overrides, "training.epochs=3"])), part, resume=True)
    assert part.history.read_bytes() == whole.history.read_bytes()
    table = keras.saving.load_model(whole.model, compile=False).get_layer("embedding").get_weights()[0]
    np.testing.assert_array_equal(table[0], 0)
