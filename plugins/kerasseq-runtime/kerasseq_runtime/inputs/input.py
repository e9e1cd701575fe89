"""What every kind of row that a file takes offers."""

# B batch

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kerasseq_runtime.errors import DataError, UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SHOWN", "Input", "only", "refused", "whole"]

SHOWN = 20
"""Wrong rows that a message lists before it only counts."""


class Input(ABC):
    """Rows of one kind, as a person gives them and as the file gets them.

    Attributes:
        kind: As `kerasseq.takes` says it.
        noun: What a row is, in the middle of a sentence.
        tensors: The file's inputs, and the type of each: `{"text": "string"}`.
    """

    kind: str
    noun: str
    tensors: Mapping[str, str]

    @abstractmethod
    def rows(self, *columns: Any) -> list[Any]:
        """The rows of what was given, checked; each stands alone, and any of them make a batch.

        Those of several calls do, too, but for vectors of several widths.

        Raises:
            UsageError: One row stands where a list of rows belongs, or something is missing or too much.
            DataError: A row is of another kind.
        """

    @abstractmethod
    def feeds(self, rows: Sequence[Any]) -> dict[str, NDArray[Any]]:
        """A batch of at least one row, padded behind the end of each."""

    @abstractmethod
    def examples(self) -> list[Any]:
        """An ordinary row and an empty one, which every file must answer."""

    @abstractmethod
    def size(self, row: Any) -> int:
        """Characters, or numbers, that a batch holds for a row as long as this: what memory goes by."""

    def columns(self, rows: Sequence[Any], lengths: Sequence[int] | None) -> dict[str, list[Any]]:
        """What is answered beside the file's own columns.

        Args:
            rows: The rows.
            lengths: Steps of each that the file read; None where it does not say.
        """
        return {}


def only(columns: Sequence[Any], name: str) -> list[Any]:
    """The rows of the only column.

    Raises:
        UsageError: There is none, or another one with something in it.
    """
    if not columns:
        raise UsageError(f"{name}: must be given, got nothing")
    if any(len(list(column)) for column in columns[1:]):
        raise UsageError(f"{name}: must be the only thing that is given, got {len(columns)}")
    return list(columns[0])


def whole(text: str) -> str:
    """The text; half of a surrogate pair, which onnxruntime does not take, becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def refused(name: str, problems: Sequence[tuple[int, str]]) -> DataError:
    """One error for all wrong rows, the first 20 and a count.

    Args:
        name: What the rows are.
        problems: Row number, and rule and value.
    """
    lines = [f"{name}: {message} in row {row}" for row, message in problems[:SHOWN]]
    if len(problems) > SHOWN:
        lines.append(f"and {len(problems) - SHOWN} more rows like these")
    return DataError("\n".join(lines))
