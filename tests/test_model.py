"""The model around the parts."""

# B batch, T time, D numbers of a step, F features of a pooled row

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from keras import layers, ops

from kerasseq.arrays.ragged import Ragged
from kerasseq.backend.accelerate import accelerate
from kerasseq.backend.engine import make_engine
from kerasseq.config.read import read_experiment
from kerasseq.config.settings import TrainingSettings
from kerasseq.corpus.examples import Examples
from kerasseq.corpus.text import Match, PairMode, Texts
from kerasseq.embeddings.learned import Learned
from kerasseq.encoders.none import NoEncoder
from kerasseq.encoders.recurrent import GRU, LSTM
from kerasseq.errors import PluginError
from kerasseq.initial_weights import initialise
from kerasseq.model import Parts, assemble, mask_fault, parameters, read_rows
from kerasseq.pipelines.text import TextPipeline
from kerasseq.poolers.attention import Attention
from kerasseq.poolers.last import Last
from kerasseq.poolers.reduce import Mean
from kerasseq.spec import PoolerSpec
from kerasseq.tokenizers.word import Word
from kerasseq.training.optimizer import make_optimizer

VOCABULARY = ["", "[UNK]", "[SEP]", *"abcdefgh"]
WORD = Word(name="word", min_frequency=1)


def model_of(parts: Parts, pipeline: Any) -> Any:
    rows = read_rows(parts, pipeline)
    return assemble(rows, features=rows.features, logits=layers.Dense(3, name="logits")(rows.features))


def build(encoder: Any, pooler: Any, pair: PairMode = "single", dimension: int = 6, match: Match = "none") -> Any:
    pipeline = TextPipeline((), WORD, WORD.build(), pair, match=match)
    pipeline.tokenizer.train([" ".join(VOCABULARY[3:])])
    sections: Any = SimpleNamespace(
        embedding=Learned(name="learned", dimension=dimension), encoder=encoder, pooler=pooler, decoder=None
    )
    return model_of(Parts.of(sections, pipeline), pipeline)


def test_a_combined_pair_meets_as_u_v_difference_and_product() -> None:
    model = build(NoEncoder(name="none"), Mean(name="mean"), pair="combine", dimension=3)
    initialise(model, 0)
    one, two = [[3, 4, 0, 0], [5, 0, 0, 0]], [[6, 0, 0], [7, 8, 9]]
    table = ops.convert_to_numpy(model.get_layer("embedding").embeddings).astype(np.float64)

    def mean(rows: list[list[int]]) -> Any:
        return np.stack([table[[i for i in row if i]].mean(axis=0) for row in rows])

    u, v = mean(one), mean(two)
    expected = np.concatenate([u, v, np.abs(u - v), u * v], axis=1)
    found = model([np.array(one, "int32"), np.array(two, "int32")])["features"]
    np.testing.assert_allclose(ops.convert_to_numpy(found), expected, atol=1e-6)


def test_a_pair_gives_attention_over_both_texts() -> None:
    model = build(NoEncoder(name="none"), Attention(name="attention", units=3), pair="combine")
    out = model([np.array([[3, 4, 0]], "int32"), np.array([[6, 0]], "int32")])
    assert (tuple(out["attention"].shape), tuple(out["attention_2"].shape)) == ((1, 3), (1, 2))
    np.testing.assert_allclose(ops.convert_to_numpy(out["attention_2"]), [[1, 0]], atol=1e-6)


def relu(x: Any) -> Any:
    return np.maximum(x, 0)


def test_texts_that_look_at_each_other_are_compared_before_they_are_pooled() -> None:
    """Words alone: the decomposable attention of Parikh et al. (2016), text by text in float64."""
    model = build(NoEncoder(name="none"), Mean(name="mean"), "attend", dimension=3, match="words")
    initialise(model, 0)
    one, two = [[3, 4, 0, 0], [5, 6, 7, 0]], [[6, 0, 0], [7, 8, 5]]
    found = ops.convert_to_numpy(model([np.array(one, "int32"), np.array(two, "int32")])["features"])
    table = ops.convert_to_numpy(model.get_layer("embedding").embeddings).astype(np.float64)
    kernel, bias = (w.astype(np.float64) for w in model.get_layer("comparison").get_weights())

    def vectors(row: list[int], other: list[int]) -> Any:
        return np.stack([[*table[token], float(token in other)] for token in row if token])

    def compared(x: Any, y: Any) -> Any:
        weights = np.exp(x @ y.T)
        near = weights / weights.sum(axis=1, keepdims=True) @ y
        return relu(np.concatenate([x, near, np.abs(x - near), x * near], axis=1) @ kernel + bias).mean(axis=0)

    for row, (first, second) in enumerate(zip(one, two, strict=True)):
        x, y = vectors(first, second), vectors(second, first)
        u, v = compared(x, y), compared(y, x)
        np.testing.assert_allclose(found[row], np.concatenate([u, v, np.abs(u - v), u * v]), atol=1e-6)


def test_what_was_compared_has_no_forward_and_backward_half_until_it_is_read_again() -> None:
    encoder = GRU(name="gru", units=2, layers=1)
    directions: list[int] = []

    class Asked(Last):
        """Keeps what it is told."""

        def build(self, told: int) -> Any:  # type: ignore[override]
            directions.append(told)
            return super().build(told)

    pairs: tuple[PairMode, ...] = ("combine", "attend", "esim")
    models = [build(encoder, Asked(name="last"), pair) for pair in pairs]
    assert directions == [2, 1, 2]
    composed = [layer.name for layer in models[2].layers if layer.name.startswith("composition")]
    assert composed == ["composition_bigru_1", "composition_bigru_1_dropout"]


def test_parameters_counts_what_is_trained() -> None:
    assert parameters(build(NoEncoder(name="none"), Mean(name="mean"), dimension=6)) == 11 * 6 + 6 * 3 + 3


@pytest.mark.parametrize("pooler", [Mean(name="mean"), Attention(name="attention", units=3)], ids=lambda p: p.name)
@pytest.mark.parametrize(
    ("encoder", "pair"),
    [
        (LSTM(name="lstm", units=4, layers=1), "combine"),
        (GRU(name="gru", units=3, bidirectional=False), "combine"),
        (NoEncoder(name="none"), "attend"),
        (GRU(name="gru", units=3, layers=1), "esim"),
    ],
)
def test_a_prediction_depends_neither_on_padding_nor_on_neighbours(encoder: Any, pair: PairMode, pooler: Any) -> None:
    model = accelerate(build(encoder, pooler, pair, match="none" if pair == "combine" else "subwords"))
    initialise(model, 0)
    engine = make_engine(model, lambda out, _: ops.sum(out["logits"], axis=-1), None, 0.0, 16)
    random = np.random.default_rng(0)
    for trial in range(4):
        sides = [[random.integers(1, 11, random.integers(0, 9)).tolist() for _ in range(5)] for _ in range(2)]
        examples = Examples(dict(zip(("tokens", "tokens_2"), map(Ragged.from_lists, sides), strict=True)), np.zeros(5))
        together = engine.forward(examples.batch(np.arange(5), (16,), 5)).outputs["logits"]
        alone = np.concatenate(
            [engine.forward(examples.batch(np.array([r]), (8,), 5)).outputs["logits"] for r in range(5)]
        )
        np.testing.assert_allclose(alone, together, atol=1e-6, err_msg=str(trial))
        shuffled = np.array([4, 2, 0])
        few = engine.forward(examples.batch(shuffled, (8,), 5)).outputs["logits"]
        np.testing.assert_allclose(few, together[shuffled], atol=1e-6)


class NoMask(PoolerSpec):
    """Builds a layer that takes no mask."""

    def build(self, directions: int) -> Any:
        return layers.Dense(2)


def test_a_part_that_takes_no_mask_is_named(tiny: Callable[[Path], Path], tmp_path: Path) -> None:
    experiment, pipeline = read_experiment(tiny(tmp_path)), TextPipeline((), WORD, WORD.build())
    pipeline.fit(Texts(["good food", "bad food"]))
    Parts.of(experiment, pipeline)
    with pytest.raises(PluginError) as caught:
        Parts.of(replace(experiment, pooler=NoMask(name="none")), pipeline)
    assert str(caught.value).startswith('pooler "attention" of kerasseq ')
    assert "must accept mask, as in pooler(x, mask=mask), it takes (inputs, training=None)" in str(caught.value)


def test_a_mask_may_be_taken_by_any_name_of_its_own_or_among_others() -> None:
    for part in (lambda x, mask=None: x, lambda x, *, mask: x, lambda x, **more: x, layers.GRU(3)):
        assert mask_fault("pooler", part, ("x",)) == ""
    fault = mask_fault("embedding", lambda tokens: tokens, ("tokens",))
    assert "embedding(tokens, mask=mask), it takes (tokens)" in fault
    assert mask_fault("encoder", type, ("x",)) == ""  # Python knows no signature of it


# === Vectors ===


class Vectors:
    """As much of a pipeline of vectors as a model asks."""

    names = ("x",)
    vocabulary = ()
    subwords = None
    pair = "single"
    match = "none"
    runs_on = False
    dimension = 3


def vectors(lengths: list[int]) -> tuple[list[Any], Examples]:
    random = np.random.default_rng(0)
    rows = [random.normal(size=(n, 3)).astype("float32") for n in lengths]
    return rows, Examples({"x": Ragged.from_lists(rows, "float32", (3,))}, np.zeros(len(rows)))


def parts_of(tiny: Callable[[Path], Path], folder: Path, encoder: Any, pooler: Any) -> Parts:
    experiment: Any = replace(read_experiment(tiny(folder)), embedding=None, encoder=encoder, pooler=pooler)
    return Parts.of(experiment, Vectors())


def test_vectors_need_no_embedding_and_are_pooled_where_their_mask_says(
    tiny: Callable[[Path], Path], tmp_path: Path
) -> None:
    model = model_of(parts_of(tiny, tmp_path, NoEncoder(name="none"), Mean(name="mean")), Vectors())
    assert [(tensor.name, tuple(tensor.shape), tensor.dtype) for tensor in model.inputs] == [
        ("x", (None, None, 3), "float32"),
        ("x_mask", (None, None), "bool"),
    ]
    rows, _ = vectors([4, 2, 7])
    rows[1][1] = 0  # a step like any other
    batch = Examples({"x": Ragged.from_lists(rows, "float32", (3,))}).batch(np.arange(3))
    found = ops.convert_to_numpy(model([batch.inputs["x"], batch.inputs["x_mask"]])["features"])
    np.testing.assert_allclose(found, [row.astype(np.float64).mean(axis=0) for row in rows], atol=1e-6)


def test_what_stands_at_the_padding_of_vectors_reaches_no_answer(tiny: Callable[[Path], Path], tmp_path: Path) -> None:
    parts = parts_of(tiny, tmp_path, GRU(name="gru", units=4, layers=1), Attention(name="attention", units=3))
    model = accelerate(model_of(parts, Vectors()))
    initialise(model, 0)
    batch = vectors([4, 1, 7, 0])[1].batch(np.arange(4))
    x, mask = batch.inputs["x"], batch.inputs["x_mask"]
    other = np.where(mask[..., None], x, 1e6).astype("float32")
    for name, expected in model([x, mask]).items():
        found = ops.convert_to_numpy(model([other, mask])[name])
        np.testing.assert_allclose(found, ops.convert_to_numpy(expected), atol=1e-6, err_msg=name)


def test_a_model_of_vectors_trains_on_batches_by_the_names_of_its_inputs(
    tiny: Callable[[Path], Path], tmp_path: Path
) -> None:
    model = accelerate(model_of(parts_of(tiny, tmp_path, NoEncoder(name="none"), Mean(name="mean")), Vectors()))
    initialise(model, 0)
    settings = TrainingSettings(optimizer="sgd", learning_rate=0.1, weight_decay=0.0)
    engine = make_engine(model, lambda out, _: ops.sum(out["logits"], axis=-1), make_optimizer(settings), 0.0, 8)
    rows, made = vectors([4, 1, 7])
    before = ops.convert_to_numpy(model.get_layer("logits").kernel.value).astype(np.float64)
    engine.train([made.batch(np.arange(3), engine.lengths, 3)])
    gradient = np.mean([row.astype(np.float64).mean(axis=0) for row in rows], axis=0)
    after = ops.convert_to_numpy(model.get_layer("logits").kernel.value)
    np.testing.assert_allclose(after, before - 0.1 * gradient[:, None], atol=1e-6)
