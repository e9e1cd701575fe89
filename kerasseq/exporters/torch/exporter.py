"""Writes `model.pt2`, and keeps it when torch alone answers with it as the model does."""

# N rows, T time

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from kerasseq.corpus.samples import Samples
from kerasseq.exporters.exporter import Exported, Exporter, Subject
from kerasseq.exporters.fresh import Ask, opened
from kerasseq.exporters.metadata import MEMBER, describe, left_to_python, steps
from kerasseq.exporters.proof import TOLERANCE, Answers, cut, prove
from kerasseq.exporters.torch.network import Network, program, time_of
from kerasseq.files import atomic
from kerasseq.pipelines.made_texts import LENGTHS
from kerasseq.pipelines.text_in_graph import padded
from kerasseq.run_directory import RunDirectory

if TYPE_CHECKING:
    from kerasseq.tasks.task import Task

__all__ = ["TorchExporter"]

WITHOUT = ("keras", "kerasseq", "jax", "tensorflow")


class TorchExporter(Exporter):
    """Ids in, answers out, in one file for torch alone.

    Args:
        tolerance: See `kerasseq.exporters.proof.prove`.
    """

    name = "torch"

    def __init__(self, tolerance: float = TOLERANCE) -> None:
        self.tolerance = tolerance

    def path(self, directory: RunDirectory) -> Path:
        """`model.pt2`."""
        return directory.torch

    def export(self, subject: Subject, path: Path) -> Exported:
        """See `Exporter`. Every made row is asked twice: as short as it is, and padded to the greatest length."""
        trained = subject.trained
        network = Network(trained.model, trained.task)
        exported = program(network, trained.model)
        said = {**describe(subject), **steps(subject), **_sides(subject, network)}
        with atomic(path) as temporary:
            torch.export.save(exported, temporary, extra_files={MEMBER: json.dumps(said, ensure_ascii=False)})
            with opened("torch", temporary, path.name, WITHOUT) as ask:
                proof = prove(path.name, trained, subject.samples, _answers(ask, subject), self.tolerance)
                none = subject.samples.take([])
                prove(path.name, trained, none, _answers(ask, subject, LENGTHS[-1]), self.tolerance)
            size = temporary.stat().st_size
        return Exported(path, _facts(said, trained.task, str(proof), size))


def _answers(ask: Ask, subject: Subject, least: int = 1) -> Answers:
    trained = subject.trained

    def answer(samples: Samples) -> dict[str, Any]:
        inputs = padded(trained.task.pipeline, samples, least)
        outputs = ask([inputs[tensor.name] for tensor in trained.model.inputs])
        return trained.task.of_torch(cut(outputs, trained.task, inputs))

    return answer


def _sides(subject: Subject, network: Network) -> dict[str, Any]:
    inputs = {
        tensor.name: {
            "dtype": "int64" if tensor.dtype.startswith("int") else tensor.dtype,
            "shape": ["batch", tensor.shape[1] or time_of(tensor.name), *tensor.shape[2:]],
        }
        for tensor in subject.trained.model.inputs
    }
    return {"inputs": inputs, "outputs": network.answers}


def _facts(said: dict[str, Any], task: Task, proof: str, size: int) -> dict[str, str]:
    facts = {
        "size": f"{size / 1e6:.1f} MB",
        "proof": f"in a new process of torch alone: {proof}, as they are and padded to {LENGTHS[-1]}",
        "needs": f"torch (written by {torch.__version__})",
    }
    for side in ("inputs", "outputs"):
        tensors = said[side].items()
        facts[side] = ", ".join(f"{name} {t['dtype']} ({', '.join(map(str, t['shape']))})" for name, t in tensors)
    wanted = [out.name for out in task.outputs if not out.optional and out.name not in task.torch_outputs]
    facts["left to Python"] = left_to_python(task.pipeline, *wanted)
    return facts
