"""Calling a model by its graph gives what calling the model gives."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

if keras.backend.backend() != "torch":
    pytest.skip("torch's graph", allow_module_level=True)

import torch

from kerasseq.backend.accelerate import accelerate
from kerasseq.backend.torch_graph import Graph
from kerasseq.embeddings.learned import Learned
from kerasseq.encoders.recurrent import LSTM, SimpleRNN
from kerasseq.model import Parts
from kerasseq.pipelines.text import TextPipeline
from kerasseq.poolers.attention import Attention
from kerasseq.poolers.last import Last
from kerasseq.tasks.classification import Classification
from kerasseq.tasks.regression import Regression
from kerasseq.tokenizers.word import Word

VOCABULARY = ["", "[UNK]", "[SEP]", *"abcdefgh"]
TOKENS = torch.tensor([[3, 4, 5, 0], [6, 0, 0, 0], [0, 0, 0, 0]], dtype=torch.int32)
WORD = Word(name="word")
WITHOUT = {"dropout": 0.0, "layers": 2, "units": 3}


def text_model(task: Any, encoder: Any, pooler: Any, **embedding: Any) -> Any:
    parts = Parts(
        Learned(name="learned", dimension=4, **embedding).build(VOCABULARY),
        encoder.build(),
        pooler.build(encoder.directions),
    )
    return accelerate(task.build_model(parts))


def classification() -> Any:
    spec = Classification(name="classification", dropout=0.3, pair="combine")
    task = spec.restored({"labels": ("a", "b")}, TextPipeline((), WORD, WORD.build(), "combine"))
    encoder = LSTM(name="lstm", normalisation="batch", residual=True, **{**WITHOUT, "dropout": 0.2})
    return text_model(task, encoder, Attention(name="attention", units=3), word_dropout=0.4, layer_norm=True)


def regression() -> Any:
    spec = Regression(name="regression", range=(0.0, 5.0))
    task = spec.restored({"mean": 1.0, "deviation": 2.0}, TextPipeline((), WORD, WORD.build()))
    return text_model(task, SimpleRNN(name="simple_rnn", normalisation="layer", **WITHOUT), Last(name="last"))


def everything(model: Any) -> list[Any]:
    return [np.array(v.value.detach()) for v in model.variables]


def same(model: Any, inputs: list[Any], training: bool, path: str = "direct") -> None:
    """Outputs, gradients and everything that the call leaves in the variables."""
    graph = Graph(model)
    assert graph.path == path
    start = everything(model)
    found = []
    for call in (graph, lambda inputs, training: model(inputs, training=training)):
        for variable, value in zip(model.variables, start, strict=True):
            variable.assign(value)
            variable.value.grad = None
        torch.manual_seed(0)
        outputs = call(inputs, training=training)
        sum((output * output).sum() for output in outputs.values()).backward()
        gradients = [np.array(v.value.grad) for v in model.trainable_variables]
        found.append([*(np.array(outputs[k].detach()) for k in sorted(outputs)), *gradients, *everything(model)])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=2e-6 * np.abs(theirs).max(initial=0))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("build", "inputs"), [(classification, 2), (regression, 1)])
def test_outputs_gradients_and_statistics_are_those_of_the_model(
    build: Callable[[], Any], inputs: int, training: bool
) -> None:
    same(build(), [TOKENS, TOKENS.flip(0)][:inputs], training)


def test_a_loaded_model_has_the_same_graph(tmp_path: Any) -> None:
    model = classification()
    model.save(tmp_path / "model.keras")
    same(accelerate(keras.saving.load_model(tmp_path / "model.keras")), [TOKENS, TOKENS], True)


class Halves(keras.layers.Layer):  # type: ignore[misc]
    """Holds a layer that acts in training only, and leaves it to Keras to tell it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inner = keras.layers.Dropout(0.5)

    def call(self, x: Any) -> Any:
        return self.inner(x)


def plain(*layers: Any, mask_zero: bool = False) -> Any:
    tokens = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(9, 4, mask_zero=mask_zero, name="table")(tokens)
    for layer in layers:
        x = layer(x)
    return keras.Model([tokens], {"y": x})


def test_a_model_in_which_training_travels_beside_the_graph_is_called_whole() -> None:
    for training in (True, False):
        same(plain(Halves(name="halves")), [TOKENS], training, "keras: halves holds layers and does not take training")


@pytest.mark.parametrize(
    "layer", [lambda: keras.layers.LSTM(3), lambda: keras.layers.Bidirectional(keras.layers.GRU(3))]
)
def test_masks_that_travel_on_tensors_are_found(layer: Any, tmp_path: Any) -> None:
    model = plain(keras.layers.Dropout(0.3), layer(), mask_zero=True)
    assert not np.allclose(*(np.array(model([t])["y"].detach()) for t in (TOKENS, TOKENS.clamp(min=1))))
    same(model, [TOKENS], True)
    model.save(tmp_path / "model.keras")
    same(keras.saving.load_model(tmp_path / "model.keras"), [TOKENS], False)


@pytest.mark.parametrize(
    "layer",
    [
        lambda: keras.layers.Dense(3, dtype="mixed_bfloat16"),
        lambda: keras.layers.Dense(3, dtype="float64"),
        lambda: keras.layers.Dense(3, activity_regularizer="l2"),
        lambda: keras.layers.Dropout(0.5, seed=3),
        lambda: keras.layers.BatchNormalization(),
        lambda: keras.layers.LSTM(3),
    ],
)
def test_layers_with_needs_of_their_own_are_called_by_keras_within_the_graph(layer: Any) -> None:
    for training in (True, False):
        same(plain(layer(), keras.layers.Dense(2)), [TOKENS], training)


def test_hooks_are_heard() -> None:
    model = plain(keras.layers.Dense(3, name="dense"))
    heard = []
    model.get_layer("dense").register_forward_hook(lambda *call: heard.append(call))
    Graph(model)([TOKENS], False)
    assert len(heard) == 1


def test_freezing_a_layer_later_is_seen() -> None:
    model = plain(keras.layers.BatchNormalization(name="norm"))
    graph = Graph(model)
    graph([TOKENS], True)
    model.get_layer("norm").trainable = False
    before = everything(model)
    graph([TOKENS], True)
    for a, b in zip(everything(model), before, strict=True):
        np.testing.assert_array_equal(a, b)
