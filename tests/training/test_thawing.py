"""Which layers learn in an epoch, and how fast."""

import keras
import numpy as np
import pytest

from kerasseq.embeddings.learned import Learned
from kerasseq.encoders.none import NoEncoder
from kerasseq.encoders.recurrent import LSTM
from kerasseq.model import Parts
from kerasseq.pipelines.text import TextPipeline
from kerasseq.poolers.attention import Attention
from kerasseq.tasks.classification import Classification
from kerasseq.tokenizers.word import Word
from kerasseq.training.thawing import Thawing

WORD = Word(name="word")


def model(encoder):
    task = Classification(name="classification").restored({"labels": ("a", "b")}, TextPipeline((), WORD, WORD.build()))
    vectors = Learned(name="learned", dimension=3, layer_norm=True).build(["", "[UNK]", "[SEP]", "a"])
    pooler = Attention(name="attention", units=3).build(encoder.directions)
    return task.build_model(Parts(vectors, encoder.build(), pooler))


@pytest.fixture(scope="module")
def stacked():
    return model(LSTM(name="lstm", units=2, layers=2, normalisation="layer"))


def learning(thawing, model, epoch):
    """The layers with a factor above 0, and the factor of each."""
    factors = thawing.factors(epoch, model.trainable_variables)
    by_id = {id(v): factor for v, factor in zip(model.trainable_variables, factors, strict=True)}
    found = {}
    for layer in model.layers:
        own = {by_id[id(variable)] for variable in layer.trainable_variables}
        assert len(own) <= 1
        if own and (factor := own.pop()):
            found[layer.name] = factor
    return found


def test_layers_learn_one_after_another_from_the_top(stacked):
    thawing = Thawing(stacked, 2, 1.0)
    above = {"attention", "head"} if "head" in {layer.name for layer in stacked.layers} else None
    head = set(learning(thawing, stacked, 0))
    assert above is None or above <= head
    assert not head & {"embedding", "embedding_norm", "bilstm_1", "bilstm_2"}
    assert set(learning(thawing, stacked, 1)) == head
    assert set(learning(thawing, stacked, 2)) == head | {"bilstm_2", "bilstm_2_norm"}
    assert set(learning(thawing, stacked, 4)) == head | {"bilstm_2", "bilstm_2_norm", "bilstm_1", "bilstm_1_norm"}
    assert not thawing.whole(5)
    assert thawing.whole(6)
    assert {"embedding", "embedding_norm"} <= set(learning(thawing, stacked, 6))


def test_each_layer_has_the_rate_of_the_one_above_times_the_decay(stacked):
    found = learning(Thawing(stacked, 0, 0.5), stacked, 0)
    assert found["bilstm_2"] == found["bilstm_2_norm"] == 0.5
    assert found["bilstm_1"] == 0.25
    assert found["embedding"] == found["embedding_norm"] == 0.125
    assert {found[name] for name in found if "lstm" not in name and "embedding" not in name} == {1.0}


def test_without_an_encoder_the_embedding_is_the_layer_below():
    plain = model(NoEncoder(name="none"))
    assert learning(Thawing(plain, 0, 0.5), plain, 0)["embedding"] == 0.5


def test_a_frozen_layer_does_not_move_and_patience_waits(tmp_path, make, rows, quiet):
    loop = make(tmp_path, {"epochs": 3, "unfreezing": 2, "stopping_patience": 1, "minimum_delta": 1.0})
    before = [np.array(keras.ops.convert_to_numpy(v.value)) for v in loop.model.trainable_variables]
    moved = []

    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            now = [np.array(keras.ops.convert_to_numpy(v.value)) for v in self.model.trainable_variables]
            moved.append([not np.array_equal(a, b) for a, b in zip(before, now, strict=True)])

    loop.callbacks = [Watch()]
    history = loop.fit(rows(30, 0), rows(20, 1), 16, quiet)
    names = [v.path.split("/")[0] for v in loop.model.trainable_variables]
    place = names.index("embedding")
    assert [epoch[place] for epoch in moved[:2]] == [False, False]
    assert moved[2][place]
    assert all(moved[0][n] for n in range(len(names)) if n != place)
    assert len(history.rows) == 3  # patience of one epoch would have ended it before
