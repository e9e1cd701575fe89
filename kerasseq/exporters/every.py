"""Every export that an experiment asks for."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kerasseq.corpus.text import Texts
from kerasseq.environment import read_environment
from kerasseq.exporters.exporter import Exporter, Refused, Subject
from kerasseq.files import RunDirectory, remove

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.trained import TrainedModel

__all__ = ["export_all", "subject_of"]

log = logging.getLogger("kerasseq")


def subject_of(
    trained: TrainedModel, directory: RunDirectory, texts: Texts, truth: NDArray[Any] | None, citation: str
) -> Subject:
    """A trained run as what is exported; `texts` are its test texts, or none, `truth` their encoded targets."""
    environment = read_environment(directory)
    return Subject(trained, directory, texts, truth, citation, environment["data"], environment["components"])


def export_all(subject: Subject, exporters: Iterable[Exporter]) -> dict[str, str]:
    """Write every artifact into the run; what is refused harms no other, and leaves no older file behind.

    Returns:
        What the report says of each, by the name of the file.
    """
    said = {}
    for exporter in exporters:
        path = exporter.path(subject.directory)
        remove(path)
        try:
            exported = exporter.export(subject, path)
        except Refused as cause:
            log.warning("%s", cause)
            said[path.name] = f"not written: {cause}"
        else:
            log.info("%s: %s", path.name, exported)
            said[path.name] = str(exported)
    return said
