"""What every backend is asked: inputs and targets, and what a file gets; as JSON and NumPy arrays, never as pickle."""

# N rows

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.examples import Examples, Values

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Sample", "read_arrays", "storable", "write_arrays"]


@dataclass(frozen=True)
class Sample:
    """The question, the same for all.

    Attributes:
        examples: `N` rows with targets.
        again: The same rows in another order, encoded anew, without targets.
        order: Which row stands where in `again`, `(N,)`.
        feeds: What the exported file gets for the rows, by the name of its input; texts are lists.
        axes: Of the exported file's answers, by name.
        units: What numbers of an output or an answer are measured by; 0 for their largest.
        labels: Class names that the file must have, too; empty where there are none.
        shown: Each row as a person reads it.
        precision: What the layers compute in.
        source: Where the rows come from, for people.
    """

    examples: Examples
    again: Examples
    order: NDArray[np.int64]
    feeds: Mapping[str, Any] = field(default_factory=dict)
    axes: Mapping[str, Sequence[str | int]] = field(default_factory=dict)
    units: Mapping[str, float] = field(default_factory=dict)
    labels: Sequence[str] = ()
    shown: Sequence[str] = ()
    precision: str = "float32"
    source: str = ""

    def __len__(self) -> int:
        return len(self.examples)

    def write(self, folder: Path) -> None:
        """Write `sample.json` and `sample.npz`."""
        arrays: dict[str, Any] = {"order": self.order}
        for name, examples in (("examples", self.examples), ("again", self.again)):
            for key, values in examples.inputs.items():
                arrays |= _stored(f"{name}.{key}", values)
        if self.examples.targets is not None:
            arrays |= _stored("targets.targets", self.examples.targets)
        lists = {}
        for key, values in self.feeds.items():
            if np.asarray(values).dtype == object:
                lists[key] = np.asarray(values).tolist()
            else:
                arrays[f"feeds.{key}"] = values
        write_arrays(folder / "sample.npz", arrays)
        facts = {
            "feeds": lists,
            "axes": {name: list(axes) for name, axes in self.axes.items()},
            "units": dict(self.units),
            "labels": list(self.labels),
            "shown": list(self.shown),
            "precision": self.precision,
            "source": self.source,
        }
        # Escaped, so that a text that is no valid Unicode comes back as it was
        (folder / "sample.json").write_text(json.dumps(facts), encoding="ascii")

    @classmethod
    def read(cls, folder: Path) -> Sample:
        """What `write` wrote."""
        facts = json.loads((folder / "sample.json").read_text(encoding="ascii"))
        arrays = read_arrays(folder / "sample.npz")
        targets = _group(arrays, "targets").get("targets")
        feeds = {key: np.array(values, dtype=object) for key, values in facts.pop("feeds").items()}
        feeds |= {key.partition(".")[2]: values for key, values in arrays.items() if key.startswith("feeds.")}
        return cls(
            Examples(_group(arrays, "examples"), targets),
            Examples(_group(arrays, "again")),
            arrays["order"],
            feeds,
            **facts,
        )


def _stored(name: str, values: Values) -> dict[str, Any]:
    if isinstance(values, Ragged):
        return {f"{name}.flat": values.flat, f"{name}.offsets": values.offsets}
    return {f"{name}.whole": values}


def _group(arrays: Mapping[str, Any], group: str) -> dict[str, Values]:
    found: dict[str, Values] = {}
    for key in arrays:
        kind, _, rest = key.partition(".")
        name, _, part = rest.rpartition(".")
        if kind == group and part == "flat":
            found[name] = Ragged(arrays[key], arrays[f"{kind}.{name}.offsets"])
        elif kind == group and part == "whole":
            found[name] = arrays[key]
    return found


def write_arrays(path: Path, arrays: dict[str, Any]) -> None:
    """Write named arrays; a name may hold any character but `/` at its ends."""
    with path.open("wb") as file:
        np.savez(file, **arrays)


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """What `write_arrays` wrote."""
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def storable(values: Any) -> NDArray[Any]:
    """One array of numbers or strings, rows of unequal length padded; an empty row says nothing about the others."""
    if not isinstance(values, list):
        array = np.asarray(values)
        return array.astype(str) if array.dtype == object else array
    rows = [np.asarray(row) for row in values]
    room = max(map(len, rows), default=0)
    told = [row for row in rows if len(row)] or rows
    kinds = {row.dtype.kind for row in told}
    if kinds & {*"OU"}:
        padded = [[*map(str, row), *[""] * (room - len(row))] for row in rows]
        return np.array(padded, dtype=str)
    whole = np.zeros(
        (len(rows), room, *(told[0].shape[1:] if told else ())),
        dtype=np.int64 if kinds and kinds <= {*"iu"} else np.float32,
    )
    for place, row in enumerate(rows):
        if len(row):
            whole[place, : len(row)] = row
    return whole
