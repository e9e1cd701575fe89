"""Writes `model.plain.keras`, and keeps it when Keras alone answers with it as the model does."""

# N rows, T time

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from kerasseq.backend.select import current
from kerasseq.exporters.exporter import Exported, Exporter, Refused, Subject
from kerasseq.exporters.fresh import Ask, opened
from kerasseq.exporters.keras.plain import imports, plain
from kerasseq.exporters.metadata import MEMBER, describe, left_to_python, steps
from kerasseq.exporters.proof import TOLERANCE, Answers, cut, prove
from kerasseq.files import atomic
from kerasseq.pipelines.text_in_graph import padded
from kerasseq.run_directory import RunDirectory

if TYPE_CHECKING:
    from kerasseq.corpus.samples import Samples
    from kerasseq.pipelines.pipeline import Pipeline
    from kerasseq.trained import TrainedModel

__all__ = ["KerasExporter"]

WIDTHS = (1, 4, 7, 16, 32, 50, 64, 128, 256, 400)
"""Lengths that batches are padded to: where programs are compiled, each length is one more."""


class KerasExporter(Exporter):
    """The model's inputs in, its outputs out, in one file for Keras alone.

    Args:
        tolerance: See `kerasseq.exporters.proof.prove`.
    """

    name = "keras"

    def __init__(self, tolerance: float = TOLERANCE) -> None:
        self.tolerance = tolerance

    def path(self, directory: RunDirectory) -> Path:
        """`model.plain.keras`; `model.keras` beside it is the run's own and needs kerasseq."""
        return directory.plain

    def export(self, subject: Subject, path: Path) -> Exported:
        """See `Exporter`. The proof runs on the backend of this process."""
        model = _plain(subject.trained.model, path.name)
        needed = imports(model)
        said = {**describe(subject), **steps(subject), "imports": list(needed), **_sides(model)}
        without = () if needed else ("kerasseq",)  # a plugin may stand on it
        with atomic(path) as temporary:
            keras.saving.save_model(model, temporary)
            with zipfile.ZipFile(temporary, "a", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(MEMBER, json.dumps(said, ensure_ascii=False))
            environment = {"KERAS_BACKEND": current()}
            with opened("keras", temporary, path.name, without, needed, environment) as ask:
                answers = _answers(ask, subject.trained)
                proof = prove(path.name, subject.trained, subject.samples, answers, self.tolerance)
            size = temporary.stat().st_size
        return Exported(path, _facts(said, subject.trained.task.pipeline, str(proof), size))


def _plain(model: Any, name: str) -> Any:
    try:
        return plain(model)
    except Exception as cause:  # a plugin's layer may fail in any way
        raise Refused(f"{name}: every layer must be built again from its get_config, got: {cause}") from cause


def _answers(ask: Ask, trained: TrainedModel) -> Answers:
    task = trained.task
    timed = {tensor.name for tensor in trained.model.inputs if tensor.shape[1] is None}

    def answer(samples: Samples) -> dict[str, Any]:
        inputs = padded(task.pipeline, samples)
        longest = max(each.shape[1] for name, each in inputs.items() if name in timed)
        width = next((width for width in WIDTHS if width >= longest), longest)
        wider = {name: _wider(each, width) if name in timed else each for name, each in inputs.items()}
        found = ask([wider[tensor.name] for tensor in trained.model.inputs])
        return task.decode(cut(found, task, inputs)).arrays()

    return answer


def _wider(values: Any, width: int) -> Any:
    """`(N, T, ...)` with padding behind, up to `width` steps."""
    return np.pad(values, [(0, 0), (0, width - values.shape[1]), *((0, 0) for _ in values.shape[2:])])


def _sides(model: Any) -> dict[str, Any]:
    """The inputs and outputs by name, with types and shapes; a size that is free is null."""
    return {
        "inputs": {t.name: {"dtype": t.dtype, "shape": list(t.shape)} for t in model.inputs},
        "outputs": {name: {"dtype": t.dtype, "shape": list(t.shape)} for name, t in sorted(model.output.items())},
    }


def _facts(said: dict[str, Any], pipeline: Pipeline, proof: str, size: int) -> dict[str, str]:
    needed = said["imports"]
    facts = {
        "size": f"{size / 1e6:.1f} MB",
        "proof": f"in a new process on {current()}{'' if needed else ', without kerasseq'}: {proof}",
        "needs": "keras",
    }
    if needed:
        packages = sorted({module.partition(".")[0] for module in needed})
        facts["needs"] = f"keras, {', '.join(packages)} (before it opens: import {', '.join(needed)})"
    for side in ("inputs", "outputs"):
        facts[side] = ", ".join(f"{name} {_shape(tensor)}" for name, tensor in said[side].items())
    facts["left to Python"] = left_to_python(pipeline)
    return facts


def _shape(tensor: dict[str, Any]) -> str:
    sizes = ", ".join("any" if size is None else str(size) for size in tensor["shape"])
    return f"{tensor['dtype']} ({sizes})"
