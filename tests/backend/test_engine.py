"""One train step, the same on every backend."""

# B batch, T time

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from kerasseq.arrays.ragged import Ragged
from kerasseq.backend.accelerate import accelerate
from kerasseq.backend.engine import Engine, make_engine
from kerasseq.config.settings import TrainingSettings
from kerasseq.corpus.examples import Examples
from kerasseq.embeddings.learned import Learned
from kerasseq.encoders.none import NoEncoder
from kerasseq.encoders.recurrent import GRU, SimpleRNN
from kerasseq.initial_weights import initialise
from kerasseq.layers.pooling import MeanPooling
from kerasseq.model import Parts
from kerasseq.pipelines.text import TextPipeline
from kerasseq.poolers.attention import Attention
from kerasseq.poolers.reduce import Mean
from kerasseq.tasks.classification import Classification
from kerasseq.tokenizers.word import Word
from kerasseq.training.optimizer import make_optimizer, set_learning_rate

TORCH = keras.backend.backend() == "torch"
torch_only = pytest.mark.skipif(not TORCH, reason="only torch updates a device that nobody waits for")
VOCABULARY = ["", "[UNK]", "[SEP]", *"abcdefgh"]
WORD = Word(name="word")
TEXT = TextPipeline((), WORD, WORD.build())
RANDOM = np.random.default_rng(0)
EXAMPLES = Examples(
    {"tokens": Ragged.from_lists([RANDOM.integers(1, 11, n).tolist() for n in RANDOM.integers(0, 20, 12)])},
    RANDOM.integers(0, 3, 12),
    RANDOM.uniform(0.5, 2, 12).astype("float32"),
)
ALL = np.arange(12)


def build(
    encoder: Any = None, clip: float = 0.0, max_length: int = 20, pooler: Any = None, **settings: Any
) -> tuple[Engine, Any]:
    task = Classification(name="classification", dropout=0.0).restored({"labels": ("a", "b", "c")}, TEXT)
    encoder = encoder or NoEncoder(name="none")
    recurrent = encoder.name != "none"
    parts = Parts(
        embedding=Learned(name="learned", dimension=4).build(VOCABULARY),
        encoder=encoder.build(),
        pooler=pooler
        or (Attention(name="attention", units=3) if recurrent else Mean(name="mean")).build(encoder.directions),
    )
    model = task.build_model(parts)
    initialise(model, 3)
    settings = {"optimizer": "sgd", "learning_rate": 1.0, "weight_decay": 0.0, **settings}
    optimizer = make_optimizer(TrainingSettings(**settings))
    return make_engine(accelerate(model), task.loss, optimizer, clip, max_length), model


def weights(model: Any) -> list[Any]:
    return [np.array(ops.convert_to_numpy(v.value)) for v in model.trainable_variables]


def test_an_update_that_is_not_finite_is_not_done_and_says_where() -> None:
    engine, model = build(GRU(name="gru", units=3, layers=1), clip=1.0, optimizer="adam")
    engine.train([EXAMPLES.batch(ALL)])
    bias = model.get_layer("logits").bias
    bias.assign([0.0, np.nan, 0.0])
    before = weights(model)
    step = engine.train([EXAMPLES.batch(ALL)])
    assert not step.finite
    assert [np.isnan(norm) for norm in step.norms] == [True] * len(before)
    for old, new in zip(before, weights(model), strict=True):
        np.testing.assert_array_equal(new, old)
    bias.assign([0.0, 0.0, 0.0])
    step = engine.train([EXAMPLES.batch(ALL)])  # the moments of the optimizer are whole, too
    assert (step.finite, step.norms) == (True, ())
    assert all(np.isfinite(w).all() for w in weights(model))


@torch_only
def test_updates_that_nobody_waits_for_are_the_same_updates() -> None:
    told, after = [], []
    for ahead in (0, 1):
        engine, model = build(GRU(name="gru", units=3, layers=1), clip=0.1, optimizer="adamw", learning_rate=0.1)
        engine.ahead = ahead
        begun = [engine.begin([EXAMPLES.batch(rows)], training=False) for rows in np.split(ALL, 4)]
        told.append([wait() for wait in begun])
        after.append([*weights(model), *(ops.convert_to_numpy(v.value) for v in engine.optimizer.variables)])
    assert told[0] == told[1] and all(step.finite for step in told[0])
    for one, two in zip(*after, strict=True):
        np.testing.assert_array_equal(one, two)


@torch_only
def test_no_update_is_done_after_one_that_is_not_finite_though_nobody_waits() -> None:
    engine, model = build(GRU(name="gru", units=3, layers=1), optimizer="adam")
    engine.ahead = 1
    engine.train([EXAMPLES.batch(ALL)])
    bad = replace(EXAMPLES.batch(ALL[:6]), weights=np.full(6, np.nan, dtype=np.float32))
    before = [*weights(model), *(np.array(ops.convert_to_numpy(v.value)) for v in engine.optimizer.variables)]
    begun = [engine.begin([each]) for each in (bad, EXAMPLES.batch(ALL[6:]))]
    step = begun[0]()
    assert not step.finite and len(step.norms) == len(model.trainable_variables)
    for old, new in zip(before, [*weights(model), *(v.value for v in engine.optimizer.variables)], strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(new), old)
    assert engine.train([EXAMPLES.batch(ALL)]).finite
    assert any((old != new).any() for old, new in zip(before, weights(model), strict=False))


@torch_only
def test_a_step_reads_nothing_back_but_the_number_of_updates_and_the_rate(
    packed: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the CPU, as far as it can be said there; on CUDA tests/gpu lets torch say it."""
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode

    from kerasseq.backend import torch_engine, torch_host

    def upload(array: Any, device: Any) -> Any:
        tensor = torch.from_numpy(array)
        torch_host.note(tensor, array)  # as where it goes to a device
        return tensor

    read: list[str] = []

    class Watching(TorchDispatchMode):  # type: ignore[misc]
        def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if any(name in str(function) for name in ("_local_scalar_dense", "nonzero", "masked_select", "unique")):
                read.append(str(function))
            return function(*args, **(kwargs or {}))

    monkeypatch.setattr(torch_engine, "upload", upload)
    engine, _ = build(GRU(name="gru", units=3, layers=2, dropout=0.0), clip=0.1, optimizer="adamw")
    engine.ahead = 1
    engine.train([EXAMPLES.batch(ALL)])
    with Watching():
        awaited = engine.begin([EXAMPLES.batch(ALL)])
    assert read == ["aten._local_scalar_dense.default"] * 3, "the number, to go back to and to go on from, and the rate"
    assert awaited().finite and set(packed) == {True}


@torch_only
def test_what_is_read_before_each_update_lies_on_the_cpu() -> None:
    with keras.device("meta"):  # wherever the weights are
        optimizer = make_optimizer(TrainingSettings(optimizer="adamw", weight_decay=0.1))
        set_learning_rate(optimizer, 0.5)
        read = [optimizer.iterations, optimizer.learning_rate]
        assert {each._value.device.type for each in read} == {"cpu"}
    assert float(optimizer.learning_rate) == 0.5


def batch(engine: Engine, rows: Any = ALL, size: int = 0) -> Any:
    return EXAMPLES.batch(rows, engine.lengths, size)


def test_three_steps_give_the_same_numbers_on_every_backend() -> None:
    engine, model = build(
        GRU(name="gru", units=4, layers=1, dropout=0.0),
        clip=0.1,
        optimizer="adamw",
        learning_rate=0.05,
        weight_decay=0.1,
    )
    steps = [engine.train([batch(engine, ALL[:8]), batch(engine, ALL[8:])]) for _ in range(3)]
    found = [number for step in steps for number in (step.loss, step.gradient_norm)]
    assert found == pytest.approx(LOSSES_AND_NORMS, abs=1e-5)
    assert [float(np.abs(w).sum()) for w in weights(model)] == pytest.approx(SUMS, abs=1e-3)
    assert steps[0].weight == pytest.approx(EXAMPLES.weights.sum())


LOSSES_AND_NORMS = [1.097949, 0.2569478, 1.0392653, 0.1678038, 0.9863427, 0.1829122]
SUMS = [5.35351, 15.2347, 19.90319, 2.05354, 15.86236, 20.35843, 2.52855, 7.91433, 0.11254, 2.16502, 10.20165, 0.27758]


def test_the_first_loss_and_gradient_are_those_of_the_equations() -> None:
    engine, model = build()
    table, kernel, bias = (w.astype(np.float64) for w in weights(model))
    pooled = np.stack([table[r].mean(axis=0) if len(r) else np.zeros(4) for r in EXAMPLES.inputs["tokens"]])
    logits = pooled @ kernel + bias
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    share = (EXAMPLES.weights / EXAMPLES.weights.sum())[:, None].astype(np.float64)
    loss = -(share[:, 0] * np.log(p[ALL, EXAMPLES.targets])).sum()
    error = (p - np.eye(3)[EXAMPLES.targets]) * share
    step = engine.train([batch(engine)])
    after = weights(model)
    assert step.loss == pytest.approx(loss, abs=1e-6)
    np.testing.assert_allclose(after[1], kernel - pooled.T @ error, atol=1e-6)  # learning rate 1
    np.testing.assert_allclose(after[2], bias - error.sum(axis=0), atol=1e-6)


@pytest.mark.parametrize("parts", [(6, 12), (1, 4, 5, 12)])
def test_accumulated_batches_equal_one_batch_of_all_rows(parts: tuple[int, ...]) -> None:
    (one, first), (many, second) = build(), build()
    cut = [ALL[a:b] for a, b in zip((0, *parts), parts, strict=False)]
    whole = one.train([batch(one)])
    pieces = many.train([batch(many, rows) for rows in cut])
    assert pieces[:3] == pytest.approx(whole[:3], abs=1e-6)
    for a, b in zip(weights(first), weights(second), strict=True):
        np.testing.assert_allclose(b, a, atol=1e-6)


@pytest.mark.parametrize("clip", [0.01, 0.1, 1e6])
def test_the_gradient_is_scaled_down_to_the_global_norm(clip: float) -> None:
    (free, unclipped), (engine, model) = build(), build(clip=clip)
    before = weights(model)
    norm = free.train([batch(free)]).gradient_norm
    assert engine.train([batch(engine)]).gradient_norm == pytest.approx(norm, rel=1e-5)
    moved = [a - b for a, b in zip(weights(model), before, strict=True)]
    wanted = [a - b for a, b in zip(weights(unclipped), before, strict=True)]
    assert np.sqrt(sum((m**2).sum() for m in moved)) == pytest.approx(min(norm, clip), rel=1e-4)
    for m, w in zip(moved, wanted, strict=True):
        np.testing.assert_allclose(m, w * min(1, clip / norm), atol=1e-6)


def test_fillers_change_nothing() -> None:
    encoder = SimpleRNN(name="rnn", units=3, layers=1, bidirectional=False, dropout=0.0, normalisation="batch")
    (plain, first), (filled, second) = build(encoder), build(encoder)
    steps = [plain.train([batch(plain)]), filled.train([batch(filled, size=20)])]
    assert steps[1][:3] == pytest.approx(steps[0][:3], abs=1e-5)
    for a, b in zip(first.weights, second.weights, strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(b.value), ops.convert_to_numpy(a.value), atol=1e-5)
    found = [plain.forward(batch(plain)), filled.forward(batch(filled, size=20))]
    assert found[1].outputs["logits"].shape == (12, 3)
    np.testing.assert_allclose(found[1].outputs["logits"], found[0].outputs["logits"], atol=1e-5)
    assert (found[1].loss, found[1].weight) == pytest.approx((found[0].loss, found[0].weight), abs=1e-4)


def test_rows_without_weight_alone_change_nothing() -> None:
    engine, model = build(optimizer="adamw", weight_decay=0.5)
    before = weights(model)
    silent = replace(EXAMPLES, weights=np.zeros(12, dtype="float32"))
    assert engine.train([silent.batch(ALL, engine.lengths)])[:3] == (0, 0, 0)
    for a, b in zip(weights(model), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_frozen_layer_stays_as_it_is() -> None:
    engine, model = build()
    model.get_layer("embedding").trainable = False
    before = np.array(ops.convert_to_numpy(model.get_layer("embedding").embeddings))
    kernel = weights(model)[0]
    engine.train([batch(engine)])
    np.testing.assert_array_equal(ops.convert_to_numpy(model.get_layer("embedding").embeddings), before)
    assert not np.array_equal(weights(model)[0], kernel)


def test_few_shapes_are_compiled_whatever_the_lengths() -> None:
    engine, _ = build(max_length=60)
    for length in (1, 5, 8, 9, 17, 30, 33, 50, 60):
        examples = Examples({"tokens": Ragged.from_lists([[3] * length])}, np.zeros(1, dtype=np.int64))
        made = examples.batch(np.array([0]), engine.lengths, 4 if engine.fixed_batch else 0)
        for _ in range(2):
            engine.train([made])
            engine.forward(made)
    if TORCH:
        assert (engine.compilations(), engine.lengths, engine.fixed_batch) == (0, (), False)
    else:
        assert engine.lengths == (8, 16, 32, 64)
        assert engine.compilations() <= 2 * len(engine.lengths)


def test_gradients_are_those_of_an_update_without_dropout_and_change_nothing() -> None:
    encoder = GRU(name="gru", units=4, layers=1, dropout=0.5)
    engine, model = build(encoder)
    before = weights(model)
    found = [engine.gradients(batch(engine)) for _ in range(2)]
    for a, b, c, d in zip(*found, before, weights(model), strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(c, d)
    engine.train([batch(engine)], training=False)
    for a, b, gradient in zip(before, weights(model), found[0], strict=True):
        np.testing.assert_allclose(a - b, gradient, atol=1e-6)  # learning rate 1
        assert gradient.any()
    loud, other = build(encoder)
    loud.train([batch(loud)])
    assert any(np.abs(a - b).max() > 1e-4 for a, b in zip(weights(model), weights(other), strict=True))


def test_gradients_are_whole_and_not_clipped() -> None:
    task = Classification(name="classification", dropout=0.0).restored({"labels": ("a", "b", "c")}, TEXT)
    (plain, _), (clipped, model) = build(), build(clip=1e-6)
    wanted = plain.gradients(batch(plain))
    lazy = make_engine(model, task.loss, make_optimizer(TrainingSettings()), 1e-6, 20, lazy_embeddings=TORCH)
    for engine in (clipped, lazy):
        for gradient, other in zip(engine.gradients(batch(engine)), wanted, strict=True):
            np.testing.assert_allclose(gradient, other, atol=1e-7)


def test_nothing_computes_the_loss_of_rows_that_all_have_no_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, _ = build()
    counted = engine.forward(batch(engine))
    silent = replace(made := batch(engine), weights=np.zeros_like(made.weights))
    if keras.backend.backend() == "torch":
        monkeypatch.setattr(engine, "loss", None)
    found = engine.forward(silent)
    assert (found.loss, found.weight) == (0.0, 0.0)
    np.testing.assert_allclose(found.outputs["logits"], counted.outputs["logits"], atol=1e-6)


@pytest.mark.parametrize("name", ["sgd", "adamw", "rmsprop"])
def test_a_factor_scales_the_update_of_its_weight_and_zero_lets_it_rest(name: str) -> None:
    """Beside the same update with other learning rates, one for each factor."""
    settings = {"optimizer": name, "learning_rate": 0.1, "weight_decay": 0.1}
    start = weights(build(**settings)[1])
    factors = [0.0, *[0.5] * (len(start) - 2), 1.0]
    engine, model = build(**settings)
    engine.scale(factors)
    engine.train([batch(engine)])
    found = weights(model)
    for place, factor in enumerate(factors):
        if not factor:
            assert np.array_equal(found[place], start[place])
            continue
        whole, other = build(**settings | {"learning_rate": 0.1 * factor})
        whole.train([batch(whole)])
        np.testing.assert_allclose(found[place], weights(other)[place], rtol=1e-5, atol=1e-6)


def test_the_gradient_of_a_weight_that_rests_does_not_count_in_the_norm() -> None:
    engine, model = build(clip=0.01)
    [*gradients] = engine.gradients(batch(engine))
    factors = [0.0, *[1.0] * (len(gradients) - 1)]
    engine.scale(factors)
    norm = engine.train([batch(engine)]).gradient_norm
    assert norm == pytest.approx(np.sqrt(sum(float((g**2).sum()) for g in gradients[1:])), rel=1e-4)


def penalised() -> tuple[Engine, Any]:
    """A model whose pooler adds three times a weight of its own to the loss, of which nothing else hangs."""

    class Penalised(MeanPooling):  # type: ignore[misc]
        def build(self, input_shape: Any) -> None:
            self.extra = self.add_weight(shape=(2,), name="extra")

        def call(self, *args: Any, **named: Any) -> Any:
            self.add_loss(3.0 * ops.sum(self.extra))
            return super().call(*args, **named)

    return build(pooler=Penalised())


def test_what_a_layer_adds_to_the_loss_is_followed_once_an_update() -> None:
    engine, model = penalised()
    [place] = [number for number, v in enumerate(model.trainable_variables) if v.name == "extra"]
    for parts in (1, 3, 4):
        before = weights(model)[place]
        plain = engine.forward(EXAMPLES.batch(ALL))
        step = engine.train([EXAMPLES.batch(rows) for rows in np.split(ALL, parts)], training=False)
        np.testing.assert_allclose(weights(model)[place], before - 3.0, rtol=1e-6)
        assert step.loss == pytest.approx(plain.loss / plain.weight, rel=1e-5), "that of the rows"
    for _ in range(3):
        engine.forward(EXAMPLES.batch(ALL))
        np.testing.assert_allclose(engine.gradients(EXAMPLES.batch(ALL))[place], [3.0, 3.0], rtol=1e-6)


@pytest.mark.skipif(not TORCH, reason="where layers are called one by one")
def test_a_layer_that_is_called_twice_adds_twice_though_the_precision_is_mixed() -> None:
    class Penalised(MeanPooling):  # type: ignore[misc]
        def call(self, x: Any, mask: Any = None) -> Any:
            self.add_loss(ops.sum(x))
            return super().call(x, mask=mask)

    from kerasseq.backend.torch_graph import Graph

    x, y = (keras.Input((None, 2), name=name, dtype="bfloat16") for name in "xy")
    layer = Penalised(dtype="float32")
    model = keras.Model([x, y], {"one": layer(x), "other": layer(y)})
    graph = Graph(model)
    for _ in range(2):
        graph([ops.ones((1, 3, 2), "bfloat16"), 2 * ops.ones((1, 3, 2), "bfloat16")], training=True)
        assert sorted(float(loss) for loss in model.losses) == [6.0, 12.0]


def test_a_regularizer_of_weights_is_followed() -> None:
    engine, model = build()
    kernel = model.get_layer("logits").kernel
    [place] = [number for number, v in enumerate(model.trainable_variables) if v is kernel]
    before = engine.gradients(EXAMPLES.batch(ALL))
    other, regularised = build()
    regularised.get_layer("logits").kernel.regularizer = keras.regularizers.L2(0.25)
    after = other.gradients(EXAMPLES.batch(ALL))
    np.testing.assert_allclose(after[place] - before[place], 0.5 * weights(model)[place], atol=1e-6)
    for number, (one, two) in enumerate(zip(before, after, strict=True)):
        if number != place:
            np.testing.assert_allclose(one, two, atol=1e-6)
