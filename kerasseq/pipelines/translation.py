"""Texts and their translations to ids, and ids to translations."""

# N rows, S tokens of a text, T of its translation

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from kerasseq_runtime.spelling import Spelling

from kerasseq.arrays.growing import GrowingRagged
from kerasseq.arrays.ragged import Ragged
from kerasseq.console import count
from kerasseq.corpus.text import Counts, Texts
from kerasseq.corpus.text_pairs import References, TextPairs
from kerasseq.errors import DataError
from kerasseq.pipelines.running import spelling_of
from kerasseq.pipelines.text import TextPipeline, tokenizer_of
from kerasseq.runtime.texts import as_texts
from kerasseq.tokenizers.tokenizer import SEPARATOR, UNKNOWN, load

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.corpus.examples import Values
    from kerasseq.pipelines.source_in_graph import SourceInGraph
    from kerasseq.spec import PreprocessorSpec, TokenizerSpec
    from kerasseq.tokenizers.tokenizer import Tokenizer

__all__ = ["PairCounts", "TranslationPipeline", "translation_pipeline"]

TARGET_TOKENIZER = "target_tokenizer.json"

NOTHING: Mapping[int, str] = {}


@dataclass(frozen=True)
class PairCounts:
    """What encoding did to each side.

    Attributes:
        sources: Of the texts.
        targets: Of their translations; of no texts where they are asked for.
    """

    sources: Counts
    targets: Counts

    @property
    def texts(self) -> int:
        """Rows."""
        return self.sources.texts

    def __str__(self) -> str:
        if not self.targets.texts:
            return str(self.sources)
        return f"sources: {self.sources}; targets: {self.targets}"

    def __add__(self, other: PairCounts) -> PairCounts:
        return PairCounts(self.sources + other.sources, self.targets + other.targets)


class TranslationPipeline(TextPipeline):
    """From texts to the ids that are read, and from translations to those that are written.

    Id 2 begins and ends a translation: the model reads `target`, 2 and the ids, and learns `next`, the ids and 2.

    Args:
        preprocessors: The chain, in order.
        tokenizer_spec: What both tokenizers were built by.
        tokenizer: Of the texts; trained, or to be trained by `fit`.
        target_tokenizer: Of the translations; the same object where both sides have one vocabulary.
        longest: Most ids of a translation, what ends it not counted.
        clean_targets: Whether translations are preprocessed, too, before they are learned.
        copies: Whether words of a text may be put into its translation, so that they are kept beside its ids.
    """

    noun = "a text to translate"
    oddities = "an empty, an unknown and a long text"
    made_lengths = ()
    writes = True

    def __init__(
        self,
        preprocessors: Sequence[PreprocessorSpec],
        tokenizer_spec: TokenizerSpec,
        tokenizer: Tokenizer,
        target_tokenizer: Tokenizer,
        longest: int,
        clean_targets: bool,
        copies: bool = False,
    ) -> None:
        super().__init__(preprocessors, tokenizer_spec, tokenizer)
        self.target_tokenizer = target_tokenizer
        self.longest = longest
        self.clean_targets = clean_targets
        self.copies = copies

    @property
    def shared(self) -> bool:
        """Whether both sides have one vocabulary."""
        return self.target_tokenizer is self.tokenizer

    @property
    def names(self) -> tuple[str, ...]:
        """`tokens`, `target` and `next`."""
        return ("tokens", "target", "next")

    @property
    def max_length(self) -> int:  # type: ignore[override]
        """Most ids of either side, with what begins or ends a translation."""
        return max(self.tokenizer.max_length, self.longest + 1)

    def samples(self, table: pa.Table) -> TextPairs:
        """The texts of a table, and their translations where it has them."""
        return TextPairs.of(table)

    def given(self, *columns: Any) -> TextPairs:
        """Texts to translate."""
        return TextPairs(as_texts(columns[0]))

    def fit(self, samples: TextPairs) -> None:  # type: ignore[override]
        """Learn the vocabulary of each side, or one of both."""
        if self.shared:
            self.tokenizer.train(_Chained(_Sources(self, samples), _Targets(self, samples)))
            return
        self.tokenizer.train(_Sources(self, samples))
        self.target_tokenizer.train(_Targets(self, samples))

    def encode(self, samples: TextPairs, on_disk: bool = False) -> tuple[dict[str, Values], PairCounts]:  # type: ignore[override]
        """`tokens`, and of translations `target` and `next`; where they are asked for these are of empty ones.

        Where words may be copied, `words` `(N,)`, the texts as they are given.
        """
        found, counts = super().encode(samples.sources(), on_disk)
        following, targets = self.following(samples, on_disk)
        before = np.empty(len(following.flat), dtype=np.int32)
        if len(before):
            before[1:] = following.flat[:-1]
            before[following.offsets[:-1]] = SEPARATOR
        found |= {"target": Ragged(before, following.offsets), "next": following}
        if self.copies:
            words = np.empty(len(samples), dtype=object)  # one width for all would be that of the longest
            words[:] = samples.first[:]
            found["words"] = words
        return found, PairCounts(counts, targets)

    def tokens(self, samples: TextPairs) -> Iterator[list[str]]:  # type: ignore[override]
        """Those of the texts; translations have none here."""
        return super().tokens(samples.sources())

    def following(self, samples: TextPairs, on_disk: bool = False) -> tuple[Ragged, Counts]:
        """The ids of each translation and what ends it, and what encoding did."""
        counts = Counts(0, 0, 0, 0, 0)
        if not samples.references:
            ends = np.full(len(samples), SEPARATOR, dtype=np.int32)
            return Ragged(ends, np.arange(len(samples) + 1, dtype=np.int64)), counts
        growing = GrowingRagged(on_disk)
        for part in Texts(samples.references).parts():
            rows = [np.asarray(row, dtype=np.int32) for row in self.target_tokenizer.sequences(self.target_texts(part))]
            kept = [row[: self.longest] for row in rows]
            growing.add(Ragged.from_lists([np.append(row, SEPARATOR) for row in kept]))
            counts += Counts(
                len(rows),
                sum(map(len, kept)),
                sum(len(row) > self.longest for row in rows),
                sum(int((row == UNKNOWN).sum()) for row in kept),
                sum(not len(row) for row in rows),
            )
        return growing.ragged(), counts

    def target_texts(self, part: Texts) -> Sequence[str]:
        """Translations as they are learned."""
        return self.clean(part).first if self.clean_targets else part.first[:]

    def references(self, table: pa.Table) -> References:
        """The translations of a table as ids."""
        samples = TextPairs.of(table)
        ragged, _ = self.following(samples)
        return References(ragged.flat, ragged.offsets, samples.references)

    def check(self, counts: Any) -> None:
        """There must be something to read, and something to write."""
        super().check(counts.sources)
        if counts.targets.empty == counts.targets.texts:
            raise DataError(f"train: must have a token in some translation, got {count(counts.texts, 'empty text')}")

    def made(self) -> TextPairs:
        """Texts of known tokens at every length, an unknown one, a very long one, and hostile ones."""
        return TextPairs(super().made().first)

    def random(self, rows: int) -> TextPairs:
        """Texts of random known tokens, up to 60 long."""
        return TextPairs(super().random(rows).first)

    def odd(self, samples: TextPairs) -> TextPairs:  # type: ignore[override]
        """Behind the texts an empty one, one of unknown tokens, and one longer than the model reads."""
        first = super().odd(Texts(samples.first)).first
        references = [*samples.references, *first[len(samples) :]] if samples.references else ()
        return TextPairs(first, (), references)

    def save(self, folder: Path) -> None:
        """Write `tokenizer.json`, and `target_tokenizer.json` where the sides have vocabularies of their own."""
        super().save(folder)
        if not self.shared:
            self.target_tokenizer.save(folder / TARGET_TOKENIZER)

    @cached_property
    def spelling(self) -> Spelling:
        """How tokens of translations are spelled, for whoever has no tokenizer."""
        return spelling_of(self.target_tokenizer, self.gap)

    def in_graph(self) -> SourceInGraph:
        """Texts to ids, as far as a graph can say it."""
        from kerasseq.pipelines.source_in_graph import SourceInGraph

        return SourceInGraph(self)

    def written(self, ids: Sequence[int], copied: Mapping[int, str] = NOTHING) -> str:
        """A translation of ids.

        Args:
            ids: Its tokens.
            copied: Place -> the word that stands there in place of the token.
        """
        if not copied:
            return self.target_tokenizer.decode(ids)
        pieces = [copied.get(place) or self.target_tokenizer.vocabulary[token] for place, token in enumerate(ids)]
        return str(getattr(self.target_tokenizer, "joiner", " ")).join(pieces)

    def word(self, text: str, step: int) -> str:
        """What was read at a step of a text, which is preprocessed and cut for it."""
        [cleaned] = self.clean(Texts([text])).first
        pieces = self.tokenizer.kept_tokens(self.tokenizer.split(cleaned))
        return pieces[step] if step < len(pieces) else ""

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """Each id of a translation as a person reads it, with the blank that stands before a word."""
        return _pieces(self.target_tokenizer, ids, self.gap)

    def source_pieces(self, ids: Sequence[int]) -> list[str]:
        """The same of a text."""
        return _pieces(self.tokenizer, ids, self.gap)


def _pieces(tokenizer: Tokenizer, ids: Sequence[int], gap: str) -> list[str]:
    found = [tokenizer.decode([int(i)]) or tokenizer.vocabulary[int(i)] for i in ids]
    return [f"{gap}{piece}" if place else piece for place, piece in enumerate(found)]


class _Sources:
    """Preprocessed texts; a tokenizer may read them twice."""

    def __init__(self, pipeline: TranslationPipeline, samples: TextPairs) -> None:
        self.pipeline, self.samples = pipeline, samples

    def __iter__(self) -> Iterator[str]:
        for part in self.samples.sources().parts():
            yield from self.pipeline.clean(part).first


class _Targets(_Sources):
    """Translations as they are learned."""

    def __iter__(self) -> Iterator[str]:
        for part in Texts(self.samples.references).parts():
            yield from self.pipeline.target_texts(part)


class _Chained:
    """The texts of both sides."""

    def __init__(self, *parts: _Sources) -> None:
        self.parts = parts

    def __iter__(self) -> Iterator[str]:
        for part in self.parts:
            yield from part


def translation_pipeline(sections: Any, task: Any, folder: Path | None = None) -> TranslationPipeline:
    """The pipeline of an experiment's texts and translations.

    Args:
        sections: With `preprocessor` and `tokenizer`.
        task: The section `[task]`: `shared`, `max_length` and `preprocess`.
        folder: A run, whose tokenizers are trained; None for new ones.

    Raises:
        RunError: A tokenizer of the run is missing or damaged.
    """
    tokenizer = target = tokenizer_of(sections.tokenizer, folder)
    if not task.shared:
        target = sections.tokenizer.build()
        if folder is not None:
            kind = type(target)
            target = load(folder / TARGET_TOKENIZER, {kind.kind: kind})
    return TranslationPipeline(
        sections.preprocessor,
        sections.tokenizer,
        tokenizer,
        target,
        task.max_length,
        task.preprocess == "both",
        task.replace_unknown,
    )
