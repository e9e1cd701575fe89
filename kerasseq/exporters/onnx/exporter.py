"""Writes `model.onnx`, and keeps it when it answers as the model does."""

# N rows

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq_runtime.stepper import FileStepper

from kerasseq.exporters.exporter import Exported, Exporter, Refused, Subject
from kerasseq.exporters.onnx.model import OnnxFile, build
from kerasseq.exporters.onnx.sealing import sealed_bytes
from kerasseq.exporters.proof import TOLERANCE, Answers, Proof, prove, prove_alone
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
        tolerance: Largest difference of a probability, or of a score in deviations of the training targets.
    """

    name = "onnx"

    def __init__(self, precision: str = "float32", tolerance: float = TOLERANCE) -> None:
        self.precision = precision
        self.tolerance = tolerance

    def path(self, directory: RunDirectory) -> Path:
        """`model.onnx`, beside it `model.int8.onnx` and `model.float16.onnx`."""
        if self.precision == "float32":
            return directory.onnx
        return directory.onnx.with_name(f"model.{self.precision}.onnx")

    def export(self, subject: Subject, path: Path) -> Exported:
        """See `Exporter`.

        At another precision than float32 the float32 file is proved, then what the smaller one changes is measured, and
        that it answers alone as beside others.
        """
        file = unproved(subject)
        with atomic(path) as temporary:
            temporary.write_bytes(sealed_bytes(file.model))
            facts = _facts(file, self._proof(file, subject, temporary, path.name), temporary)
            if self.precision != "float32":
                facts["proof"] = f"in float32 {facts['proof']}"
                facts |= self._smaller(file, subject, temporary, path.name)
        return Exported(path, facts)

    def _proof(self, file: OnnxFile, subject: Subject, path: Path, name: str) -> Proof:
        """That the file at `path` answers as the model does."""
        trained, samples = subject.trained, subject.samples
        if trained.task.pipeline.runs_on:
            from kerasseq.exporters.onnx.step_proof import prove_steps

            return prove_steps(name, trained, samples, _stepper(file, path, name), self.tolerance)
        if trained.task.pipeline.writes:
            from kerasseq.exporters.onnx.translation_proof import prove_translation

            return prove_translation(name, trained, samples, _opened(path, name), file, self.tolerance)
        return prove(name, trained, samples, answers(file, trained, path, name), self.tolerance)

    def _smaller(self, file: OnnxFile, subject: Subject, path: Path, name: str) -> dict[str, str]:
        """Replace the proved file at `path` by the smaller one."""
        from kerasseq.exporters.onnx.costs import sizes
        from kerasseq.exporters.onnx.precision import smaller

        with tempfile.TemporaryDirectory(prefix="kerasseq-") as folder:
            small = Path(folder) / "small.onnx"
            facts = smaller(self.precision, path, small) | sizes(path, small)
            facts |= self._costs(file, subject, (path, small), name)
            shutil.copyfile(small, path)
        return facts

    def _costs(self, file: OnnxFile, subject: Subject, paths: tuple[Path, Path], name: str) -> dict[str, str]:
        """What the second file changes, and that it answers alone as beside others."""
        trained, samples = subject.trained, subject.samples
        if trained.task.pipeline.runs_on:
            from kerasseq.exporters.onnx.step_costs import step_costs

            whole, small = (_stepper(file, path, name) for path in paths)
            return step_costs(name, trained, samples, whole, small, self.tolerance)
        if trained.task.pipeline.writes:
            from kerasseq.exporters.onnx.translation_costs import translation_costs

            sessions = [_opened(path, name) for path in paths]
            return translation_costs(name, subject, sessions[0], sessions[1], file, self.tolerance)
        from kerasseq.exporters.onnx.costs import costs

        before, after = (answers(file, trained, path, name) for path in paths)
        moved = prove_alone(name, trained, samples, after, self.tolerance)
        return {"neighbours": f"the same alone and beside others within {moved:.1e}"} | costs(subject, before, after)


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
    session = _opened(path, name)

    def answer(samples: Samples) -> dict[str, Any]:
        return read_answers(session, trained.task.answer_axes, file.inside.feeds(samples))

    return answer


def _facts(file: OnnxFile, proof: Proof, path: Path) -> dict[str, str]:
    facts = {"size": f"{path.stat().st_size / 1e6:.1f} MB", "proof": str(proof)}
    facts["needs"] = ", ".join(["onnxruntime", "numpy", *file.needs])
    if file.python_steps:
        facts["left to Python"] = ", ".join(file.python_steps)
    return facts


def _stepper(file: OnnxFile, path: Path, name: str) -> FileStepper:
    return FileStepper(_opened(path, name), file.states)


def _opened(path: Path, name: str) -> Any:
    try:
        return open_session(path)
    except Exception as cause:
        raise Refused(f"{name}: onnxruntime must open it, got: {cause}") from cause
