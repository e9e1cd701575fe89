"""What tasks share that give one answer for a row: a text, a pair of texts, or a sequence of vectors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kerasseq.corpus.text import read_apart
from kerasseq.datasets.table import Table
from kerasseq.spec import DatasetSpec, TaskSpec

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.corpus.split import Split
    from kerasseq.corpus.text import PairMode
    from kerasseq.diagnosis.findings import Diagnosis
    from kerasseq.pipelines.pipeline import Pipeline
    from kerasseq.tasks.task import Task

__all__ = ["SequenceTaskSpec"]


class SequenceTaskSpec(TaskSpec):
    """Base of the tasks that give one answer for a text, for a pair of texts, or for a sequence of vectors."""

    needs = frozenset({"tokenizer", "embedding", "encoder", "pooler"})
    takes = frozenset({"wide"})
    softens = True

    pair: Literal["join", "combine", "attend", "esim"] = "join"
    """What becomes of the second text of a pair. `join`: one sequence with a separator token between. `combine`: both
    are read apart by the same encoder and meet as `[u, v, |u - v|, u * v]`. `attend`: read apart, each step is then
    compared with the steps of the other text that are like it, before both meet so (Parikh et al., 2016). `esim`: as
    `attend`, and what was compared is read by a second encoder of the same settings (Chen et al., 2017)."""
    match: Literal["none", "words", "subwords"] = "none"
    """Numbers behind the vector of each token of a pair that is read apart. `words`: whether the same known word stands
    in the other text. `subwords`: that, and how alike in letters the nearest word of the other text is, from 0 to 1; of
    words that training lacks where `embedding.name = "subword"` knows their n-grams."""

    def sections(self, dataset: DatasetSpec | None) -> tuple[frozenset[str], frozenset[str]]:
        """Vectors have no tokenizer and no embedding."""
        if dataset is not None and dataset.row_kind == "vectors":
            return self.needs - TEXT, self.forbids | TEXT | {"preprocessor", "wide"}
        return self.needs, self.forbids

    def conflicts(self, sections: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Pair settings that do not go together or have no second text; targets and rows of another kind."""
        dataset = sections["dataset"]
        provides = dataset.provides
        if isinstance(dataset, Table) and (dataset.target,) == dataset.text:
            yield "dataset.target", f'must be another column than dataset.text, got "{dataset.target}" for both'
        if self.target != "class" and "distribution" in provides:
            yield "dataset.target", f'must be one column for "{self.name}", got several, which hold probabilities'
        if self.target != "number" and "deviation" in provides:
            yield "dataset.deviation", f'is of a number, "{self.name}" gives a class; remove it'
        if self.reads_apart and "text_2" not in provides:
            yield "task.pair", f'"{self.pair}" needs a second text; set dataset.text_2'
        if self.match != "none" and not self.reads_apart:
            hint = 'use pair = "combine", "attend" or "esim", or remove it'
            yield "task.match", f'"{self.match}" compares two texts that are read apart, got pair = "join"; {hint}'
        encoder = sections.get("encoder")
        if self.pair == "esim" and encoder is not None and not encoder.composes:
            hint = 'use "gru", "lstm" or "simple_rnn", or pair = "attend"'
            yield "task.pair", f'"esim" reads with a second encoder, which encoder "{encoder.name}" has not; {hint}'
        wide = sections.get("wide")
        if wide is not None and wide.pairs and "text_2" not in provides:
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

        return text_pipeline(sections, self.read_as(sections.dataset), folder, self.match)

    @property
    def reads_apart(self) -> bool:
        """Whether the two texts of a pair are two inputs of the model."""
        return read_apart(self.pair)

    def read_as(self, dataset: DatasetSpec) -> PairMode:
        """How the texts of a row are read."""
        return self.pair if "text_2" in dataset.provides else "single"

    @property
    def balances(self) -> bool:
        """Whether rare answers count as much as frequent ones."""
        return False

    def diagnose(self, sections: Any, table: pa.Table, sides: Split) -> Diagnosis:
        """Look at rows, texts and targets, the way the model will see them."""
        if sections.dataset.row_kind == "vectors":
            from kerasseq.diagnosis.vectors import diagnose_vectors

            return diagnose_vectors(table, sides, self.target)
        from kerasseq.diagnosis.diagnose import diagnose
        from kerasseq.diagnosis.facts import Already
        from kerasseq.preprocessors.rules import chain

        preprocess = chain(part.build() for part in sections.preprocessor)
        tokenizer = sections.tokenizer.build()
        names = sections.dataset.text if isinstance(sections.dataset, Table) else ()
        already = Already(
            balanced=self.balances,
            unicode=any(part.name.rpartition("/")[2] == "unicode" for part in sections.preprocessor),
            text=f'dataset.group = "{names[0]}"' if len(names) == 1 else "",
        )
        return diagnose(table, sides, preprocess, tokenizer, self.target, self.read_as(sections.dataset), already)


TEXT = frozenset({"tokenizer", "embedding"})
"""Sections of texts alone."""
