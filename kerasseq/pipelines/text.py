"""Texts to ids: preprocess, tokenize, and for a pair join or keep apart."""

# N rows

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.arrays.growing import GrowingRagged
from kerasseq.corpus.text import Counts, Match, PairMode, Texts, read_apart
from kerasseq.errors import DataError
from kerasseq.pipelines.made_texts import LENGTHS, LONG, made_texts, odd_texts, random_texts
from kerasseq.pipelines.piecewise import Piecewise
from kerasseq.pipelines.pipeline import Pipeline
from kerasseq.pipelines.readers.texts import TextReader
from kerasseq.pipelines.subwords import Places, SubwordIds, subwords_of
from kerasseq.preprocessors.rules import Rules, chain, told, unchanged
from kerasseq.runtime.texts import as_texts
from kerasseq.tokenizers.tokenizer import load as load_tokenizer

if TYPE_CHECKING:
    import pyarrow as pa
    from kerasseq_runtime.occlusion import Word
    from numpy.typing import NDArray

    from kerasseq.corpus.examples import Values
    from kerasseq.pipelines.text_in_graph import TextInGraph
    from kerasseq.spec import PreprocessorSpec, Subwords, TokenizerSpec
    from kerasseq.tokenizers.tokenizer import Encoded, Tokenizer
    from kerasseq.wide.branch import Branch

__all__ = ["TextPipeline", "text_pipeline", "tokenizer_of"]

NAMES = ("tokens", "tokens_2")
"""Inputs of the model."""


class TextPipeline(Pipeline):
    """From texts to ids.

    Args:
        preprocessors: The chain, in order.
        tokenizer_spec: What the tokenizer was built by.
        tokenizer: Trained, or to be trained by `fit`.
        pair: `single` texts; pairs that `join` with the separator token between; pairs that stay apart, and meet in
            the model as the other names say.
        extra_words: Words, as they are looked up, that join those of the training texts.
        wide: A linear branch that reads the same texts.
        subwords: How the n-grams of tokens are cut, where the model reads them.
        wide_pairs: Whether it reads the two of a pair apart.
        match: What the model is told of each token of such a pair beside its id.

    Attributes:
        parts: Each preprocessor, told what stands before it.
        preprocess: All of them as one.
    """

    made_lengths: tuple[int, ...] = (*LENGTHS, LONG)

    def __init__(
        self,
        preprocessors: Sequence[PreprocessorSpec],
        tokenizer_spec: TokenizerSpec,
        tokenizer: Tokenizer,
        pair: PairMode = "single",
        extra_words: Sequence[str] = (),
        wide: Branch | None = None,
        subwords: Subwords | None = None,
        wide_pairs: bool = False,
        match: Match = "none",
    ) -> None:
        self.preprocessors = tuple(preprocessors)
        self.tokenizer_spec = tokenizer_spec
        self.parts = told(spec.build() for spec in preprocessors)
        self.preprocess = chain(self.parts)
        self.tokenizer = tokenizer
        self.pair = pair
        self.extra_words = extra_words
        self.wide = wide
        self.subwords = SubwordIds(subwords) if subwords else None
        self.wide_pairs = wide_pairs
        self.match = match
        self._remembered: tuple[Sequence[str], Piecewise | None] = ((), None)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_remembered": ((), None)}  # a copy remembers no text

    @property
    def max_length(self) -> int:  # type: ignore[override]
        """Most ids of a text, or of a joined pair."""
        return self.tokenizer.max_length

    @property
    def names(self) -> tuple[str, ...]:
        """The inputs of the model: `tokens`, and of a pair that is read apart `tokens_2`."""
        return self._read

    @property
    def _read(self) -> tuple[str, ...]:
        """Those of texts that are read."""
        return NAMES if read_apart(self.pair) else NAMES[:1]

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Token by id; empty before training."""
        return self.tokenizer.vocabulary

    def samples(self, table: pa.Table) -> Texts:
        """The texts of a table with `text` and maybe `text_2`."""
        return Texts.of(table)

    def given(self, *columns: Any) -> Texts:
        """Texts, and the second texts of pairs; lists, tuples, arrays and columns of data frames."""
        return Texts(*(as_texts(column) for column in columns[:2]))

    @property
    def reader(self) -> TextReader:
        """A text, or the two of a pair, a row."""
        return TextReader(self.pair != "single")

    def clean(self, texts: Texts) -> Texts:
        """The texts after preprocessing, as lists. A NUL, at which operators of a deployed model end, is U+0001."""
        printable = _printable(texts)
        return Texts(self.preprocess(printable.first), self.preprocess(printable.second) if texts.second else ())

    def fit(self, samples: Texts) -> None:  # type: ignore[override]
        """Train the tokenizer on texts as they come out of the preprocessors, some at a time."""
        self.tokenizer.train(_Cleaned(self, samples))
        extra = unchanged(self.preprocess, self.extra_words)
        self.tokenizer.extend(extra)
        if self.subwords is not None:
            tokens = Counter(itertools.chain.from_iterable(self.tokens(samples)))
            self.subwords = SubwordIds.learned(self.subwords.cut, tokens, extra)

    def tokens(self, samples: Texts) -> Iterator[list[str]]:  # type: ignore[override]
        """The tokens of all first texts, and then of all second ones."""
        return map(self.tokenizer.split, _Cleaned(self, samples))

    def encode(self, samples: Texts, on_disk: bool = False) -> tuple[dict[str, Values], Counts]:  # type: ignore[override]
        """Ids of every row, `tokens` and of a pair that is read apart `tokens_2`, and what happened on the way.

        Where the model reads them the n-grams of each token, `subwords`; beside a linear branch what it says of each
        row, `wide` `(N, K)`.

        Raises:
            DataError: The model reads pairs and got single texts, or the other way round, or not as many second texts
                as first ones.
            RunError: There is no room on disk.
        """
        self._check_pairs(samples)
        inputs = {name: GrowingRagged(on_disk) for name in self._read}
        places = {name: GrowingRagged(on_disk) for name in self._read if self.subwords is not None}
        tokens = Places()
        counts = Counts(0, 0, 0, 0, 0)
        wide = [np.zeros((0, self.wide_width), dtype=np.float32)]
        for part in samples.parts():
            cleaned = self.clean(part) if self._reads_cleaned else _printable(part)
            encoded = self._encoded(cleaned)
            if self.wide is not None:
                wide.append(self.wide.values(self._wide_rows(cleaned)))
            for ids, more in zip(inputs.values(), encoded, strict=True):
                ids.add(more.ids)
            if self.subwords is not None:
                for steps, more in zip(places.values(), self._encoded(cleaned, tokens), strict=True):
                    steps.add(more.ids)
            counts += _counts(encoded)
        found: dict[str, Values] = {name: ids.ragged() for name, ids in inputs.items()}
        if self.subwords is not None:
            found |= {
                subwords_of(name): self.subwords.looked_up(steps.ragged(), tokens) for name, steps in places.items()
            }
        if self.wide is not None:
            found["wide"] = np.concatenate(wide)
        return found, counts

    def _check_pairs(self, texts: Texts) -> None:
        """Refuse pairs where single texts are read, single texts where pairs are, and halves of pairs."""
        if texts.second and len(texts.second) != len(texts.first):
            got = f"{len(texts.first)} and {len(texts.second)}"
            raise DataError(f"texts: must be as many second texts as first ones, got {got}")
        if (self.pair != "single") != bool(texts.second) and len(texts):
            wanted, got = ("pairs", "single texts") if self.pair != "single" else ("single texts", "pairs")
            raise DataError(f"texts: must be {wanted}, got {got}")

    def check(self, counts: Counts) -> None:
        """There must be a known token in some training text."""
        if counts.empty == counts.texts:
            raise DataError(
                f"train: must have a token in some text, got {counts.texts:,} empty texts; see the preprocessors"
            )
        if counts.unknown == counts.tokens:
            got = f"got {counts.tokens:,} tokens outside the vocabulary"
            raise DataError(f"train: must have a known token, {got}; lower tokenizer.min_frequency")

    @property
    def _reads_cleaned(self) -> bool:
        """Whether somebody beside the tokenizer reads the preprocessed texts."""
        return self.wide is not None or self.subwords is not None

    @property
    def _piecewise(self) -> Piecewise | None:
        """From texts, preprocessed if `_reads_cleaned`, to ids, where that goes by pieces; anew for other words."""
        vocabulary = self.tokenizer.vocabulary
        if self._remembered[0] is not vocabulary:
            chain = Rules() if self._reads_cleaned else self.preprocess
            self._remembered = vocabulary, Piecewise.of(chain, self.tokenizer)
        return self._remembered[1]

    def _encoded(self, texts: Texts, places: Places | None = None) -> list[Encoded]:
        """The ids of each input of the model, of texts that are preprocessed if `_reads_cleaned`.

        With `places`, those of the tokens in place of the ids.
        """
        by_pieces = self._piecewise if places is None else None
        columns = (texts.first, texts.second) if read_apart(self.pair) else (texts.first,)
        if by_pieces is not None and self.pair != "join":
            return [self.tokenizer.kept_of(by_pieces(column)) for column in columns]

        def numbers(texts: Sequence[str]) -> Iterable[Sequence[int]]:
            split = self.tokenizer.split
            if places is not None:
                return (places(split(text)) for text in texts)
            return self.tokenizer.sequences(texts if self._reads_cleaned else self.preprocess(texts))

        if self.pair == "join":
            return [self.tokenizer.kept_pair(numbers(texts.first), numbers(texts.second))]
        return [self.tokenizer.kept(numbers(column)) for column in columns]

    def told(self, rows: Sequence[Mapping[str, str]], source: str) -> pa.Table | None:
        """With `text` and maybe `text_2`.

        Raises:
            DataError: There are no texts.
        """
        import pyarrow as pa

        if "text" not in rows[0]:
            raise DataError(f"{source}: must have rows of text and target; see kerasseq evaluate")
        names = [name for name in ("text", "text_2", "target") if name in rows[0]]
        places = {"source": [source] * len(rows), "line": range(2, len(rows) + 2)}
        return pa.table({**{name: [row[name] for row in rows] for name in names}, **places})

    def words(self, samples: Texts) -> list[list[tuple[str, ...]]]:  # type: ignore[override]
        """The tokens behind the ids of `encode`: one list per input of the model, one tuple per row.

        A token reads as it stood in the preprocessed text, unknown ones too; where truncation took something away from
        the middle or the beginning, or from a joined pair, as the vocabulary spells it.
        """
        inputs, _ = self.encode(samples)
        cleaned = self.clean(samples)
        split = self.tokenizer.split
        if self.pair == "join":
            read = [[[*split(a), "[SEP]", *split(b)] for a, b in zip(cleaned.first, cleaned.second, strict=True)]]
        else:
            read = [[split(text) for text in column] for column in (cleaned.first, cleaned.second)]
        return [
            [self._spelled(ragged[row], pieces) for row, pieces in enumerate(column)]
            for ragged, column in zip((inputs[name] for name in self.names), read, strict=False)
        ]

    def sources(self, samples: Texts) -> list[list[tuple[Word | None, ...]]]:  # type: ignore[override]
        """The word of each token; see `kerasseq.pipelines.sources`."""
        from kerasseq.pipelines.sources import sources

        return sources(self, samples)

    def _spelled(self, ids: NDArray[np.int32], pieces: Sequence[str]) -> tuple[str, ...]:
        head = self.tokenizer.truncation == "head" and self.pair != "join"
        if len(pieces) == len(ids) or (head and len(pieces) > len(ids)):
            return tuple(pieces[: len(ids)])
        return tuple(self.tokenizer.decode([i]) or self.tokenizer.vocabulary[i] for i in ids)

    @property
    def gap(self) -> str:
        """What stands between two tokens: nothing where the tokenizer cuts inside words."""
        return "" if self.tokenizer.kind == "subword" else getattr(self.tokenizer, "joiner", " ")

    def made(self) -> Texts:
        """Texts of known tokens at every length, an unknown one, a very long one, and hostile ones."""
        return made_texts(self.tokenizer, self.gap, self.pair, self.subwords is not None)

    def random(self, rows: int) -> Texts:
        """Texts of random known tokens, up to 60 long."""
        return random_texts(self.tokenizer, rows, self.pair)

    def odd(self, samples: Texts) -> Texts:  # type: ignore[override]
        """Behind the texts an empty one, one of unknown tokens, and one longer than the model reads."""
        odd = odd_texts(self.tokenizer, self.preprocess, samples.first)
        return Texts([*samples.first, *odd], [*samples.second, *odd] if samples.second else ())

    def in_graph(self) -> TextInGraph:
        """Strings in, ids out; what a graph cannot say is left to Python, with all before it, and named."""
        from kerasseq.pipelines.text_in_graph import TextInGraph

        return TextInGraph(self)

    def save(self, folder: Path) -> None:
        """Write `tokenizer.json`, the n-grams of tokens, and what a linear branch learned."""
        self.tokenizer.save(folder / "tokenizer.json")
        if self.subwords is not None:
            self.subwords.save(folder)
        if self.wide is not None:
            self.wide.save(folder)

    def steps(self) -> Mapping[str, Any]:
        """The preprocessors in their order, the tokenizer as `tokenizer.json` has it, and the n-grams of tokens."""
        steps = {
            "preprocessors": [spec.model_dump(mode="json") for spec in self.preprocessors],
            "tokenizer": self.tokenizer.to_json(),
        }
        return steps | ({"subwords": self.subwords.to_json()} if self.subwords else {})

    def language(self, samples: Texts) -> str:  # type: ignore[override]
        """`"ar"` for texts in mostly Arabic letters, else nothing said."""
        sample = "".join(samples.first[:200])
        letters = [c for c in sample if c.isalpha()]
        arabic = sum("\u0600" <= c <= "\u06ff" for c in letters)
        return "ar" if arabic > len(letters) / 2 else ""

    def baseline_texts(self, samples: Texts) -> Sequence[str]:  # type: ignore[override]
        """The texts after preprocessing, the two of a pair as one."""
        return self.clean(samples).joined(" ")

    def baseline_pairs(self, samples: Texts) -> Sequence[tuple[str, str]]:  # type: ignore[override]
        """The two texts of each pair after preprocessing; none of single texts."""
        return _apart(self.clean(samples)) if samples.second else []

    def wide_rows(self, samples: Texts) -> Sequence[Any]:  # type: ignore[override]
        """The texts after preprocessing, the two of a pair as one, or as a tuple where the branch reads them apart."""
        return self._wide_rows(self.clean(samples))

    def _wide_rows(self, cleaned: Texts) -> Sequence[Any]:
        return _apart(cleaned) if self.wide_pairs else cleaned.joined(" ")


def text_pipeline(sections: Any, pair: PairMode, folder: Path | None = None, match: Match = "none") -> TextPipeline:
    """The pipeline of an experiment's texts.

    Args:
        sections: With `preprocessor`, `tokenizer` and `embedding`.
        pair: How the texts of a row are read.
        folder: A run, whose tokenizer is trained; None for a new one.
        match: What the model is told of each token of a pair beside its id.

    Raises:
        RunError: The tokenizer of the run is missing or damaged.
    """
    tokenizer = tokenizer_of(sections.tokenizer, folder)
    extra_words = sections.embedding.extra_words() if folder is None else ()
    wide = sections.wide.build() if sections.wide is not None else None
    if wide is not None and folder is not None:
        wide.load(folder)
    subwords = sections.embedding.subwords
    pairs = sections.wide is not None and sections.wide.pairs
    pipeline = TextPipeline(
        sections.preprocessor, sections.tokenizer, tokenizer, pair, extra_words, wide, subwords, pairs, match
    )
    if pipeline.subwords is not None and folder is not None:
        pipeline.subwords = pipeline.subwords.loaded(folder)
    return pipeline


def tokenizer_of(spec: TokenizerSpec, folder: Path | None) -> Tokenizer:
    """A new tokenizer, or the trained one of a run in `folder`.

    Raises:
        RunError: That of the run is missing or damaged.
    """
    tokenizer: Tokenizer = spec.build()
    if folder is None:
        return tokenizer
    kind = type(tokenizer)
    kinds = {kind.kind: kind} if getattr(kind, "kind", "") else None
    return load_tokenizer(folder / "tokenizer.json", kinds)


class _Cleaned:
    """Preprocessed texts, all the first ones and then all the second ones; a tokenizer may read them twice."""

    def __init__(self, pipeline: TextPipeline, texts: Texts) -> None:
        self.pipeline = pipeline
        self.texts = texts

    def __iter__(self) -> Iterator[str]:
        for column in (self.texts.first, self.texts.second):
            for part in Texts(column).parts():
                yield from self.pipeline.clean(part).first


def _without_nul(texts: Sequence[str]) -> Sequence[str]:
    return [text.replace("\0", "\x01") for text in texts] if any("\0" in text for text in texts) else texts


def _printable(texts: Texts) -> Texts:
    return Texts(_without_nul(texts.first[:]), _without_nul(texts.second[:]))


def _apart(texts: Texts) -> list[tuple[str, str]]:
    return list(zip(texts.first, texts.second, strict=True))


def _counts(encoded: Sequence[Encoded]) -> Counts:
    return Counts(
        texts=len(encoded[0].ids),
        tokens=sum(e.tokens for e in encoded),
        truncated=int(np.any([e.cut for e in encoded], axis=0).sum()),
        unknown=sum(e.unknown for e in encoded),
        empty=int(np.all([e.ids.lengths == 0 for e in encoded], axis=0).sum()),
    )
