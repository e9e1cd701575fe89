"""`[dataset] name = "bundled"`: small sets that ship with the package, for the first run without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from kerasseq.spec import DatasetSpec

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Bundled"]


class Bundled(DatasetSpec):
    """Texts written for kerasseq, CC0: a demonstration, no benchmark. `data/README.md` states the rubrics."""

    licence: ClassVar[str] = "CC0-1.0"
    citation: ClassVar[str] = "written for kerasseq by a language model; see kerasseq/datasets/data/README.md"

    name: str = "bundled"
    """The component."""
    set: Literal["technology_ar", "reviews_en"] = "technology_ar"
    """`technology_ar`: 1,743 Arabic texts with a relevance to technology and AI from 0 to 10 (regression).
    `reviews_en`: 663 English opinions, positive, negative or mixed (classification)."""

    def build(self) -> pa.Table:
        """Read the set: text and target, no split; the source is the file's name alone."""
        from importlib import resources

        from kerasseq.datasets.delimited import scan_delimited
        from kerasseq.datasets.layout import Layout
        from kerasseq.datasets.roles import Roles

        file = f"{self.set}.tsv"
        data = resources.files("kerasseq.datasets").joinpath("data", file).read_bytes()
        [scan] = scan_delimited(data, Layout(quotes="none"), "tsv", ("text", "target"))
        table, _ = Roles(("text",), "target").standardise(scan, file)
        return table.replace_schema_metadata({"licence": self.licence, "citation": self.citation, "target": "target"})
