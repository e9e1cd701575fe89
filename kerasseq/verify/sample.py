"""What every backend is asked: texts, their ids, their targets; on disk as JSON and NumPy arrays, never as pickle."""

# N texts

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.text import Texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Sample", "read_arrays", "write_arrays"]


@dataclass(frozen=True)
class Sample:
    """The question, the same for all.

    Attributes:
        texts: `N` texts, or pairs.
        inputs: Their ids, one Ragged per input of the model.
        targets: `(N, ...)` as the task encodes them.
        labels: Class names; empty for a regression.
        unit: What a score is divided by before it is compared; see `unit_of`.
        precision: What the layers compute in.
        source: Where the texts come from, for people.
    """

    texts: Texts
    inputs: tuple[Ragged, ...]
    targets: NDArray[Any]
    labels: tuple[str, ...]
    unit: float
    precision: str
    source: str

    def __len__(self) -> int:
        return len(self.targets)

    def write(self, folder: Path) -> None:
        """Write `sample.json` and `sample.npz`."""
        arrays = {"targets": self.targets}
        for number, ragged in enumerate(self.inputs):
            arrays |= {f"flat.{number}": ragged.flat, f"offsets.{number}": ragged.offsets}
        write_arrays(folder / "sample.npz", arrays)
        facts = {
            "first": list(self.texts.first),
            "second": list(self.texts.second),
            "labels": list(self.labels),
            "unit": self.unit,
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
        count = sum(name.startswith("flat.") for name in arrays)
        return cls(
            Texts(facts["first"], facts["second"]),
            tuple(Ragged(arrays[f"flat.{number}"], arrays[f"offsets.{number}"]) for number in range(count)),
            arrays["targets"],
            tuple(facts["labels"]),
            facts["unit"],
            facts["precision"],
            facts["source"],
        )


def write_arrays(path: Path, arrays: dict[str, Any]) -> None:
    """Write named arrays; a name may hold any character but `/` at its ends."""
    with path.open("wb") as file:
        np.savez(file, **arrays)


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """What `write_arrays` wrote."""
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
