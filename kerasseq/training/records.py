"""What training leaves on disk: the history, its timing, the model."""

from __future__ import annotations

import csv
import io
from typing import Any

from kerasseq.files import RunDirectory, atomic, write_text
from kerasseq.training.loop import History

__all__ = ["table_text", "write_history", "write_model"]


def table_text(rows: list[dict[str, Any]]) -> str:
    """Rows as csv; floats with every digit that tells them apart."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def write_history(history: History, directory: RunDirectory) -> None:
    """`history.csv`, the same for the same seed on the same machine, and `timing.csv`."""
    write_text(directory.history, table_text(history.rows))
    write_text(directory.timing, table_text(history.timing))


def write_model(model: Any, directory: RunDirectory) -> None:
    """`model.keras`, whole or absent."""
    with atomic(directory.model) as temporary:
        model.save(temporary)
