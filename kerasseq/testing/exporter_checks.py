"""What holds for exporters: one artifact, whole, and nothing beside it."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import Any

from kerasseq.spec import ExporterSpec
from kerasseq.testing.faults import CheckFailed, NotChecked, told
from kerasseq.testing.network import ready

__all__ = ["check_export", "check_path"]

ROWS = [("good food", "good"), ("bad food", "bad"), ("very good", "good"), ("very bad", "bad")] * 6

CONFIG = """
name = "tiny"
exporter = []
[dataset]
name = "table"
train = "rows.tsv"
[tokenizer]
name = "word"
[embedding]
name = "learned"
dimension = 4
[encoder]
name = "none"
[task]
name = "classification"
[training]
epochs = 1
[evaluation]
resamples = 100
"""


def check_path(spec: ExporterSpec) -> None:
    """It is called by its name, and its artifact belongs into the run."""
    from kerasseq.exporters.exporter import Exporter
    from kerasseq.run_directory import RunDirectory

    built = spec.build()
    if not isinstance(built, Exporter):
        raise CheckFailed(f"build must return an Exporter, got {type(built).__qualname__}")
    directory = RunDirectory(Path("runs") / "tiny" / "0001")
    path = built.path(directory)
    if path.parent != directory.path or path.name in ("experiment.toml", "environment.json", "model.keras"):
        raise CheckFailed(f"path must be a file of its own in {directory.path}, got {path}")


def check_export(spec: ExporterSpec) -> None:
    """Of a small run it writes its artifact and nothing else, or refuses and writes nothing."""
    from kerasseq.exporters.exporter import Refused
    from kerasseq.run_directory import remove

    exporter = spec.build()
    subject = _subject()
    folder = subject.directory.path
    path = exporter.path(subject.directory)
    before = {p.name for p in folder.iterdir()}
    try:
        exported = exporter.export(subject, path)
    except Refused as cause:
        left = {p.name for p in folder.iterdir()} - before
        if left:
            raise CheckFailed(
                f"who refuses must write nothing, {told(cause)} left {', '.join(sorted(left))}"
            ) from cause
        raise NotChecked(f"refused a small run: {cause}") from cause
    new = {p.name for p in folder.iterdir()} - before
    if exported.path != path or new != {path.name}:
        raise CheckFailed(
            f"export must write {path.name} and say so, wrote {sorted(new)} and said {exported.path.name}"
        )
    remove(path)


@functools.cache
def _subject() -> Any:
    """A trained run of 24 rows."""
    ready()
    from kerasseq.backend.select import current
    from kerasseq.config.read import read_experiment
    from kerasseq.experiment import build, run
    from kerasseq.exporters.every import subject_of

    folder = Path(_folder().name)
    rows = "".join(f"{text}\t{target}\n" for text, target in (("text", "target"), *ROWS))
    (folder / "rows.tsv").write_text(rows, encoding="utf-8")
    (folder / "tiny.toml").write_text(CONFIG, encoding="utf-8")
    experiment = read_experiment(folder / "tiny.toml", backend=current())
    directory = run(experiment, folder / "runs").directory
    trained, prepared = build(experiment)
    return subject_of(trained, directory, prepared.samples["test"], prepared.examples["test"].targets, "")


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="kerasseq-", ignore_cleanup_errors=True)
