"""What tasks share that give one answer for a row: a text, a pair of texts, or a sequence of vectors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kerasseq.spec import DatasetSpec, TaskSpec

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.corpus.split import Split
    from kerasseq.diagnosis.findings import Diagnosis
    from kerasseq.pipelines.pipeline import Pipeline
    from kerasseq.tasks.task import Task

__all__ = ["SequenceTaskSpec"]


class SequenceTaskSpec(TaskSpec):
    """Base of the tasks that give one answer for a text, for a pair of texts, or for a sequence of vectors."""

    needs = frozenset({"tokenizer", "embedding", "encoder", "pooler"})
    takes = frozenset({"wide"})
    softens = True

    pair: Literal["join", "combine"] = "join"
    """What becomes of the second text of a pair. `join`: one sequence with a separator token between. `combine`: both
    are read apart by the same encoder and meet as `[u, v, |u - v|, u * v]`."""

    def sections(self, dataset: DatasetSpec | None) -> tuple[frozenset[str], frozenset[str]]:
        """Vectors have no tokenizer and no embedding."""
        if dataset is not None and dataset.row_kind == "vectors":
            return self.needs - TEXT, self.forbids | TEXT | {"preprocessor", "wide"}
        return self.needs, self.forbids

    def conflicts(self, sections: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """A pair setting without a second text; targets and rows of another kind."""
        provides = sections["dataset"].provides
        if self.target != "class" and "distribution" in provides:
            yield "dataset.target", f'must be one column for "{self.name}", got several, which hold probabilities'
        if self.target != "number" and "deviation" in provides:
            yield "dataset.deviation", f'is of a number, "{self.name}" gives a class; remove it'
        if self.pair == "combine" and "text_2" not in sections["dataset"].provides:
            yield "task.pair", '"combine" needs a second text; set dataset.text_2'
        wide = sections.get("wide")
        if wide is not None and wide.pairs and "text_2" not in sections["dataset"].provides:
            yield "wide.name", f'"{wide.name}" compares the two texts of a pair; set dataset.text_2'
        if "embedding" in sections and sections["embedding"].characters_width:
            yield "embedding.characters", "needs tokens that are given apart, as for tagging; remove it"
        kind = sections["dataset"].row_kind
        if kind not in ("text", "vectors"):
            yield "task.name", f'"{self.name}" reads texts or vectors, the dataset gives {kind}; see the other tasks'

    def build(self, sections: Any, table: pa.Table) -> Task:
        """Learn from the training rows: first from the targets, then the pipeline from the rest."""
        pipeline = self.pipeline(sections)
        goes_by = next(name for name in ("distribution", "taught", "target") if name in table.column_names)
        task = self.learned(table[goes_by], pipeline)
        pipeline.fit(pipeline.samples(table))
        return task

    def restore(self, sections: Any, folder: Path) -> Task:
        """The built task again, from what a run holds."""
        state = json.loads((folder / "task.json").read_text(encoding="utf-8"))
        return self.restored(state, self.pipeline(sections, folder))

    def learned(self, targets: pa.ChunkedArray[Any], pipeline: Pipeline) -> Task:
        """The task, from the training targets.

        Args:
            targets: What the training rows go by: their column `distribution`, `taught` or `target`.
            pipeline: Of its rows, fitted or not.
        """
        raise NotImplementedError

    def restored(self, state: Mapping[str, Any], pipeline: Pipeline) -> Task:
        """The task, from what `Task.state` gave."""
        raise NotImplementedError

    def pipeline(self, sections: Any, folder: Path | None = None) -> Pipeline:
        """Of the rows of a dataset: a new one, or the fitted one of a run in `folder`."""
        if sections.dataset.row_kind == "vectors":
            from kerasseq.pipelines.vectors import vector_pipeline

            return vector_pipeline(folder)
        from kerasseq.pipelines.text import text_pipeline

        return text_pipeline(sections, self.read_as(sections.dataset), folder)

    def read_as(self, dataset: DatasetSpec) -> Literal["single", "join", "combine"]:
        """How the texts of a row are read."""
        return self.pair if "text_2" in dataset.provides else "single"

    def diagnose(self, sections: Any, table: pa.Table, sides: Split) -> Diagnosis:
        """Look at rows, texts and targets, the way the model will see them."""
        if sections.dataset.row_kind == "vectors":
            from kerasseq.diagnosis.vectors import diagnose_vectors

            return diagnose_vectors(table, sides, self.target)
        from kerasseq.diagnosis.diagnose import diagnose
        from kerasseq.preprocessors.rules import chain

        preprocess = chain(part.build() for part in sections.preprocessor)
        tokenizer = sections.tokenizer.build()
        return diagnose(table, sides, preprocess, tokenizer, self.target, self.read_as(sections.dataset))


TEXT = frozenset({"tokenizer", "embedding"})
"""Sections of texts alone."""
