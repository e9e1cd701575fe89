"""`[dataset] name = "imdb"`: 50,000 long film reviews; the archive, its folders unpacked, or a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from kerasseq.datasets.fetch import RemoteFile, fetch
from kerasseq.spec import DatasetSpec, InputPath

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Imdb"]


class Imdb(DatasetSpec):
    """IMDb: 25,000 reviews to learn from and 25,000 to measure, negative or positive, rated 1-4 or 7-10."""

    licence: ClassVar[str] = "research, cite"
    citation: ClassVar[str] = "Maas et al. 2011, Learning word vectors for sentiment analysis"
    files: ClassVar[Mapping[str, RemoteFile]] = {
        "archive": RemoteFile(
            "imdb",
            "aclImdb_v1.tar.gz",
            "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
            "md5:7c2ac02c03563afcf9b574c7e56c153a",
        )
    }
    """The official archive, 84 MB, known by its md5."""

    name: str = "imdb"
    """The component."""
    path: InputPath = ""
    """Where the reviews are, instead of the cache and the network: the archive; the folder `aclImdb` with
    `train/pos/0_9.txt` and so on; a folder with `train.tsv` and `test.tsv`, or one such table (columns label, rating,
    text; .gz may follow)."""
    target: Literal["label", "rating"] = "label"
    """`label`: negative or positive. `rating`: 1 to 10; 5 and 6 do not occur."""

    @property
    def provides(self) -> frozenset[str]:
        """The given sides, but for a single table."""
        return frozenset() if Path(self.path).is_file() and ".tsv" in Path(self.path).name else frozenset({"split"})

    def problems(self) -> Iterator[tuple[str, str]]:
        """A path that is none of the layouts; the network is not asked."""
        from kerasseq.datasets.imdb_layouts import layout_of

        if self.path and not layout_of(Path(self.path)):
            yield "path", f"must be aclImdb_v1.tar.gz, the folder aclImdb, or train.tsv and test.tsv, got {self.path}"

    def fetch(self) -> dict[str, Path]:
        """`path`, or the archive, downloaded if it is not in the cache.

        Raises:
            DownloadError: It cannot be had.
        """
        return {"archive": Path(self.path) if self.path else fetch(self.files["archive"])}

    def build(self) -> pa.Table:
        """Read the reviews, training ones first, each side in the order of the layout; `unsup` is left out."""
        from kerasseq.datasets.imdb_layouts import read_imdb

        metadata = {"licence": self.licence, "citation": self.citation, "target": self.target}
        return read_imdb(self.fetch()["archive"], self.target, metadata)
