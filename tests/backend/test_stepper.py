"""A step at a time gives what the whole text gives."""

import keras
import numpy as np
import pytest

from kerasseq.backend.accelerate import accelerate
from kerasseq.backend.stepper import ModelStepper, step_model
from kerasseq.embeddings.learned import Learned
from kerasseq.encoders.recurrent import GRU, LSTM, SimpleRNN
from kerasseq.layers import EveryToken, NextToken

VOCABULARY, UNITS = 9, 6


def model(encoder, tied=0, **settings):
    """A model; with `tied`, the width of its vectors, which are its softmax's weights too."""
    keras.utils.set_random_seed(1)
    tokens, following = (keras.Input((None,), dtype="int32", name=name) for name in ("tokens", "next"))
    mask = keras.ops.not_equal(tokens, 0)
    embedding = Learned(name="learned", dimension=tied or 5, initializer="normal").build([""] * VOCABULARY)
    x = embedding(tokens, mask=mask)
    stack = encoder(name="x", units=UNITS, bidirectional=False, dropout=0.1, **settings).build_carried()
    states = {name: keras.Input((width,), name=name) for name, width in stack.states.items()}
    x, ended = stack.carried(x, mask, states)
    table = [embedding.table(EveryToken(VOCABULARY)(tokens))] if tied else []
    found = NextToken(VOCABULARY, name="next_token")(x, following, *table)
    made = keras.Model([tokens, following, *states.values()], {"log_probability": found, **ended})
    for weight in made.weights:  # larger than they begin, so that differences are seen
        weight.assign(keras.ops.convert_to_numpy(weight) * 3)
    return accelerate(made)


def whole(made, tokens):
    """Scores behind the last token, by Keras, of each prompt alone."""
    reader, head = step_model(made)
    scores = []
    for row in tokens:
        inputs = [
            np.asarray([row], dtype=np.int32) if tensor.name == "tokens" else np.zeros((1, UNITS), np.float32)
            for tensor in reader.inputs
        ]
        hidden = reader(inputs, training=False)["hidden"]
        scores.append(head.scores(keras.ops.convert_to_numpy(hidden))[0, -1])
    return np.array(scores)


@pytest.mark.parametrize(
    ("encoder", "settings", "path"),
    [
        (LSTM, {"layers": 2}, "arrays"),
        (GRU, {"layers": 2}, "arrays"),
        (SimpleRNN, {"layers": 1}, "arrays"),
        (LSTM, {"layers": 1, "tied": UNITS}, "arrays"),
        (GRU, {"layers": 1, "tied": 4}, "arrays"),
        (GRU, {"layers": 1, "tied": 4, "reset": "before"}, "network"),
        (GRU, {"layers": 1, "reset": "before"}, "network"),
        (LSTM, {"layers": 2, "residual": True}, "network"),
        (LSTM, {"layers": 1, "normalisation": "layer"}, "network"),
        (SimpleRNN, {"layers": 1, "activation": "relu"}, "network"),
    ],
)
def test_steps_give_what_the_whole_text_gives_by_the_path_that_is_said(encoder, settings, path):
    made = model(encoder, **settings)
    stepper = ModelStepper(made)
    assert (stepper.path, stepper.vocabulary_size) == (path, VOCABULARY)
    prompts = [np.array([2, 5, 3]), np.array([2]), np.array([2, 8, 1, 4, 7])]
    scores, state = stepper.start(prompts)
    np.testing.assert_allclose(scores, whole(made, prompts), atol=2e-5)
    more = np.array([4, 6, 3])
    scores, state = stepper.step(more, state)
    longer = [np.append(prompt, token) for prompt, token in zip(prompts, more, strict=True)]
    np.testing.assert_allclose(scores, whole(made, longer), atol=2e-5)
    rows = np.array([2, 0, 2])
    scores, _ = stepper.step(np.array([1, 1, 5]), stepper.take(state, rows))
    wanted = [np.append(longer[row], token) for row, token in zip(rows, [1, 1, 5], strict=True)]
    np.testing.assert_allclose(scores, whole(made, wanted), atol=2e-5)
