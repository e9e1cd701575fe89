"""`[dataset] name = "documents"`: texts of your own files, folders and archives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from kerasseq.datasets.file_settings import Encoding, Sided, neighbour
from kerasseq.given import absent
from kerasseq.spec import InputPath

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Documents"]


class Documents(Sided):
    """Texts to learn a language from: .txt (also .gz), .jsonl, .json, a .zip of these, or a folder of them."""

    name: str = "documents"
    """The component."""
    train: InputPath
    """The file, archive or folder to learn from, or the only one: the task cuts the sides that have none. Relative to
    the TOML."""
    validation: InputPath = ""
    """What chooses the epoch, likewise; empty when there is none."""
    test: InputPath = ""
    """What measures, likewise; empty when there is none."""
    document: Literal["file", "paragraph", "line"] = "file"
    """What a document of a .txt is: the whole file, a paragraph (blank lines stand between), or a line."""
    key: Annotated[str, Field(min_length=1, max_length=200)] = "text"
    """Of .json and .jsonl: the key of the text in each object."""
    target: Literal["", "file"] = ""
    """`file`: the class of each document is the name of its file without the suffix, as in a folder of names with a
    file for each language. Empty: documents have none."""
    encoding: Encoding = "utf-8"
    """Of the files: `utf-8` (with or without a byte-order mark), `cp1256`, `latin-1`, `utf-16`, ..."""
    longest: Annotated[int, Field(ge=1)] = 500_000_000
    """Bytes of a file at most, unpacked; a larger one is refused before it is read."""

    def problems(self) -> Iterator[tuple[str, str]]:
        """Paths that lead nowhere, or to what holds no text."""
        from kerasseq.datasets.document_files import SUFFIXES, found_in

        if not self.train:
            yield "train", "must be a file or a folder, got an empty path"
        for side, path in self.files.items():
            file = Path(path)
            if gone := absent(path):
                yield side, gone
            elif not file.exists():
                yield side, f"must be a file or a folder, got {path}{neighbour(file)}"
            elif not found_in(file):
                kinds = ", ".join(SUFFIXES)
                yield side, f"must be a text, or hold some ({kinds}, each also .gz), got {path}"

    def build(self) -> pa.Table:
        """Read every document: `text`, `source`, `line`, of given sides `split`; without classes `target` is null."""
        from kerasseq.datasets.document_files import read_documents, with_classes

        table = read_documents(self.files, self.document, self.key, self.encoding, self.longest)
        return with_classes(table) if self.target else table

    def at(self, path: Path | str, labelled: bool) -> Documents:
        """The documents of another path, every one of which counts."""
        return self.model_copy(update={"train": str(path), "validation": "", "test": ""})
