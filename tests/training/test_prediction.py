"""Answers come back in the order of the corpus."""

from typing import Any

import numpy as np
import pytest

from kerasseq.arrays.ragged import Ragged
from kerasseq.backend.engine import Forward
from kerasseq.corpus.encoded import EncodedCorpus
from kerasseq.training.prediction import predict


class Echo:
    """Answers each row with its first id; fillers are cut as engines cut them."""

    def __init__(self, fixed: bool) -> None:
        self.fixed_batch = fixed
        self.lengths = (8, 32) if fixed else ()
        self.shapes: list[tuple[int, ...]] = []

    def forward(self, batch: Any) -> Forward:
        self.shapes.append(batch.tokens[0].shape)
        rows = len(batch.rows)
        outputs: dict[str, Any] = {"score": batch.tokens[0][:rows, 0].astype("float32")}
        for name, tokens in zip(("attention", "attention_2"), batch.tokens, strict=False):
            outputs[name] = tokens[:rows].astype("float32")
        return Forward(outputs, float((batch.targets * batch.weights).sum()), float(batch.weights.sum()))


RANDOM = np.random.default_rng(0)
SIDES = [[[i + 1] * int(n) for i, n in enumerate(RANDOM.integers(1, 30, 23))] for _ in range(2)]
CORPUS = EncodedCorpus(
    tuple(map(Ragged.from_lists, SIDES)), np.arange(23.0), RANDOM.uniform(0.5, 2, 23).astype("float32")
)


@pytest.mark.parametrize("fixed", [False, True])
def test_rows_come_back_in_order_and_attention_as_long_as_its_text(fixed: bool) -> None:
    engine: Any = Echo(fixed)
    outputs, loss = predict(engine, CORPUS, 5)
    assert outputs["score"].tolist() == list(range(1, 24))
    assert [a.tolist() for a in outputs["attention"]] == SIDES[0]
    assert [a.tolist() for a in outputs["attention_2"]] == SIDES[1]
    assert loss == pytest.approx(np.average(CORPUS.targets, weights=CORPUS.weights))
    if fixed:
        assert set(engine.shapes) <= {(5, 8), (5, 32)}
    else:
        assert engine.shapes[-1][0] == 3


def test_the_loss_of_rows_without_weight_is_not_a_number() -> None:
    silent = EncodedCorpus(CORPUS.inputs, CORPUS.targets, np.zeros(23, dtype="float32"))
    engine: Any = Echo(False)
    assert np.isnan(predict(engine, silent, 5)[1])
