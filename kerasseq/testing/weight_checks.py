"""What holds for the weights of a network: drawn by the seed, all of them trained, saved and loaded."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.spec import Spec, TaskSpec
from kerasseq.testing.compare import same
from kerasseq.testing.faults import CheckFailed, told
from kerasseq.testing.network import answers, array, build, shake
from kerasseq.testing.values import LENGTHS, TIME, batch_of, inputs_of, values_for

if TYPE_CHECKING:
    from kerasseq.backend.engine import Loss
    from kerasseq.corpus.examples import Batch

__all__ = ["check_gradients", "check_save_load_clone", "check_seeds", "weights_of"]


def weights_of(model: Any) -> list[tuple[str, Any]]:
    """Path and NumPy array of each weight, in order; what dropout draws is no weight."""
    return [(v.path, array(v.value)) for v in model.weights if "seed_generator" not in v.path]


def check_seeds(spec: Spec) -> None:
    """The same seed gives the same weights."""
    wanted, got = (weights_of(build(spec, seed=3)) for _ in range(2))
    if len(wanted) != len(got):
        raise CheckFailed(f"the same seed must give the same weights, got {len(got)} of them after {len(wanted)}")
    for (path, one), (_, other) in zip(wanted, got, strict=True):
        same(f"the same seed must give the same weights, {path} differs; draw by a Keras initializer", one, other, 0.0)


def check_gradients(spec: Spec) -> None:
    """Every trainable weight gets a gradient that is finite and not zero; of a task, by its own loss."""
    import keras

    from kerasseq.backend.engine import make_engine

    model = build(spec)
    if not model.trainable_variables:
        return
    shake(model)
    batch, score = _learned(spec) if isinstance(spec, TaskSpec) else _drawn(model, inputs_of(model))

    def loss(outputs: dict[str, Any], targets: Any) -> Any:
        reached = 0.0 * sum(keras.ops.sum(v) for v in model.trainable_variables)  # torch wants one way at least
        return score(outputs, targets) + reached

    engine = make_engine(model, loss, keras.optimizers.SGD(), 0.0, TIME)
    for variable, gradient in zip(model.trainable_variables, engine.gradients(batch), strict=True):
        largest = float(np.abs(gradient).max(initial=0))
        if not (np.isfinite(largest) and largest > 0):
            raise CheckFailed(
                f"a gradient must reach every trainable weight, {variable.path} of shape {tuple(variable.shape)} gets "
                f"{largest:g}"
            )


def _learned(spec: TaskSpec) -> tuple[Batch, Loss]:
    """The rows of a task, and what it calls their loss."""
    from kerasseq.testing.task import learn, whole_batch

    lesson = learn(spec)
    return whole_batch(lesson.examples), lesson.task.loss


def _drawn(model: Any, values: list[Any]) -> tuple[Batch, Loss]:
    """Numbers by which every output counts."""
    import keras

    random = np.random.default_rng(4)
    factors = {name: random.normal(size=y.shape).astype("float32") for name, y in answers(model, values).items()}

    def loss(outputs: dict[str, Any], targets: Any) -> Any:
        names = [name for name in outputs if not name.startswith("attention")]
        products = [outputs[name] * keras.ops.convert_to_tensor(factors[name]) for name in names]
        return sum(keras.ops.sum(keras.ops.reshape(product, (len(LENGTHS), -1)), axis=1) for product in products)

    return batch_of(model, values), loss


def check_save_load_clone(spec: Spec) -> None:
    """A Keras model that holds the component can be saved, loaded and cloned, and answers as before."""
    from kerasseq.layers.masked import silent

    model = build(spec)
    shake(model)
    values = values_for(spec, model)
    wanted = answers(model, values)
    with silent():
        for how, copy in _copies(model).items():
            got = answers(copy, values)
            for name in wanted:
                same(f"a model that was {how} must answer as before, the {name} differs", wanted[name], got[name])


def _copies(model: Any) -> dict[str, Any]:
    import keras

    with tempfile.TemporaryDirectory(prefix="kerasseq-") as folder:
        path = Path(folder) / "model.keras"
        try:
            model.save(path)
            loaded = keras.saving.load_model(path, compile=False)
        except Exception as cause:
            raise CheckFailed(
                f"a saved model must load, got {told(cause)}; decorate layers with "
                "keras.saving.register_keras_serializable and give their arguments in get_config"
            ) from cause
    clone = keras.models.clone_model(model)
    try:
        clone.set_weights(model.get_weights())
    except ValueError as cause:
        raise CheckFailed(f"a clone must have the same weights, got {told(cause)}") from cause
    return {"loaded": loaded, "cloned": clone}
