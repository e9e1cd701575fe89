"""Every export that an experiment asks for."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kerasseq.environment import read_environment
from kerasseq.errors import UsageError
from kerasseq.exporters.exporter import Refused, Subject
from kerasseq.registry.components import blame
from kerasseq.run_directory import RunDirectory, remove

if TYPE_CHECKING:
    from kerasseq.corpus.samples import Samples
    from kerasseq.spec import ExporterSpec
    from kerasseq.trained import TrainedModel

__all__ = ["export_all", "subject_of"]

log = logging.getLogger("kerasseq")


def subject_of(trained: TrainedModel, directory: RunDirectory, samples: Samples, truth: Any, citation: str) -> Subject:
    """A trained run as what is exported; `samples` are its test rows, or none, `truth` their encoded targets."""
    environment = read_environment(directory)
    return Subject(trained, directory, samples, truth, citation, environment["data"], environment["components"])


def export_all(subject: Subject, specs: Iterable[ExporterSpec]) -> dict[str, str]:
    """Write every artifact into the run; one that is refused, or fails, harms no other and leaves no file behind.

    Args:
        subject: What is exported.
        specs: The exporters of the experiment.

    Returns:
        What the report says of each, by the name of the file.
    """
    return dict(_export(subject, spec) for spec in specs)


def _export(subject: Subject, spec: ExporterSpec) -> tuple[str, str]:
    """The name of the file, and what there is to say about it."""
    name, begun = spec.name, None
    try:
        exporter = spec.build()
        path = exporter.path(subject.directory)
        if subject.directory.holds(path):
            raise UsageError(f"{path}: an artifact must be a file or a folder of its own, got the run's own")
        name = path.name
        remove(path)
        begun = path
        exported = exporter.export(subject, path)
        subject.directory.remember(path)
    except Refused as cause:
        log.warning("%s", cause)
        return name, f"not written: {cause}"
    except (Exception, SystemExit) as cause:  # what others wrote may fail in any way; the measurement stands
        if begun is not None:
            with contextlib.suppress(OSError, UsageError):
                remove(begun)
        said = _said(spec, cause)
        again = f"kerasseq export {subject.directory.path} --to {spec.name} --traceback"
        log.warning("%s: not written, %s; see where with: %s", name, said, again)
        return name, f"not written: {said}"
    log.info("%s: %s", name, exported)
    return name, str(exported)


def _said(spec: ExporterSpec, cause: BaseException) -> str:
    """`the exporter onnx raised ValueError: too large, from my-poolers 1.0`."""
    blame(cause)
    message = (str(cause).splitlines() or [""])[0][:300]
    what = f"{type(cause).__name__}: {message}".removesuffix(": ")
    return ", ".join([f"the exporter {spec.name} raised {what}", *getattr(cause, "__notes__", ())])
