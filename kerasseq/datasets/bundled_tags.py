"""`[dataset] name = "bundled_tags"`: tagged sentences that ship with the package, for a first run without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from kerasseq.spec import DatasetSpec

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["BundledTags"]


class BundledTags(DatasetSpec):
    """Sentences written for kerasseq, CC0: a demonstration, no benchmark. `data/README.md` states the rubrics."""

    row_kind: ClassVar[str] = "tokens"
    licence: ClassVar[str] = "CC0-1.0"
    citation: ClassVar[str] = "written for kerasseq by a language model; see kerasseq/datasets/data/README.md"

    name: str = "bundled_tags"
    """The component."""
    set: Literal["places_ar_en"] = "places_ar_en"
    """`places_ar_en`: 763 sentences, half Arabic and half English, with names of persons (PER), of places (LOC) and
    dates (DATE) as BIO tags."""

    def build(self) -> pa.Table:
        """Read the set: tokens and their tags, no split; the source is the file's name alone."""
        from importlib import resources

        import pyarrow as pa

        from kerasseq.datasets.token_files import read_token_files
        from kerasseq.datasets.token_layout import TokenLayout

        file = f"{self.set}.conll"
        with resources.as_file(resources.files("kerasseq.datasets").joinpath("data", file)) as path:
            metadata = {"licence": self.licence, "citation": self.citation}
            table = read_token_files({"train": path}, TokenLayout("conll", separator="tab"), metadata=metadata)
        source = pa.repeat(pa.scalar(file, pa.string()), table.num_rows)
        return table.set_column(table.column_names.index("source"), "source", source)
