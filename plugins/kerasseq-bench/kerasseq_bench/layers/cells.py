"""The grid: which layer, how wide, on texts of which lengths, trained or asked."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

__all__ = [
    "BATCH",
    "DIMENSION",
    "GATES",
    "SYSTEMS",
    "VOCABULARY",
    "Cell",
    "grid",
]

BATCH = 64
DIMENSION = 128
VOCABULARY = 20_000

GATES = {"simple_rnn": 1, "gru": 3, "lstm": 4}
"""Layer -> how many matrices of `units` columns its step multiplies with."""

SYSTEMS = {
    "kerasseq": "torch",
    "keras-torch": "torch",
    "torch-padded": "torch",
    "torch-packed": "torch",
    "keras-jax": "jax",
    "keras-tensorflow": "tensorflow",
}
"""System -> the backend whose process it runs in. The first is ours."""


@dataclass(frozen=True)
class Cell:
    """One row of the table.

    Attributes:
        layer: `simple_rnn`, `gru` or `lstm`.
        directions: `uni` or `bi`.
        units: Size of the state of one direction.
        lengths: `equal`, `imdb` or `tweets`; see `streams`.
        mode: `train` or `predict`.
    """

    layer: str
    directions: str
    units: int
    lengths: str
    mode: str

    @property
    def ways(self) -> int:
        """How many directions: 1 or 2."""
        return 2 if self.directions == "bi" else 1

    def name(self) -> str:
        """`lstm bi 128 tweets train`."""
        return " ".join(str(value) for value in asdict(self).values())

    def effort(self) -> float:
        """About how long the cell takes beside others, for the remaining time: a constant, and the multiplications."""
        steps = {"equal": 64, "imdb": 400, "tweets": 48}[self.lengths]
        work = steps * GATES[self.layer] * self.units * (DIMENSION + self.units) * self.ways / 10**7
        return 8 + work * (3 if self.mode == "train" else 1) + steps * self.ways / 100


FILTERS: dict[str, tuple[Any, ...]] = {
    "layer": tuple(GATES),
    "directions": ("uni", "bi"),
    "units": (64, 128, 256),
    "lengths": ("equal", "imdb", "tweets"),
    "mode": ("train", "predict"),
}
"""The values of each column of the grid, in the order of the table."""


def grid(**only: Sequence[Any]) -> list[Cell]:
    """Every cell whose values are among `only`; an empty choice leaves all.

    >>> len(grid()), len(grid(layer=["lstm"], mode=["train"]))
    (108, 18)
    """
    values = [only.get(name) or all_of_them for name, all_of_them in FILTERS.items()]
    return [Cell(*combination) for combination in itertools.product(*values)]
