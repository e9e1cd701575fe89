"""Answers come back in the order of the rows."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kerasseq.arrays.ragged import Ragged
from kerasseq.backend.engine import Forward
from kerasseq.backend.words import note_words, noted
from kerasseq.corpus.examples import Examples
from kerasseq.tasks.task import ATTENTION, Output
from kerasseq.training.prediction import predict

OUTPUTS = (Output("score", ("batch",)), *ATTENTION)


class Echo:
    """Answers each row with its first id; fillers are cut as engines cut them."""

    model = None

    def __init__(self, fixed: bool) -> None:
        self.fixed_batch = fixed
        self.lengths = (8, 32) if fixed else ()
        self.shapes: list[tuple[int, ...]] = []

    def forward(self, batch: Any) -> Forward:
        self.shapes.append(batch.inputs["tokens"].shape)
        rows = len(batch.rows)
        outputs: dict[str, Any] = {"score": batch.inputs["tokens"][:rows, 0].astype("float32")}
        for name, ids in zip(("attention", "attention_2"), batch.inputs.values(), strict=False):
            outputs[name] = ids[:rows].astype("float32")
        if batch.targets is None:
            return Forward(outputs, 0.0, 0.0)
        return Forward(outputs, float((batch.targets * batch.weights).sum()), float(batch.weights.sum()))


class Asked:
    """As much of a task as prediction asks."""

    def __init__(self, outputs: Any, kept: Any) -> None:
        self.outputs = outputs
        self.kept = kept

    def written(self, model: Any, examples: Any, batch_size: int) -> dict[str, Any]:
        """It writes nothing."""
        return {}

    def reduced(self, outputs: Any) -> Any:
        return self.kept(outputs)


def asked(outputs: Any = OUTPUTS, kept: Any = dict) -> Any:
    return Asked(outputs, kept)


RANDOM = np.random.default_rng(0)
SIDES = [[[i + 1] * int(n) for i, n in enumerate(RANDOM.integers(1, 30, 23))] for _ in range(2)]
EXAMPLES = Examples(
    dict(zip(("tokens", "tokens_2"), map(Ragged.from_lists, SIDES), strict=True)),
    np.arange(23.0),
    RANDOM.uniform(0.5, 2, 23).astype("float32"),
)


def test_what_words_say_is_kept_from_batch_to_batch_and_not_for_longer() -> None:
    class Noting(Echo):
        def forward(self, batch: Any) -> Forward:
            note_words(self, len(self.shapes), "vectors")
            kept.append(noted(self))
            return super().forward(batch)

    kept: list[Any] = []
    engine: Any = Noting(False)
    predict(engine, EXAMPLES, asked(), 10)
    assert kept == [(0, "vectors"), (1, "vectors"), (2, "vectors")]
    assert noted(engine) is None


@pytest.mark.parametrize("fixed", [False, True])
def test_rows_come_back_in_order_and_attention_as_long_as_its_text(fixed: bool) -> None:
    engine: Any = Echo(fixed)
    outputs, loss = predict(engine, EXAMPLES, asked(), 5)
    assert outputs["score"].tolist() == list(range(1, 24))
    assert [a.tolist() for a in outputs["attention"]] == SIDES[0]
    assert [a.tolist() for a in outputs["attention_2"]] == SIDES[1]
    assert loss == pytest.approx(np.average(EXAMPLES.targets, weights=EXAMPLES.weights))
    if fixed:
        assert set(engine.shapes) <= {(5, 8), (5, 32)}
    else:
        assert engine.shapes[-1][0] == 3


@pytest.mark.parametrize("silent", [replace(EXAMPLES, weights=np.zeros(23, dtype="float32")), EXAMPLES.unlabelled()])
def test_the_loss_of_rows_without_weight_or_target_is_not_a_number(silent: Examples) -> None:
    engine: Any = Echo(False)
    outputs, loss = predict(engine, silent, asked(), 5)
    assert np.isnan(loss)
    assert outputs["score"].tolist() == list(range(1, 24))


def test_outputs_that_the_task_does_not_know_are_left_out() -> None:
    engine: Any = Echo(False)
    outputs, _ = predict(engine, EXAMPLES, asked(OUTPUTS[:2]), 5)
    assert set(outputs) == {"score", "attention"}


def test_the_task_says_what_is_kept_of_a_batch() -> None:
    task = asked(OUTPUTS[:1], lambda outputs: {"score": np.stack([outputs["score"], -outputs["score"]], axis=1)})
    engine: Any = Echo(False)
    outputs, _ = predict(engine, EXAMPLES, task, 5)
    assert outputs["score"].tolist() == [[i, -i] for i in range(1, 24)]


def test_no_rows_have_outputs_of_no_rows() -> None:
    task = asked((Output("logits", ("batch", 3)), Output("tags", ("batch", "time", 2)), *ATTENTION))
    none = Examples({"tokens": Ragged.from_lists([])})
    engine: Any = Echo(False)
    outputs, loss = predict(engine, none, task, 5)
    assert outputs["logits"].shape == (0, 3)
    assert outputs["tags"] == []
    assert set(outputs) == {"logits", "tags"}
    assert np.isnan(loss)
