"""What holds for embeddings, encoders and poolers: shapes, masks, padding, neighbours."""

# B batch, T time, D features of a vector, U features of an encoded step, F features of a pooled text

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.spec import EncoderSpec, Spec
from kerasseq.testing.compare import same
from kerasseq.testing.example import FEATURES
from kerasseq.testing.faults import CheckFailed
from kerasseq.testing.implicit import check_explicit
from kerasseq.testing.network import answers, build, ready, shake
from kerasseq.testing.values import LENGTHS, TIME, batch_of, filled, inputs_of, values_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "check_all_masked_row",
    "check_batch_independence",
    "check_composition",
    "check_masks",
    "check_padding_id",
    "check_padding_invariance",
    "check_shapes_and_dtypes",
    "check_shared_weights",
]

GARBAGE = 100.0
EMPTY = (*LENGTHS, 0)
"""Valid steps of each text, of the last one none."""

FURTHER = 5
"""Steps that are padded more."""


def check_shapes_and_dtypes(spec: Spec) -> None:
    """The shapes of the contract, float32, for one step and for many; a pooler for one direction and for two."""
    rank, wanted = (
        (2, "(B, F)") if spec.kind == "pooler" else (3, "(B, T, U)" if spec.kind == "encoder" else "(B, T, D)")
    )
    for directions in (1, 2) if spec.kind == "pooler" else (2,):
        model = build(spec, directions=directions)
        said = tuple(model.output["output"].shape)
        if len(said) != rank or not isinstance(said[-1], int):
            raise CheckFailed(f"the output must have shape {wanted} with a known last size, got {said}")
        for time in (1, TIME):
            values = inputs_of(model, tuple(min(n, time) for n in LENGTHS), time)
            found = answers(model, values)
            shape = (len(LENGTHS), *((time,) if rank == 3 else ()), said[-1])
            _shaped("output", found["output"], shape, values)
            if "attention" in found:
                _shaped("weight of each step", found["attention"], (len(LENGTHS), time), values)
    if isinstance(spec, EncoderSpec) and (spec.directions not in (1, 2) or said[-1] % spec.directions):
        raise CheckFailed(f"directions must be 1, or 2 halves of the last axis, got {spec.directions} for {said}")


def _shaped(name: str, got: NDArray[Any], shape: tuple[int, ...], values: list[NDArray[Any]]) -> None:
    given = " and ".join(str(v.shape) for v in values)
    if got.shape != shape:
        raise CheckFailed(f"the {name} must have shape {shape} for inputs {given}, got {got.shape}")
    if got.dtype != np.float32:
        raise CheckFailed(f"the {name} must be float32, got {got.dtype} for inputs {given}")


def check_masks(spec: Spec) -> None:
    """What stands at masked steps does not reach the answer: zeros there, or numbers of 100, it is the same."""
    model = _shaken(spec)
    values = inputs_of(model, EMPTY)
    wanted = answers(model, values)
    for seed in (1, 2):
        got = answers(model, filled(values, GARBAGE, seed))
        for name in wanted:
            rule = f"what stands at masked steps must not reach the {name} (lengths {EMPTY} of {TIME} steps)"
            same(rule, _valid(wanted[name], values[-1], name, spec), _valid(got[name], values[-1], name, spec))


def check_padding_invariance(spec: Spec) -> None:
    """More padding, and padding on the left, change nothing; no layer relies on a mask that Keras passes on."""
    model = _shaken(spec)
    values = inputs_of(model)
    longer = [np.pad(v, [(0, 0), (0, FURTHER), *[(0, 0)] * (v.ndim - 2)]) for v in values]
    shifted = [np.stack([np.roll(row, TIME - n, axis=0) for row, n in zip(v, LENGTHS, strict=True)]) for v in values]

    def said(model: Any, values: list[NDArray[Any]]) -> dict[str, Any]:
        return {name: _valid(got, values[-1], name, spec) for name, got in answers(model, values).items()}

    check_explicit(spec, model, said, (longer, shifted))
    wanted = said(model, values)
    for how, changed in ((f"{FURTHER} more masked steps", longer), ("padding on the left", shifted)):
        got = said(model, changed)
        for name in wanted:
            rule = f"padding must not change the {name}, {how} do (lengths {LENGTHS} of {TIME} steps)"
            same(rule, wanted[name], got[name])


def check_batch_independence(spec: Spec) -> None:
    """Alone, or in another order, a text gets the same answer."""
    model = _shaken(spec)
    values = values_for(spec, model)
    wanted = answers(model, values)
    order = np.arange(len(values[0]))[::-1]
    got = answers(model, [v[order] for v in values])
    for name in wanted:
        same(f"neighbours in the batch must not change the {name}, another order does", wanted[name][order], got[name])
    for row in range(len(order)):
        alone = answers(model, [v[row : row + 1] for v in values])
        for name in wanted:
            rule = f"neighbours in the batch must not change the {name}, row {row + 1} alone differs"
            same(rule, wanted[name][row : row + 1], alone[name])


def check_all_masked_row(spec: Spec) -> None:
    """A text without a token, alone or beside others, gets finite numbers."""
    model = _shaken(spec)
    for lengths in ((3, 0, TIME), (0,)):
        values = inputs_of(model, lengths)
        for name, got in answers(model, values).items():
            if not np.isfinite(got).all():
                raise CheckFailed(
                    f"a row without a valid step must give finite numbers, the {name} {got.shape} has none"
                )


def check_shared_weights(spec: Spec) -> None:
    """Called on two inputs, for a pair of texts, the component uses the same weights."""
    once, twice = build(spec), build(spec, calls=2)
    shapes = [[tuple(w.shape) for w in model.weights] for model in (once, twice)]
    if len(shapes[0]) != len(shapes[1]):
        raise CheckFailed(
            f"called on two inputs, the weights must be the same, got {shapes[1]} in place of {shapes[0]}"
        )


def check_composition(spec: EncoderSpec) -> None:
    """The second encoder stands beside the first in one model: other names, weights of its own, the same width."""
    ready()
    import keras

    x, mask = keras.Input((None, FEATURES), name="x"), keras.Input((None,), dtype="bool", name="mask")
    first, second = spec.build()(x, mask=mask), spec.build_composition()(x, mask=mask)
    if first.shape[-1] != second.shape[-1]:
        raise CheckFailed(f"build_composition must give what build gives, got {second.shape} in place of {first.shape}")
    try:
        both = keras.Model([x, mask], [first, second])
    except ValueError as cause:
        raise CheckFailed(
            f"build_composition must name its layers otherwise than build, Keras says: {cause}"
        ) from cause
    once = keras.Model([x, mask], first)
    if len(both.weights) != 2 * len(once.weights):
        raise CheckFailed(
            f"build_composition must have weights of its own, {len(once.weights)} as build has, "
            f"both together have {len(both.weights)}"
        )


def check_padding_id(spec: Spec) -> None:
    """The vector of id 0 is zero, and stays zero in training."""
    import keras

    from kerasseq.backend.engine import make_engine

    model = build(spec)
    values = inputs_of(model)
    _zero("at first", model, values)
    if not model.trainable_variables:
        return

    def loss(outputs: dict[str, Any], targets: Any) -> Any:
        return keras.ops.sum(keras.ops.square(outputs["output"] - 1.0), axis=(1, 2))

    engine = make_engine(model, loss, keras.optimizers.AdamW(0.1, weight_decay=0.1), 0.0, TIME)
    engine.train([batch_of(model, values)])
    _zero("after an update", model, values)


def _zero(when: str, model: Any, values: list[NDArray[Any]]) -> None:
    got = answers(model, values)["output"]
    found = np.abs(got[~values[-1]])
    if found.size and not found.max() == 0:
        raise CheckFailed(f"the vector of id 0 must be zero, {when} it has {found.max():.2g} in it, output {got.shape}")


def _shaken(spec: Spec) -> Any:
    model = build(spec)
    if spec.kind != "embedding":  # there the row of padding is a constant that counts
        shake(model)
    return model


def _valid(got: NDArray[Any], mask: NDArray[Any], name: str, spec: Spec) -> NDArray[Any]:
    """A pooled text as it is; of what is said step by step, the valid steps of all texts end to end."""
    return got if spec.kind == "pooler" and name == "output" else got[mask]
