"""`[dataset] name = "huggingface"`: what a config names; `load` and `rows` do the work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from kerasseq.plugin import DatasetSpec, InputPath

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["HuggingFace"]


def _names(value: Any) -> Any:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


Part = Annotated[str, Field(min_length=1)]
Names = Annotated[
    tuple[Part, ...], BeforeValidator(_names, json_schema_input_type=Part | tuple[Part, ...]), Field(min_length=1)
]


class HuggingFace(DatasetSpec):
    """Texts of a data set of the Hugging Face Hub, kept in its cache, or of a folder of the datasets library."""

    name: str = "huggingface"
    """The component."""
    set: str = ""
    """The data set's name on the Hub, as `stanfordnlp/imdb`. It is downloaded once; then the cache answers."""
    folder: InputPath = ""
    """In place of `set`: a folder that `save_to_disk` of the datasets library wrote, or one of csv, jsonl or parquet
    files; a relative one starts at the folder of the config."""
    revision: str = ""
    """A commit, tag or branch of `set`; empty for the newest, which may change under you."""
    config: str = ""
    """The configuration of a set that has several, as `sst2` of `nyu-mll/glue`."""
    train: Part = "train"
    """The split that is trained on; `[split]` cuts from it what `validation` and `test` do not name."""
    validation: str = ""
    """The split that chooses the epoch."""
    test: str = ""
    """The split that is measured on."""
    text: Names = ("text",)
    """The text column, or a list of columns that are joined by a space."""
    text_2: str = ""
    """The second text of a pair, empty for single texts."""
    target: Part = "label"
    """The column of the class or score. Of a column of classes (`ClassLabel`) the names are taken."""
    group: str = ""
    """Rows with the same value are never split over two sides; empty for none."""
    weight: str = ""
    """Column of row weights, numbers of at least 0; empty for none."""
    cache: InputPath = ""
    """The folder of the cache; empty for that of the datasets library (HF_HOME)."""
    on_bad_row: Literal["error", "skip"] = "error"
    """A row without a text, or without a target, which the Hub writes as -1: `error` lists them, `skip` leaves them out
    and says how many."""

    @model_validator(mode="after")
    def _agree(self) -> HuggingFace:
        if bool(self.set) == bool(self.folder):
            raise ValueError("one of set and folder must be given, and not both")
        if self.folder and self.revision:
            raise ValueError("revision is of a set on the Hub; remove it, for a folder has none")
        columns = [*self.text, self.text_2, self.target]
        if len(set(columns)) != len(columns):
            raise ValueError("text, text_2 and target must be different columns")
        sides = [side for side in (self.train, self.validation, self.test) if side]
        if len(set(sides)) != len(sides):
            raise ValueError("train, validation and test must be different splits")
        return self

    @property
    def provides(self) -> frozenset[str]:
        """The optional columns that `build` will give."""
        given = frozenset(name for name in ("text_2", "group", "weight") if getattr(self, name))
        return given | (frozenset({"split"}) if self.sides.keys() - {"train"} else frozenset())

    @property
    def sides(self) -> dict[str, str]:
        """Side -> the data set's split."""
        named = {"train": self.train, "validation": self.validation, "test": self.test}
        return {side: split for side, split in named.items() if split}

    def problems(self) -> Iterator[tuple[str, str]]:
        """A folder that is not there; the Hub is not asked."""
        if self.folder and not Path(self.folder).is_dir():
            yield "folder", f"must be a folder, got {self.folder}"

    def build(self) -> pa.Table:
        """Load what is missing and read it into the standard columns; see the base class.

        Raises:
            DownloadError: The data set is neither in the cache nor to be had.
            DataError: A split or a column is missing, or a row is wrong.
        """
        from kerasseq_huggingface.load import load
        from kerasseq_huggingface.rows import standard

        return standard(self, load(self))
