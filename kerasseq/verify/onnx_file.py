"""What the exported file of a run says about the rows of a sample."""

# N rows

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from kerasseq_runtime.translating import Translating, search_in

from kerasseq.errors import RunError, UsageError
from kerasseq.exporters.proof import joined
from kerasseq.runtime.answers import read_answers
from kerasseq.runtime.metadata import read_metadata
from kerasseq.runtime.session import open_file
from kerasseq.verify.sample import Sample, storable

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OnnxFile"]

BATCH = 8
"""Rows together where they come in another order."""


class OnnxFile:
    """A file that reads rows as they are.

    Args:
        path: `model.onnx`.

    Raises:
        RunError: It cannot be opened, is no export of kerasseq, or needs a package that is missing.
        UsageError: It leaves steps to Python, or is a language model.
    """

    def __init__(self, path: Path) -> None:
        self._session = open_file(path)
        self._metadata = read_metadata(self._session, path)
        self._path = path
        if steps := self._metadata["python_steps"]:
            raise UsageError(f"{path}: must read texts as they are, got one that leaves {', '.join(steps)} to Python")
        if self._metadata["states"]:
            raise UsageError(f"{path}: must answer rows, got a language model, which is asked token by token")

    @property
    def precision(self) -> str:
        """What its weights are: float32, int8 or float16."""
        return str(self._metadata.get("precision", "float32"))

    def answers(self, sample: Sample) -> dict[str, NDArray[Any]]:
        """As those of a backend, `right/probabilities` and so on: all at once, one by one, in another order.

        Raises:
            RunError: The file has other classes.
        """
        labels = tuple(self._metadata["labels"])
        if labels != tuple(sample.labels):
            rule = f"{self._path}: must be of the model beside it, with {len(sample.labels)} classes"
            raise RunError(f"{rule}, got one with {', '.join(labels) or 'none'}")
        order = sample.order
        cuts = np.split(order, range(BATCH, len(order), BATCH))
        rows = np.arange(len(sample))
        ways = {"right": [rows], "alone": list(rows[:, None]), "reordered": cuts}
        found = {}
        for name, parts in ways.items():
            for key, values in self._ask(sample, parts).items():
                found[f"{name}/{key}"] = values
        return found

    def _ask(self, sample: Sample, parts: Sequence[NDArray[np.int64]]) -> dict[str, NDArray[Any]]:
        asked = [
            self._answered(sample.axes, {name: values[rows] for name, values in sample.feeds.items()}) for rows in parts
        ]
        back = np.argsort(np.concatenate(parts))
        found: dict[str, NDArray[Any]] = {"covered": np.ones(len(sample), dtype=bool)}
        for name, values in joined(asked).items():
            found[name] = storable([values[place] for place in back] if isinstance(values, list) else values[back])
        return found

    def _answered(self, axes: Mapping[str, Sequence[str | int]], feeds: Mapping[str, Any]) -> dict[str, Any]:
        if not self._metadata["decoder"]:
            return read_answers(self._session, axes, feeds)
        return Translating(self._session, self._metadata, search_in(self._metadata)).write(feeds)
