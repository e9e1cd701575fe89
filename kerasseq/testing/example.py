"""The small experiment in which a task is checked: its own example, or the kit's texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from kerasseq.decoders.recurrent import GRU
from kerasseq.embeddings.learned import Learned
from kerasseq.encoders.none import NoEncoder
from kerasseq.poolers.reduce import Mean
from kerasseq.searches.greedy import Greedy
from kerasseq.spec import (
    DatasetSpec,
    DecoderSpec,
    EmbeddingSpec,
    EncoderSpec,
    Example,
    PoolerSpec,
    PreprocessorSpec,
    SearchSpec,
    Spec,
    TaskSpec,
    TokenizerSpec,
    WideSpec,
)
from kerasseq.tasks.sequence import SequenceTaskSpec
from kerasseq.testing.faults import NotChecked
from kerasseq.testing.texts import PLAIN
from kerasseq.tokenizers.word import Word

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FEATURES", "ExampleSections", "example_of", "sections_of"]

FEATURES = 6
"""Numbers of a vector."""

OPTIONAL = ("text_2", "group", "weight", "split", "taught", "distribution", "deviation")
"""Columns that a dataset may give."""

PLAIN_SECTIONS: dict[str, Spec] = {
    "tokenizer": Word(name="word", min_frequency=1),
    "embedding": Learned(name="learned", dimension=FEATURES),
    "encoder": NoEncoder(name="none"),
    "pooler": Mean(name="mean"),
    "search": Greedy(name="greedy"),
    "decoder": GRU(name="gru", units=FEATURES),
}


@dataclass(frozen=True)
class ExampleSections:
    """The sections of an experiment, see `kerasseq.spec.Sections`."""

    dataset: DatasetSpec
    encoder: EncoderSpec
    tokenizer: TokenizerSpec | None = None
    embedding: EmbeddingSpec | None = None
    pooler: PoolerSpec | None = None
    task: Any = None
    preprocessor: tuple[PreprocessorSpec, ...] = ()
    wide: WideSpec | None = None
    search: SearchSpec | None = None
    decoder: DecoderSpec | None = None

    def __iter__(self) -> Iterator[Spec]:
        """The parts of the network."""
        yield from (p for p in (self.embedding, self.encoder, self.pooler, self.decoder) if p is not None)

    def describe(self, kind: str) -> str:
        """`pooler "mean"`."""
        part = getattr(self, kind)
        return f'{kind} "{part.name}"' if isinstance(part, Spec) else f"the {kind}"


def example_of(spec: TaskSpec) -> Example:
    """What the task offers; of one that gives a text a class or a number, else, the kit's texts.

    Raises:
        NotChecked: There is neither.
    """
    found = spec.example()
    if found is not None:
        return found
    if isinstance(spec, SequenceTaskSpec) and spec.target in ("class", "number"):
        return Example(_texts(spec))
    raise NotChecked(
        "the kit has rows for tasks that give a text a class or a number; for others let "
        f"{type(spec).__qualname__}.example return a kerasseq.plugin.Example: some rows, what a row is, and what the "
        "task needs of other sections"
    )


def sections_of(spec: TaskSpec, example: Example) -> ExampleSections:
    """The sections of the example, the kit's plain ones where the task needs one and the example has none."""
    given: dict[str, Any] = {"dataset": _dataset(example), **example.sections}
    needed, _ = spec.sections(given["dataset"])
    plain = {kind: part for kind, part in PLAIN_SECTIONS.items() if kind in needed or kind == "encoder"}
    return ExampleSections(**{**plain, **given})


def _dataset(example: Example) -> DatasetSpec:
    class Rows(DatasetSpec):
        """Rows that are there already."""

        row_kind: ClassVar[str] = example.rows

        @property
        def provides(self) -> frozenset[str]:
            return frozenset(example.table.column_names).intersection(OPTIONAL)

        def build(self) -> pa.Table:
            return example.table

    return Rows(name="rows")


def _texts(spec: SequenceTaskSpec) -> pa.Table:
    """Ten texts, or pairs of them, with targets that the task can learn."""
    import pyarrow as pa

    said = spec.model_dump()
    targets: list[Any]
    if spec.target == "class":
        labels = tuple(said.get("labels", ())) or ("bad", "good", "mixed")
        targets = [labels[i % len(labels)] for i in range(len(PLAIN))]
    else:
        low, high = said.get("range") or (0.0, 9.0)
        targets = [low + (high - low) * i / (len(PLAIN) - 1) for i in range(len(PLAIN))]
    second = {"text_2": list(reversed(PLAIN))} if spec.reads_apart else {}
    places = {"source": ["rows.csv"] * len(PLAIN), "line": pa.array(range(2, len(PLAIN) + 2), pa.int64())}
    return pa.table({"text": list(PLAIN), **second, "target": targets, **places})
