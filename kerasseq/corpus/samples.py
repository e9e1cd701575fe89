"""Rows as the dataset gave them, without their targets: what is asked of a model."""

# N rows

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, Self

__all__ = ["Samples"]


class Samples(ABC):
    """`N` rows of one kind. Its pipeline knows what is in them; everybody else counts, takes and shows them."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def take(self, rows: Iterable[int]) -> Self:
        """Those at `rows`, in that order."""

    @abstractmethod
    def columns(self, rows: slice) -> dict[str, list[Any]]:
        """Some rows as named columns, for a table of answers."""

    @abstractmethod
    def shown(self, row: int) -> str:
        """One row as a person reads it."""
