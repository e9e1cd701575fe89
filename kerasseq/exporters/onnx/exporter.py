"""Writes `model.onnx`, and keeps it when it answers as the model does."""

# N rows

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq_runtime.stepper import FileStepper

from kerasseq.exporters.exporter import Exported, Exporter, Refused, Subject
from kerasseq.exporters.onnx.model import OnnxFile, build
from kerasseq.exporters.onnx.sealing import sealed_bytes
from kerasseq.exporters.proof import Answers, Proof, prove
from kerasseq.files import atomic
from kerasseq.run_directory import RunDirectory
from kerasseq.runtime.answers import read_answers
from kerasseq.runtime.session import open_session

if TYPE_CHECKING:
    from kerasseq.corpus.samples import Samples
    from kerasseq.trained import TrainedModel

__all__ = ["OnnxExporter", "answers", "unproved"]


class OnnxExporter(Exporter):
    """Text in, answer out, in one file.

    Args:
        precision: `float32`, `float16` or `int8`.
    """

    name = "onnx"

    def __init__(self, precision: str = "float32") -> None:
        self.precision = precision

    def path(self, directory: RunDirectory) -> Path:
        """`model.onnx`, beside it `model.int8.onnx` and `model.float16.onnx`."""
        if self.precision == "float32":
            return directory.onnx
        return directory.onnx.with_name(f"model.{self.precision}.onnx")

    def export(self, subject: Subject, path: Path) -> Exported:
        """See `Exporter`; at another precision than float32 the change of the scores is measured, not refused."""
        trained = subject.trained
        if trained.task.pipeline.runs_on or trained.task.pipeline.writes:
            return self._in_steps(subject, path)
        file = unproved(subject)
        with atomic(path) as temporary:
            temporary.write_bytes(sealed_bytes(file.model))
            whole = answers(file, trained, temporary, path.name)
            facts = _facts(file, prove(path.name, trained, subject.samples, whole), temporary)
            if self.precision != "float32":
                facts["proof"] = f"in float32 {facts['proof']}"
                facts |= self._smaller(file, subject, whole, temporary, path.name)
        return Exported(path, facts)

    def _in_steps(self, subject: Subject, path: Path) -> Exported:
        """What is asked step by step: a text that is read in pieces, or one that is written about another."""
        from kerasseq.exporters.onnx.step_proof import prove_steps
        from kerasseq.exporters.onnx.translation_proof import prove_translation

        self._check_precision(subject, path)
        trained, file = subject.trained, unproved(subject)
        with atomic(path) as temporary:
            temporary.write_bytes(sealed_bytes(file.model))
            with _refused(path.name):
                session = open_session(temporary)
                stepper = FileStepper(session, file.states) if trained.task.pipeline.runs_on else None
            if stepper is not None:
                proof = prove_steps(path.name, trained, subject.samples, stepper)
            else:
                proof = prove_translation(path.name, trained, subject.samples, session, file)
            facts = _facts(file, proof, temporary)
        return Exported(path, facts)

    def _check_precision(self, subject: Subject, path: Path) -> None:
        """Raise unless a file that is asked in steps shall be of float32."""
        if self.precision != "float32":
            kind = subject.trained.task.kind
            raise Refused(f"{path.name}: precision must be float32 for a {kind}, got {self.precision}")

    def _smaller(self, file: OnnxFile, subject: Subject, whole: Answers, path: Path, name: str) -> dict[str, str]:
        """Replace the proved file at `path` by the smaller one."""
        from kerasseq.exporters.onnx.precision import costs, smaller

        with tempfile.TemporaryDirectory(prefix="kerasseq-") as folder:
            small = Path(folder) / "small.onnx"
            facts = smaller(self.precision, path, small)
            facts |= costs(subject, (path, whole), (small, answers(file, subject.trained, small, name)))
            shutil.copyfile(small, path)
        return facts


def unproved(subject: Subject) -> OnnxFile:
    """The file of a model of any shape, before it is proved; an untrained model has one of the same size and speed.

    Raises:
        Refused: A layer or the task has no form in ONNX.
    """
    pipeline = subject.trained.task.pipeline
    if pipeline.runs_on:
        from kerasseq.exporters.onnx.step import build_step

        return build_step(subject)
    if pipeline.writes:
        from kerasseq.exporters.onnx.translation import build_translation

        return build_translation(subject)
    return build(subject)


def answers(file: OnnxFile, trained: TrainedModel, path: Path, name: str) -> Answers:
    """A function of rows that asks the file at `path`, called `name` in messages."""
    with _refused(name):
        session = open_session(path)

    def answer(samples: Samples) -> dict[str, Any]:
        return read_answers(session, trained.task.answer_axes, file.inside.feeds(samples))

    return answer


def _facts(file: OnnxFile, proof: Proof, path: Path) -> dict[str, str]:
    facts = {"size": f"{path.stat().st_size / 1e6:.1f} MB", "proof": str(proof)}
    facts["needs"] = ", ".join(["onnxruntime", "numpy", *file.needs])
    if file.python_steps:
        facts["left to Python"] = ", ".join(file.python_steps)
    return facts


@contextlib.contextmanager
def _refused(name: str) -> Iterator[None]:
    try:
        yield
    except Exception as cause:
        raise Refused(f"{name}: onnxruntime must open it, got: {cause}") from cause
