"""`tagging`: a tag for each token of a row."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from kerasseq.corpus.odd_tags import odd_tags, said
from kerasseq.corpus.tag_schemes import OUTSIDE, cut, faults, scheme_of
from kerasseq.errors import DataError
from kerasseq.spec import DatasetSpec, TaskSpec
from kerasseq.tasks.merging import Merge, check_merge, others_of, shown

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.corpus.split import Split
    from kerasseq.diagnosis.findings import Diagnosis
    from kerasseq.pipelines.pipeline import Pipeline
    from kerasseq.spec import Graph
    from kerasseq.tasks.tagger import Tagger

__all__ = ["Tagging"]

log = logging.getLogger("kerasseq")

TEXT = frozenset({"tokenizer", "embedding"})


class Tagging(TaskSpec):
    """Names, chunks, parts of speech, what happens at each step: one tag for each token, or for each vector."""

    needs = frozenset({"tokenizer", "embedding", "encoder"})
    forbids = frozenset({"pooler"})

    name: str = "tagging"
    """The component."""
    head: Literal["crf", "softmax"] = "crf"
    """`crf` chooses the tags of a row together, by a linear chain (Lafferty, McCallum & Pereira, 2001); `softmax` each
    by itself, which is what a stream needs that is answered step by step."""
    scheme: Literal["auto", "bio", "iob1", "bioes", "none"] = "auto"
    """How tags write spans: scores of spans, and what the chain forbids, follow from it. `none`: no spans, as parts of
    speech. `auto` looks at the training rows, where one tag that writes none means `none`; of other schemes, as BILOU,
    the log and `dataset check` say what `merge` makes of them."""
    merge: Merge = {}
    """Other spellings of a tag, which are read as it, or of what spans are called, behind `B-` and the like:
    `{ PER = ["Person", "per"] }` reads `B-Person` as `B-PER`. Of every side, and of what `evaluate` is given."""
    labels: tuple[str, ...] = ()
    """Tags that may occur beside those of the training rows, as on a side that measures; training cannot learn them."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.3
    """Dropout on the vector of each step before the head, in [0, 1)."""

    @model_validator(mode="after")
    def _agree(self) -> Tagging:
        check_merge(self.merge, "tag", {"labels": self.labels})
        return self

    def sections(self, dataset: DatasetSpec | None) -> tuple[frozenset[str], frozenset[str]]:
        """Vectors have no tokenizer and no embedding."""
        if dataset is not None and dataset.row_kind == "vectors":
            return self.needs - TEXT, self.forbids | TEXT | {"preprocessor"}
        return self.needs, self.forbids

    def defaults(self, dataset: DatasetSpec | None) -> Mapping[str, str]:
        """Tokens are looked up as they are given."""
        return {"tokenizer": "given"}

    def conflicts(self, sections: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Rows that are neither tokens nor vectors; a tokenizer that would cut what is cut."""
        kind = sections["dataset"].row_kind
        if kind not in ("tokens", "vectors"):
            yield "task.name", f'"tagging" reads tokens or vectors, the dataset gives {kind}; dataset.name = "tokens"'
        elif kind == "tokens" and sections["tokenizer"].name != "given":
            got = f'got "{sections["tokenizer"].name}"'
            yield "tokenizer.name", f'must be "given" where the tokens of a row are given apart, {got}'

    def table(self, table: pa.Table, split: Any) -> pa.Table:
        """The rows with one spelling of each tag, as `merge` says."""
        import pyarrow as pa

        rows = table["target"].to_pylist() if self.merge else []
        others = self._others({str(tag) for row in rows for tag in row or ()})
        if not others:
            return table
        log.info("target: read %s, as task.merge says", shown(others))
        read = [None if row is None else [others.get(str(tag), str(tag)) for tag in row] for row in rows]
        column = pa.chunked_array([pa.array(read, pa.list_(pa.string()))])
        return table.set_column(table.column_names.index("target"), "target", column)

    def _others(self, tags: Iterable[str]) -> dict[str, str]:
        """Of `tags` those that are read as others; a whole tag weighs more than what a span is called."""
        names, found = others_of(self.merge), {}
        for tag in sorted(tags):
            place, kind = cut(tag)
            if tag in names:
                found[tag] = names[tag]
            elif place != OUTSIDE and kind in names:
                found[tag] = f"{place}-{names[kind]}"
        return found

    def build(self, sections: Any, table: pa.Table) -> Tagger:
        """Learn the tags and their scheme from the training rows, then the pipeline from the rest.

        Raises:
            DataError: There are fewer than two tags.
        """
        rows = [row for row in table["target"].to_pylist() if row is not None]
        tags = sorted({str(tag) for row in rows for tag in row} | set(self.labels))
        if len(tags) < 2:
            raise DataError(f"target: must have at least 2 tags in training, got {tags[0] if tags else 'none'}")
        scheme = scheme_of(rows) if self.scheme == "auto" else self.scheme
        odd = odd_tags(tags) if self.scheme == "auto" and scheme == "none" else {}
        if odd:
            log.warning("target: %s", said(odd))
        pipeline = self.pipeline(sections)
        pipeline.fit(pipeline.samples(table))
        broken = scheme != "none" and any(faults(row, scheme) for row in rows)
        if broken:  # a move that training makes and the chain forbids would cost more than anything else
            log.warning("training rows break the scheme %s, so that the chain forbids nothing", scheme)
        return self.tagger({"labels": tags, "scheme": scheme, "free": broken}, pipeline)

    def restore(self, sections: Any, folder: Path) -> Tagger:
        """The built task again, from what a run holds."""
        state = json.loads((folder / "task.json").read_text(encoding="utf-8"))
        return self.tagger(state, self.pipeline(sections, folder))

    def tagger(self, state: Mapping[str, Any], pipeline: Pipeline) -> Tagger:
        """The task, from what `Task.state` gave."""
        from kerasseq.tasks.tagger import Tagger

        return Tagger(self, pipeline, tuple(map(str, state["labels"])), state["scheme"], bool(state.get("free")))

    def pipeline(self, sections: Any, folder: Path | None = None) -> Pipeline:
        """Of the rows of a dataset: a new one, or the fitted one of a run in `folder`."""
        if sections.dataset.row_kind == "vectors":
            from kerasseq.pipelines.vectors import vector_pipeline

            return vector_pipeline(folder)
        from kerasseq.pipelines.tokens import tokens_pipeline

        return tokens_pipeline(sections, folder)

    def diagnose(self, sections: Any, table: pa.Table, sides: Split) -> Diagnosis:
        """Look at tokens and tags, the way the model will see them."""
        from kerasseq.diagnosis.tagging import diagnose_tags

        return diagnose_tags(table, sides, self.scheme, self.labels)

    def to_onnx(self, built: Any, graph: Graph, *inputs: str) -> Any:
        """The chain of a `CRF` layer: scores, the best tags, and the chain itself."""
        import numpy as np
        from keras import ops

        from kerasseq.layers import CRF
        from kerasseq.onnx_graph.viterbi import viterbi

        if not isinstance(built, CRF):
            return NotImplemented
        scores, mask = inputs
        chain = [np.asarray(ops.convert_to_numpy(table), dtype=np.float32) for table in built.chain]
        masked = graph.steps.masked(scores, mask)
        packed = np.concatenate([chain[0], chain[1][None], chain[2][None]])[None]
        return masked, viterbi(graph, scores, mask, *chain), graph.constant(packed)
