"""Writes `saved_model/`, and keeps it when it answers as the model does."""

# N texts, K classes

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.plugin import (
    MEMBER,
    Answers,
    Exported,
    Exporter,
    Refused,
    RunDirectory,
    Subject,
    UsageError,
    describe,
    prove,
    write_json,
)
from kerasseq_tftext.saving.module import missing
from kerasseq_tftext.tensors import tensor, tensorflow

if TYPE_CHECKING:
    from kerasseq.plugin import TrainedModel

__all__ = ["SavedModelExporter"]

FACTS = Path("assets.extra") / MEMBER
"""What the artifact says of itself; `assets.extra` is TensorFlow's place for files of others."""


class SavedModelExporter(Exporter):
    """Text in, answer out, for TensorFlow.

    Keras opens the model on TensorFlow in a process of its own, which writes the SavedModel; this process then asks it
    and compares the answers with those of the model it has.

    Args:
        tolerance: Largest difference of a probability, or of a score in deviations of the training targets.
    """

    name = "saved_model"

    def __init__(self, tolerance: float = 1e-5) -> None:
        self.tolerance = tolerance

    def path(self, directory: RunDirectory) -> Path:
        """The folder `saved_model`."""
        return directory.saved_model

    def export(self, subject: Subject, path: Path) -> Exported:
        """See `Exporter`.

        Raises:
            UsageError: Something stands at `path` that is no SavedModel.
            Refused: Nothing was written, and why.
        """
        if path.exists() and not (path / "saved_model.pb").is_file():
            raise UsageError(f"{path}: must be a new folder or an older SavedModel, got something else")
        if lacking := missing(subject.trained):
            raise Refused(f"{path.name}: {'; '.join(lacking)}")
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as name:
            folder, run = Path(name) / "new", RunDirectory(Path(name) / "run")
            run.path.mkdir()
            _staged(subject, run)
            _written(run.path, folder, path.name)
            answers = _answers(subject.trained, folder)
            proof = prove(path.name, subject.trained, subject.samples, answers, self.tolerance)
            write_json(folder / FACTS, _facts(subject))
            if path.exists():
                path.rename(Path(name) / "old")
            folder.rename(path)
        size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        facts = {"size": f"{size / 1e6:.1f} MB", "proof": str(proof), "needs": "tensorflow, tensorflow-text"}
        return Exported(path, facts)


def _staged(subject: Subject, run: RunDirectory) -> None:
    """The parts of a run that a process needs to open the model of `subject`."""
    shutil.copyfile(subject.directory.experiment, run.experiment)
    subject.trained.task.pipeline.save(run.path)
    write_json(run.task, subject.trained.task.state())
    subject.trained.model.save(run.model)


def _written(run: Path, folder: Path, name: str) -> None:
    """Have another process write the SavedModel of a run."""
    settings = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment = {key: value for key, value in os.environ.items() if key != "KERASSEQ_BACKEND"} | settings
    job = {"path": [entry or str(Path.cwd()) for entry in sys.path], "run": str(run.resolve()), "folder": str(folder)}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "kerasseq_tftext.saving.worker"],
        input=json.dumps(job),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env=environment,
        check=False,
    )
    try:
        said = json.loads(done.stdout)["error"]
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        said = f"the process ended with exit code {done.returncode}: {last[:400]}"
    if said:
        raise Refused(f"{name}: TensorFlow must be able to say the model, got {said}")


def _answers(trained: TrainedModel, folder: Path) -> Answers:
    """A function of texts that asks the SavedModel."""
    tf, _ = tensorflow()
    try:
        loaded = tf.saved_model.load(str(folder))
    except Exception as cause:  # TensorFlow has a class for each of its codes
        raise Refused(f"saved_model: TensorFlow must open it, got: {cause}") from cause
    serve = loaded.signatures["serving_default"]
    pair = trained.task.pipeline.describe()["pair"] != "single"

    def answer(samples: Any) -> dict[str, Any]:
        columns = {"text": samples.first} | ({"text_2": samples.second} if pair else {})
        found = serve(**{name: tensor(texts) for name, texts in columns.items()})
        arrays = {name: values.numpy() for name, values in found.items()}
        if "label" in arrays:
            arrays["label"] = np.array([label.decode() for label in arrays["label"]], dtype=object)
        return arrays

    answer.__dict__["model"] = loaded  # its variables live as long as it does
    return answer


def _facts(subject: Subject) -> dict[str, Any]:
    """What whoever gets the folder wants to know."""
    tf, _ = tensorflow()
    needs = {"tensorflow": str(tf.__version__), "tensorflow-text": metadata.version("tensorflow-text")}
    return {**describe(subject), "needs": needs}
