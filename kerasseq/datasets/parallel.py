"""`[dataset] name = "parallel"`: two text files of one language each, whose lines belong together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator

from kerasseq.datasets.file_settings import Encoding, neighbour
from kerasseq.datasets.layout import format_of
from kerasseq.errors import DataError
from kerasseq.spec import DatasetSpec, InputPath

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Parallel"]


def _two(paths: tuple[str, ...]) -> tuple[str, ...]:
    if len(paths) not in (0, 2):
        raise ValueError(f"must be two files, the sources and their translations, got {len(paths)}")
    return paths


Pair = Annotated[tuple[InputPath, ...], AfterValidator(_two)]
"""The file of the sources and that of their translations, or nothing."""


class Parallel(DatasetSpec):
    """Texts and their translations, line by line: line n of the one file is line n of the other in another language."""

    name: str = "parallel"
    """The component."""
    train: Pair
    """Two files to learn from, the sources and their translations: `["train.de.gz", "train.en.gz"]`; also .gz.
    Relative to the TOML. `[split]` cuts the sides that have no files."""
    validation: Pair = ()
    """Two files that choose the epoch, likewise; empty when there are none."""
    test: Pair = ()
    """Two files that measure, likewise; empty when there are none."""
    encoding: Encoding = "utf-8"
    """Of the files: `utf-8` (with or without a byte-order mark), `cp1256`, `latin-1`, `utf-16`, ..."""
    on_bad_row: Literal["error", "skip"] = "error"
    """A pair of lines of which one is empty, or both: `error` lists them, `skip` leaves the pair out, logs it and
    counts it. Files of unequal length are always an error: their lines do not belong together."""

    @property
    def provides(self) -> frozenset[str]:
        """The given sides, where there are files for them."""
        return frozenset({"split"} if self.validation or self.test else set())

    @property
    def files(self) -> dict[str, tuple[str, ...]]:
        """Side -> its two files, of the sides that are given."""
        sides = {"train": self.train, "validation": self.validation, "test": self.test}
        return {side: pair for side, pair in sides.items() if pair}

    def problems(self) -> Iterator[tuple[str, str]]:
        """Missing files; one file in both places."""
        if not self.train:
            yield "train", "must be two files, the sources and their translations, got none"
        for side, pair in self.files.items():
            for path in pair:
                if not Path(path).is_file():
                    yield side, f"must be a file, got {path or 'an empty path'}{neighbour(Path(path))}"
            if len(pair) == 2 and pair[0] == pair[1]:
                yield side, f"must be two different files, got {pair[0]} twice"

    def build(self) -> pa.Table:
        """Read every pair of lines.

        Returns:
            `text`, `target` (its translation), `source`, `line`, and of given sides `split`.

        Raises:
            DataError: A file cannot be read, two files are of unequal length, or a line is empty; says where.
        """
        from kerasseq.datasets.parallel_files import read_parallel

        return read_parallel(self.files, self.encoding, self.on_bad_row)

    def at(self, path: Path | str, labelled: bool) -> Any:
        """Other lines: a file of sources, with its translations beside it where they are asked for.

        They are named as those of training are: beside `test.de` stands `test.en` where training has `train.de` and
        `train.en`. A table, which its suffix says, is read by its columns `text` and `target`.
        """
        if format_of(path):
            return NotImplemented
        if labelled:
            return _Other.model_construct(**self._only((str(path), self._beside(Path(path)))))
        return _Sources.model_construct(**self._only((str(path),)) | {"on_bad_row": "error"})

    def _only(self, pair: tuple[str, ...]) -> dict[str, Any]:
        return self.model_dump() | {"train": pair, "validation": (), "test": ()}

    def _beside(self, path: Path) -> str:
        """The file of the translations of another file of sources."""
        names = [Path(file).name.split(".") for file in self.train]
        differ = [pair for pair in zip(*names, strict=False) if pair[0] != pair[1]]
        parts = path.name.split(".")
        if len(names[0]) != len(names[1]) or len(differ) != 1 or differ[0][0] not in parts:
            given = " and ".join(Path(file).name for file in self.train)
            rule = f"must be named as the files of training are ({given}), so that its translations are found beside it"
            raise DataError(f"{path}: {rule}; or give a table with columns text and target")
        place = len(parts) - 1 - parts[::-1].index(differ[0][0])
        parts[place] = differ[0][1]
        return str(path.with_name(".".join(parts)))


class _Other(Parallel):
    """Other pairs of lines, which were not in the experiment."""


class _Sources(Parallel):
    """Lines to translate: an empty one is a text, too, so that line n of the answer belongs to line n of the file."""

    def build(self) -> pa.Table:
        """Read every line: `text`, `source`, `line`; `target` is null."""
        from kerasseq.datasets.parallel_files import read_sources

        return read_sources(self.train[0], self.encoding)
