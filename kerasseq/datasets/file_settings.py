"""Settings that every dataset of a user's own files has: a file for each side, how it is encoded."""

from __future__ import annotations

import codecs
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from kerasseq.errors import DataError
from kerasseq.given import absent
from kerasseq.registry.components import closest
from kerasseq.spec import DatasetSpec, InputPath

__all__ = ["Encoding", "Sided", "SidedFiles", "known_encoding", "neighbour"]


def known_encoding(value: str) -> str:
    """The encoding.

    Raises:
        ValueError: Python cannot decode it piece by piece.
    """
    try:
        codecs.getincrementaldecoder(value)("replace").decode("text".encode(value), final=True)
    except (LookupError, ValueError):
        raise ValueError(f'must be an encoding that Python knows, got "{value}"; most files are utf-8') from None
    return value


Encoding = Annotated[str, Field(min_length=1), AfterValidator(known_encoding)]
"""An encoding of text that Python can decode piece by piece."""


class Sided(DatasetSpec):
    """A path for each side, of which the first is enough."""

    train: InputPath
    """The file to learn from, or the only one: `[split]` cuts the sides that have no file. Relative to the TOML."""
    validation: InputPath = ""
    """The file that chooses the epoch; empty when there is none."""
    test: InputPath = ""
    """The file that measures; empty when there is none."""

    @property
    def provides(self) -> frozenset[str]:
        """The given sides, where there are files for them."""
        return frozenset({"split"} if self.validation or self.test else set())

    @property
    def files(self) -> dict[str, str]:
        """Side -> path, of the files that are given."""
        sides = {"train": self.train, "validation": self.validation, "test": self.test}
        return {side: path for side, path in sides.items() if path}


class SidedFiles(Sided):
    """Rows of up to three files, one a side."""

    from_memory: ClassVar[Mapping[str, str]] = {side: side for side in ("train", "validation", "test")}

    def problems(self) -> Iterator[tuple[str, str]]:
        """Missing files, and what is wrong with the others from their first bytes."""
        if not self.train:
            yield "train", "must be a file, got an empty path"
        for side, path in self.files.items():
            file = Path(path)
            if gone := absent(path):
                yield side, gone
                continue
            if not file.is_file():
                yield side, f"must be a file, got {path}{neighbour(file)}"
                continue
            try:
                yield from self.file_problems(side, file)
            except DataError as error:
                yield side, str(error)

    @abstractmethod
    def file_problems(self, side: str, file: Path) -> Iterator[tuple[str, str]]:
        """What `problems` yields of one file that is there.

        Raises:
            DataError: It cannot be read.
        """


def neighbour(file: Path) -> str:
    """The file that was probably meant, as a hint."""
    if not file.parent.is_dir():
        return f"; there is no folder {file.parent}"
    close = closest(file.name, [p.name for p in file.parent.iterdir() if p.is_file()])
    return f'; did you mean "{close}"?' if close else ""
