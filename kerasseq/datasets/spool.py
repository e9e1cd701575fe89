"""Pieces of a table put together: in memory while they are small, else on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasseq.arrays.scratch import Scratch

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["LIMIT", "Spool"]

LIMIT = 1 << 25
"""Bytes of a table that are held in memory; a larger one is an Arrow stream in a scratch file, which is mapped."""


class Spool:
    """Takes pieces of one schema and gives one table with all their rows.

    Raises:
        RunError: There is no room on disk.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self.schema = schema
        self._held: list[pa.Table] = []
        self._size = 0
        self._scratch: Scratch | None = None
        self._writer: Any = None

    def add(self, piece: pa.Table) -> None:
        """Append rows."""
        if not piece.num_rows:
            return
        self._held.append(piece)
        self._size += piece.nbytes
        if self._writer is not None or self._size > LIMIT:
            self._spill()

    def _spill(self) -> None:
        import pyarrow as pa

        if self._scratch is None:
            self._scratch = Scratch()
        with self._scratch.writing() as file:
            if self._writer is None:
                self._writer = pa.ipc.new_stream(file, self.schema)
            for piece in self._held:
                self._writer.write_table(piece)
        self._held = []

    def table(self) -> pa.Table:
        """All rows; the spool takes no more afterwards."""
        import pyarrow as pa

        if self._scratch is None:
            return pa.concat_tables(self._held or [self.schema.empty_table()])
        with self._scratch.writing():
            self._writer.close()
        return pa.ipc.open_stream(pa.BufferReader(pa.py_buffer(self._scratch.map()))).read_all()
