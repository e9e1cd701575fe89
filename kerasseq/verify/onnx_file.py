"""What the exported file of a run says about the texts of a sample."""

# N texts, K classes

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.errors import RunError, UsageError
from kerasseq.runtime.metadata import read_metadata
from kerasseq.runtime.session import open_file
from kerasseq.verify.arrangements import shuffled
from kerasseq.verify.sample import Sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OnnxFile"]

BATCH = 8
"""Texts together where they come in another order."""


class OnnxFile:
    """A file that reads texts.

    Args:
        path: `model.onnx`.

    Raises:
        RunError: It cannot be opened, is no export of kerasseq, or needs a package that is missing.
        UsageError: It leaves steps to Python.
    """

    def __init__(self, path: Path) -> None:
        self._session = open_file(path)
        self._metadata = read_metadata(self._session, path)
        self._path = path
        if steps := self._metadata["python_steps"]:
            raise UsageError(f"{path}: must read texts as they are, got one that leaves {', '.join(steps)} to Python")

    @property
    def precision(self) -> str:
        """What its weights are: float32, int8 or float16."""
        return str(self._metadata.get("precision", "float32"))

    def answers(self, sample: Sample) -> dict[str, NDArray[Any]]:
        """As those of a backend, `right/probabilities` or `right/score`: all at once, one by one, in another order.

        Raises:
            RunError: The file has other classes.
        """
        labels = tuple(self._metadata["labels"])
        if labels != sample.labels:
            rule = f"{self._path}: must be of the model beside it, with {len(sample.labels)} classes"
            raise RunError(f"{rule}, got one with {', '.join(labels) or 'none'}")
        order = shuffled(len(sample))
        cuts = np.split(order, range(BATCH, len(order), BATCH))
        rows = np.arange(len(sample))
        ways = {"right": [rows], "alone": list(rows[:, None]), "reordered": cuts}
        found = {}
        for name, parts in ways.items():
            for key, values in self._ask(sample, parts).items():
                found[f"{name}/{key}"] = values
        return found

    def _ask(self, sample: Sample, parts: Sequence[NDArray[np.int64]]) -> dict[str, NDArray[Any]]:
        names = ["label", "probabilities"] if sample.labels else ["score"]
        asked = [self._session.run(names, self._feeds(sample, rows)) for rows in parts]
        order = np.concatenate(parts)
        found: dict[str, NDArray[Any]] = {"covered": np.ones(len(sample), dtype=bool)}
        for number, name in enumerate(names):
            values = np.concatenate([answer[number] for answer in asked])
            if name == "label":
                places = {label: place for place, label in enumerate(sample.labels)}
                values = np.array([places.get(str(label), -1) for label in values], dtype=np.int64)
            found[name] = np.empty_like(values)
            found[name][order] = values
        return found

    def _feeds(self, sample: Sample, rows: NDArray[np.int64]) -> dict[str, Any]:
        texts = sample.texts.take(rows.tolist())
        feeds = {"text": np.array(list(texts.first), dtype=object)}
        if texts.second:
            feeds["text_2"] = np.array(list(texts.second), dtype=object)
        return feeds
