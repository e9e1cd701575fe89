"""Writes `model.pt2`, and keeps it when torch alone answers with it as the model does."""

# N texts, K classes, T time

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from kerasseq.corpus.text import Texts
from kerasseq.exporters.exporter import Exported, Exporter, Subject
from kerasseq.exporters.fresh import Fresh, padded
from kerasseq.exporters.metadata import MEMBER, describe, text_path
from kerasseq.exporters.proof import LENGTHS, Answers, as_rows, check_labels, prove
from kerasseq.exporters.torch.network import Network, program
from kerasseq.files import atomic
from kerasseq.run_directory import RunDirectory

__all__ = ["TorchExporter"]

WITHOUT = ("keras", "kerasseq", "jax", "tensorflow")


class TorchExporter(Exporter):
    """Ids in, answers out, in one file for torch alone."""

    name = "torch"

    def path(self, directory: RunDirectory) -> Path:
        """`model.pt2`."""
        return directory.torch

    def export(self, subject: Subject, path: Path) -> Exported:
        """See `Exporter`. Every made text is asked twice: as short as it is, and padded to the greatest length."""
        trained = subject.trained
        network = Network(trained.model, bool(trained.task.labels))
        exported = program(network, len(trained.model.inputs))
        said = {**describe(subject), **text_path(subject), **_sides(subject)}
        with atomic(path) as temporary:
            torch.export.save(exported, temporary, extra_files={MEMBER: json.dumps(said, ensure_ascii=False)})
            with Fresh("torch", temporary, path.name, WITHOUT) as fresh:
                proof = prove(path.name, trained, subject.texts, _answers(fresh, subject))
                prove(path.name, trained, Texts([]), _answers(fresh, subject, LENGTHS[-1]))
            size = temporary.stat().st_size
        return Exported(path, _facts(said, str(proof), size))


def _answers(fresh: Fresh, subject: Subject, least: int = 1) -> Answers:
    task = subject.trained.task
    wanted = "probabilities" if task.labels else "score"

    def answer(texts: Texts) -> NDArray[np.float64]:
        outputs = fresh(padded(subject.trained, texts, least))
        rows = as_rows(outputs[wanted])
        if task.labels:
            check_labels(fresh.name, task, texts, [task.labels[number] for number in outputs["label"]], rows)
        return rows

    return answer


def _sides(subject: Subject) -> dict[str, Any]:
    trained = subject.trained
    outputs: dict[str, Any] = {"score": {"dtype": "float32", "shape": ["batch"]}}
    if trained.task.labels:
        outputs = {
            "label": {"dtype": "int64", "shape": ["batch"]},
            "probabilities": {"dtype": "float32", "shape": ["batch", len(trained.task.labels)]},
        }
    inputs = {
        tensor.name: {"dtype": "int64", "shape": ["batch", tensor.name.replace("tokens", "time")]}
        for tensor in trained.model.inputs
    }
    return {"inputs": inputs, "outputs": outputs}


def _facts(said: dict[str, Any], proof: str, size: int) -> dict[str, str]:
    facts = {
        "size": f"{size / 1e6:.1f} MB",
        "proof": f"in a new process of torch alone: {proof}, as they are and padded to {LENGTHS[-1]}",
        "needs": f"torch (written by {torch.__version__})",
    }
    for side in ("inputs", "outputs"):
        tensors = said[side].items()
        facts[side] = ", ".join(f"{name} {t['dtype']} ({', '.join(map(str, t['shape']))})" for name, t in tensors)
    facts["left to Python"] = f"text to ids; {MEMBER} inside holds preprocessors, tokenizer, vocabulary and labels"
    return facts
