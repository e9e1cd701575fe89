"""`[dataset] name = "receipts"`: `milk/item 2/amount pieces/unit`, a receipt a line."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from kerasseq.errors import DataError
from kerasseq.spec import DatasetSpec, InputPath


class Receipts(DatasetSpec):
    """Receipts of a file."""

    row_kind: ClassVar[str] = "tokens"

    name: str = "receipts"
    """The component."""
    path: InputPath
    """The file."""
    marked: bool = True
    """Whether words have their marks."""

    def at(self, path, labelled):
        """In another file."""
        return self.model_copy(update={"path": str(path), "marked": labelled})

    def problems(self) -> Iterator[tuple[str, str]]:
        """A missing file."""
        if not Path(self.path).is_file():
            yield "path", f"must be a file, got {self.path}"

    def build(self):
        """Words and marks."""
        import pyarrow as pa

        words, marks = [], []
        for number, line in enumerate(Path(self.path).read_text(encoding="utf-8").splitlines(), 1):
            pairs = [word.partition("/")[::2] for word in line.split()]
            if self.marked and not all(mark for _, mark in pairs):
                raise DataError(f"{self.path}:{number}: mark: must stand behind each word")
            words.append([word for word, _ in pairs])
            marks.append([mark for _, mark in pairs] if self.marked else None)
        columns = {
            "tokens": pa.array(words, pa.list_(pa.string())),
            "target": pa.array(marks, pa.list_(pa.string())),
            "source": [self.path] * len(words),
            "line": pa.array(range(1, len(words) + 1), pa.int64()),
        }
        return pa.table(columns)
