"""A component in a small model of its own."""

# B batch, T time, D features of a vector, U features of an encoded step

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.spec import DecoderSpec, EmbeddingSpec, EncoderSpec, PoolerSpec, Spec, TaskSpec
from kerasseq.testing.example import FEATURES
from kerasseq.testing.faults import CheckFailed, NotChecked
from kerasseq.testing.values import NGRAMS, VOCABULARY

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["answers", "array", "build", "ready", "shake"]

WIDTH = 5
"""Most n-grams of a token."""


def ready() -> None:
    """Fix the backend, if nothing has imported Keras yet: KERASSEQ_BACKEND, KERAS_BACKEND, torch."""
    import sys

    from kerasseq.backend.select import select
    from kerasseq.config.backend import wanted_backend

    if "keras" not in sys.modules:
        chosen, problem = wanted_backend("", None)
        if problem:
            raise NotChecked(problem)
        select(chosen or "torch")


def build(spec: Spec, seed: int = 0, calls: int = 1, directions: int = 2) -> Any:
    """A functional model around what `spec.build` returns, with weights as kerasseq draws them.

    That of a task has the inputs of its pipeline.

    Args:
        spec: Of an embedding, an encoder, a pooler, a decoder or a task.
        seed: Of the weights.
        calls: How often the component is called, each time on inputs of its own.
        directions: What a pooler is told.

    Returns:
        A Keras model with a flat list of inputs, `tokens` (and `subwords`) or `x`, then `mask`, for each call, and a
        dict of outputs. That of a decoder reads `x`, `memory`, `memory_mask` and `mask`.
    """
    ready()
    import keras

    from kerasseq.initial_weights import initialise
    from kerasseq.model import mask_fault

    keras.utils.set_random_seed(seed)
    if isinstance(spec, TaskSpec):
        from kerasseq.testing.task import learned_model

        model = learned_model(spec)
    elif isinstance(spec, DecoderSpec):
        model = _decoder_model(spec)
    else:
        component = _component(spec, directions)
        fault = mask_fault(spec.kind, component, _reads(spec))
        if fault:
            raise CheckFailed(fault)
        model = _model(component, spec.kind, calls, "subwords" in _reads(spec))
    initialise(model, seed)
    return model


def _component(spec: Spec, directions: int) -> Any:
    if isinstance(spec, EmbeddingSpec):
        return spec.build(VOCABULARY) if spec.subwords is None else spec.build_subwords(VOCABULARY, NGRAMS)
    if isinstance(spec, PoolerSpec):
        return spec.build(directions)
    if isinstance(spec, EncoderSpec):
        return spec.build()
    raise NotChecked(f"a {spec.kind} is no part of a network")


def _reads(spec: Spec) -> tuple[str, ...]:
    """What it is called with before the mask."""
    if isinstance(spec, EmbeddingSpec):
        return ("tokens",) if spec.subwords is None else ("tokens", "subwords")
    return ("x",)


def _model(component: Any, kind: str, calls: int, spelled: bool) -> Any:
    import keras

    inputs: list[Any] = []
    outputs: dict[str, Any] = {}
    for call in range(calls):
        end = f"_{call + 1}" if call else ""
        if kind == "embedding":
            x = keras.Input((None,), dtype="int32", name=f"tokens{end}")
        else:
            x = keras.Input((None, FEATURES), name=f"x{end}")
        mask = keras.Input((None,), dtype="bool", name=f"mask{end}")
        given = [x, keras.Input((None, WIDTH), dtype="int32", name=f"subwords{end}")] if spelled else [x]
        inputs += [*given, mask]
        y = component(*given, mask=mask)
        if isinstance(y, tuple):
            y, outputs[f"attention{end}"] = y
        outputs[f"output{end}"] = y
    return keras.Model(inputs, outputs)


def _decoder_model(spec: DecoderSpec) -> Any:
    import keras

    decoder = spec.build(2)
    x, memory = keras.Input((None, FEATURES), name="x"), keras.Input((None, FEATURES), name="memory")
    masks = [keras.Input((None,), dtype="bool", name=name) for name in ("memory_mask", "mask")]
    try:
        return keras.Model([x, memory, *masks], {"output": decoder(x, masks[1], memory, masks[0])})
    except TypeError as cause:
        raise CheckFailed(
            f"what build returns must be called as decoder(x, mask, memory, memory_mask), Keras says: {cause}"
        ) from cause


def answers(model: Any, values: list[NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The outputs by name, dropout off."""
    from keras import ops

    outputs = model([ops.convert_to_tensor(v) for v in values], training=False)
    return {name: array(value) for name, value in outputs.items()}


def array(value: Any) -> NDArray[Any]:
    """A tensor, or the value of a weight, as NumPy."""
    from keras import ops

    return np.array(ops.convert_to_numpy(ops.stop_gradient(value)))


def shake(model: Any) -> None:
    """Move every trainable weight that is constant, such as a bias of zeros, and statistics: zeros hide faults.

    The bias of an LSTM, zeros and ones, is one of them.
    """
    random = np.random.default_rng(2)
    for variable in model.variables:
        value = array(variable.value)
        counts = variable.trainable or variable.name.startswith("moving_")
        if counts and value.dtype.kind == "f" and value.size and _dull(value):
            variable.assign((value + random.uniform(0.1, 0.3, value.shape)).astype(value.dtype))


def _dull(value: NDArray[Any]) -> bool:
    """Whether a weight has one number only, or, as a bias, some number twice."""
    return bool(np.ptp(value) == 0 or (value.ndim == 1 and len(np.unique(value)) < value.size))
