"""Products of words that are computed once, against those of every step."""

from typing import Any

import keras
import numpy as np
import pytest

if keras.backend.backend() != "torch":
    pytest.skip("compiled loops are for torch", allow_module_level=True)
pytest.importorskip("numba")

import torch

from kerasseq import accelerate
from kerasseq.backend.compiled import layer, words
from kerasseq.backend.compiled.words import Words
from kerasseq.backend.torch_graph import Graph
from kerasseq.backend.words import still

LAYERS = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU, "simple_rnn": keras.layers.SimpleRNN}


def reader(kind: str, bidirectional: bool) -> Graph:
    """Ids to the mean of a recurrent layer with dropout below it."""
    keras.utils.set_random_seed(0)
    tokens = keras.Input((None,), dtype="int32")
    x = keras.layers.Dropout(0.5)(keras.layers.Embedding(30, 5, mask_zero=True)(tokens))
    recurrent = LAYERS[kind](4, return_sequences=True)
    x = keras.layers.Bidirectional(recurrent)(x) if bidirectional else recurrent(x)
    model = accelerate(keras.Model(tokens, {"y": keras.layers.GlobalAveragePooling1D()(x)}))
    for variable in model.variables:
        variable.assign(np.random.default_rng(0).normal(size=variable.shape))
    return Graph(model)


def ids(seed: int, rows: int = 20) -> Any:
    """Rows of unlike length, padded."""
    random = np.random.default_rng(seed)
    found = random.integers(1, 30, (rows, 9)).astype(np.int32)
    found[np.arange(9) >= random.integers(1, 10, (rows, 1))] = 0
    return torch.from_numpy(found)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", LAYERS)
def test_answers_are_those_without_known_words(kind: str, bidirectional: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    graph, known = reader(kind, bidirectional), []
    look = words.known_words
    monkeypatch.setattr(layer, "known_words", lambda *args: known.append(look(*args)) or known[-1])
    with torch.no_grad():
        expected = [graph([ids(seed)], training=False)["y"].numpy() for seed in range(3)]
        assert known == [None] * len(known)
        known.clear()
        with still():
            found = [graph([ids(seed)], training=False)["y"].numpy() for seed in range(3)]
    assert known and all(one is not None for one in known)
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_a_gradient_is_never_that_of_known_words() -> None:
    graph = reader("lstm", True)
    with still():
        graph([ids(0)], training=False)["y"].sum().backward()
    assert all(weight.value.grad is not None for weight in graph.model.trainable_variables)


def test_each_word_is_multiplied_once(monkeypatch: pytest.MonkeyPatch) -> None:
    multiplied = []
    monkeypatch.setattr(torch, "mm", lambda a, b, out: multiplied.append(len(a)) or torch.matmul(a, b, out=out))
    known = Words(torch.eye(4), [torch.ones(4, 2), torch.zeros(4, 3)])
    first, second = (known.of(np.array(some, dtype=np.int32)) for some in ([2, 0, 2, 2], [0, 1, 2]))
    assert multiplied == [2, 1]
    assert first is not None and second is not None
    np.testing.assert_array_equal(second.products[second.places], [[1, 1, 0, 0, 0]] * 3)


def test_where_there_is_no_room_words_are_forgotten_and_known_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "ROOM", 4 * 2 * 3)  # three words of two numbers
    vectors = torch.arange(10.0).reshape(5, 2)
    known = Words(vectors, [torch.eye(2)])
    for some in ([0, 1, 1], [2, 3], [3, 0, 4], [0, 1, 2, 3], [4, 4]):
        found = known.of(np.array(some, dtype=np.int32))
        if len(set(some)) > 3:
            assert found is None
        else:
            assert found is not None
            np.testing.assert_array_equal(found.products[found.places], vectors.numpy()[some])
