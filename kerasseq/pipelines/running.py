"""Texts as tokens that run on: what a language model reads, and what follows it."""

# N passages, S tokens, V vocabulary

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from kerasseq_runtime.spelling import Spelling

from kerasseq.arrays.growing import GrowingRagged
from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.passages import Passages
from kerasseq.corpus.text import Counts, Texts
from kerasseq.errors import DataError
from kerasseq.pipelines.text import TextPipeline, tokenizer_of
from kerasseq.runtime.texts import as_texts
from kerasseq.tokenizers.tokenizer import SEPARATOR, SPECIALS, UNKNOWN

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from kerasseq.corpus.examples import Values
    from kerasseq.pipelines.prompt_in_graph import PromptInGraph

__all__ = ["RunningPipeline", "running_pipeline", "spelling_of"]

LONGEST = 1 << 30


class RunningPipeline(TextPipeline):
    """From texts to ids that run on; nothing is cut.

    The separator, id 2, stands between documents: the first token of each follows it, and it follows the last.

    Args:
        preprocessors: The chain, in order.
        tokenizer_spec: What the tokenizer was built by.
        tokenizer: Trained, or to be trained by `fit`.

    Attributes:
        reverse: Whether each text is read from its last token to its first.
        conditions: The classes that write, in place of the separator each begins its texts; empty where none does.
    """

    made_lengths = ()
    runs_on = True
    reverse = False
    conditions: tuple[str, ...] = ()

    @property
    def max_length(self) -> int:  # type: ignore[override]
        """No text has more; none is cut."""
        return LONGEST

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Token by id, and behind the tokens the classes that write."""
        return (*self.tokenizer.vocabulary, *(f"[condition {name}]" for name in self.conditions))

    def begin(self, condition: str = "") -> int:
        """The id that stands before a text: of the class that writes it, or the separator.

        Raises:
            DataError: There are classes and this is none, or there are none and this is one.
        """
        if condition in self.conditions:
            return len(self.tokenizer.vocabulary) + self.conditions.index(condition)
        if not self.conditions and not condition:
            return SEPARATOR
        known = f"one of {', '.join(self.conditions[:20])}" if self.conditions else "empty, for no class writes here"
        raise DataError(f'condition: must be {known}, got "{condition[:40]}"')

    def samples(self, table: pa.Table) -> Passages:
        """The passages of a table."""
        return Passages.of(table, bool(self.conditions))

    def given(self, *columns: Any) -> Passages:
        """Texts, each a document; and the class that writes each, where one does.

        Raises:
            DataError: A class is missing, or is none.
        """
        texts = as_texts(columns[0])
        classes = list(as_texts(columns[1])) if len(columns) > 1 else []
        if self.conditions and len(classes) != len(texts):
            rule = "texts: must have a class each, for a class writes them"
            raise DataError(f"{rule}, got {len(classes)} for {len(texts)} texts; see kerasseq evaluate --data")
        for name in dict.fromkeys(classes):
            self.begin(name)
        return Passages(texts, (), (), classes)

    def told(self, rows: Sequence[Mapping[str, str]], source: str) -> None:
        """Nothing: a csv of passages does not say which of them begin a document."""

    def _turns(self, made: Texts) -> Passages:
        """Made texts, one class after the other."""
        classes = [self.conditions[row % len(self.conditions)] for row in range(len(made))] if self.conditions else ()
        return Passages(made.first, (), (), classes)

    def encode(self, samples: Passages, on_disk: bool = False) -> tuple[dict[str, Values], Counts]:  # type: ignore[override]
        """`next`, the ids of each passage, and behind the last of a document the separator; `tokens`, what each of
        them follows. Two `Ragged` of the same lengths."""
        following = GrowingRagged(on_disk)
        counts = Counts(0, 0, 0, 0, 0)
        last, done = samples.last(), 0
        for part in samples.parts():
            turn = slice(None, None, -1 if self.reverse else 1)
            rows = [np.asarray(row, dtype=np.int32)[turn] for row in self.tokenizer.sequences(self.clean(part).first)]
            ends = last[done : done + len(rows)]
            following.add(
                Ragged.from_lists([np.append(r, SEPARATOR) if e else r for r, e in zip(rows, ends, strict=True)])
            )
            done += len(rows)
            counts += Counts(
                len(rows),
                sum(map(len, rows)),
                0,
                sum(int((row == UNKNOWN).sum()) for row in rows),
                sum(not len(row) for row in rows),
            )
        ragged = following.ragged()
        before = np.empty(len(ragged.flat), dtype=np.int32)
        if len(before):
            before[0], before[1:] = SEPARATOR, ragged.flat[:-1]
        if samples.conditions:
            begins = {name: self.begin(name) for name in set(samples.conditions)}
            before[ragged.offsets[:-1]] = [begins[name] for name in samples.conditions]
        return {"tokens": Ragged(before, ragged.offsets), "next": ragged}, counts

    def prompt(self, text: str, condition: str = "") -> NDArray[np.int64]:
        """What a model reads before it goes on with `text`: the separator, or the class that writes, and the ids."""
        [ids] = self.tokenizer.sequences(self.preprocess([text.replace("\0", "\x01")]))
        return np.array([self.begin(condition), *ids], dtype=np.int64)

    @cached_property
    def spelling(self) -> Spelling:
        """How tokens are spelled, for whoever has no tokenizer."""
        return spelling_of(self.tokenizer, self.gap)

    @cached_property
    def characters(self) -> NDArray[np.int64]:
        """How many characters of text each id stands for, with what `decode` puts between two tokens, `(V,)`.

        Of tokens of bytes the first byte of each character counts.
        """
        vocabulary = self.tokenizer.vocabulary
        if self.tokenizer.kind == "subword":
            return np.array([_characters(self.tokenizer, place) for place in range(len(vocabulary))], dtype=np.int64)
        gap = 1 if self.gap else 0
        sizes = [len(token) + gap for token in vocabulary]
        sizes[: len(SPECIALS)] = [0, 1 + gap, 0]
        return np.array(sizes, dtype=np.int64)

    def made(self) -> Passages:
        """Texts of known tokens at every length, an unknown one, a long one, and hostile ones."""
        return self._turns(super().made())

    def random(self, rows: int) -> Passages:
        """Texts of random known tokens, up to 60 long."""
        return self._turns(super().random(rows))

    def odd(self, samples: Passages) -> Passages:  # type: ignore[override]
        """Behind the texts an empty one, one of unknown tokens, and a long one."""
        return self._turns(super().odd(samples))

    def in_graph(self) -> PromptInGraph:
        """Ids in, a step at a time; and, where a graph can say all of their way, texts to ids."""
        from kerasseq.pipelines.prompt_in_graph import PromptInGraph

        return PromptInGraph(self)


def spelling_of(tokenizer: Any, gap: str) -> Spelling:
    """How the tokens of a trained tokenizer are spelled.

    Args:
        tokenizer: Which.
        gap: What `decode` puts between two tokens, where they are no bytes.
    """
    vocabulary: tuple[str, ...] = tokenizer.vocabulary
    if tokenizer.kind != "subword":
        return Spelling(vocabulary, gap)
    return Spelling([tokenizer.bytes_of(place).decode("latin-1") for place in range(len(vocabulary))], "", True)


def _characters(tokenizer: Any, place: int) -> int:
    if place < len(SPECIALS):
        return int(place == UNKNOWN)
    data: bytes = tokenizer.bytes_of(place)
    return sum(byte & 0xC0 != 0x80 for byte in data)


def running_pipeline(sections: Any, folder: Path | None = None, reverse: bool = False) -> RunningPipeline:
    """The pipeline of an experiment's texts.

    Args:
        sections: With `preprocessor` and `tokenizer`.
        folder: A run, whose tokenizer is trained; None for a new one.
        reverse: See `RunningPipeline`.

    Raises:
        RunError: The tokenizer of the run is missing or damaged.
    """
    tokenizer = tokenizer_of(sections.tokenizer, folder)
    pipeline = RunningPipeline(sections.preprocessor, sections.tokenizer, tokenizer)
    pipeline.reverse = reverse
    return pipeline
