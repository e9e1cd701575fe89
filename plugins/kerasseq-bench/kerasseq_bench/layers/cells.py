"""The grid: which layer, how wide, on texts of which lengths, trained or asked."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

__all__ = [
    "BATCH",
    "DIMENSION",
    "GATES",
    "GRIDS",
    "SYSTEMS",
    "VOCABULARY",
    "Cell",
    "defaults",
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
        batch: Texts of a batch.
        stack: How many recurrent layers, one upon the other.
        pooling: `mean`, `max` or `attention`, over the valid steps.
        dimension: Size of the vectors of words.
        vocabulary: How many words.
    """

    layer: str
    directions: str
    units: int
    lengths: str
    mode: str
    batch: int = BATCH
    stack: int = 1
    pooling: str = "mean"
    dimension: int = DIMENSION
    vocabulary: int = VOCABULARY

    @property
    def ways(self) -> int:
        """How many directions: 1 or 2."""
        return 2 if self.directions == "bi" else 1

    def name(self) -> str:
        """`lstm bi 128 tweets train`, and what is not as in the grid of single layers: `batch 32`."""
        plain = [str(value) for value in list(asdict(self).values())[:5]]
        return " ".join([*plain, *self.beyond()])

    def beyond(self) -> list[str]:
        """What is not as in the grid of single layers."""
        own = asdict(self)
        return [f"{field.name} {own[field.name]}" for field in fields(self)[5:] if own[field.name] != field.default]

    def effort(self) -> float:
        """About how long the cell takes beside others, for the remaining time: a constant, and the multiplications."""
        steps = {"equal": 64, "imdb": 400, "tweets": 48}[self.lengths]
        inputs = self.dimension + (self.stack - 1) * self.ways * self.units + self.stack * self.units
        work = steps * GATES[self.layer] * self.units * inputs * self.ways / 10**7
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


def defaults(**only: Sequence[Any]) -> list[Cell]:
    """The defaults of the settings, and one after the other changed: batch, depth, layer, pooling, vectors, words.

    >>> len(defaults()), defaults(mode=["train"])[0].name()
    (60, 'lstm bi 128 equal train batch 32 stack 2 vocabulary 5000')
    """
    around: list[dict[str, Any]] = [
        {},
        {"batch": 16},
        {"stack": 1},
        {"layer": "gru"},
        {"layer": "simple_rnn"},
        {"directions": "uni"},
        {"pooling": "attention"},
        {"pooling": "max"},
        {"dimension": 300},
        {"vocabulary": 50_000},
    ]
    found = [
        Cell(**{**asdict(DEFAULT), **changed, "lengths": lengths, "mode": mode})
        for mode in FILTERS["mode"]
        for lengths in FILTERS["lengths"]
        for changed in around
    ]
    return [cell for cell in found if all(not wanted or asdict(cell)[name] in wanted for name, wanted in only.items())]


DEFAULT = Cell("lstm", "bi", 128, "equal", "train", batch=32, stack=2, vocabulary=5_000)
"""Two layers over a vocabulary of a few thousand texts, in batches of 32."""

GRIDS = {"layers": grid, "defaults": defaults}
"""The grids by name."""
