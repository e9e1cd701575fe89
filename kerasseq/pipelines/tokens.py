"""Tokens to ids, each with its characters: what a tagger reads."""

# N rows, S tokens

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.growing import GrowingRagged
from kerasseq.arrays.ragged import Ragged
from kerasseq.arrays.scratch import CHUNK, release
from kerasseq.corpus.text import Counts
from kerasseq.corpus.token_rows import TokenRows
from kerasseq.errors import DataError, UsageError
from kerasseq.files import guarded, write_json
from kerasseq.patterns import parse
from kerasseq.pipelines.characters import Characters
from kerasseq.pipelines.made_texts import LENGTHS, LONG, made_texts
from kerasseq.pipelines.pipeline import Pipeline
from kerasseq.pipelines.readers.tokens import TokenReader
from kerasseq.pipelines.subwords import Places, SubwordIds
from kerasseq.preprocessors.rules import chain, told, unchanged
from kerasseq.tokenizers.given import BETWEEN
from kerasseq.tokenizers.tokenizer import load as load_tokenizer
from kerasseq.tokenizers.word_pattern import PATTERN

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.corpus.examples import Values
    from kerasseq.pipelines.tokens_in_graph import TokensInGraph
    from kerasseq.spec import PreprocessorSpec, Subwords
    from kerasseq.tokenizers.tokenizer import Tokenizer

__all__ = ["CHARACTERS", "TokensPipeline", "tokens_pipeline"]

CHARACTERS = "characters"
"""The input of the model that holds them, `(B, T, C)`."""


class TokensPipeline(Pipeline):
    """From tokens to ids; a token is preprocessed for its id, and its characters are taken as they stand.

    Args:
        preprocessors: The chain, in order, done to each token.
        tokenizer: Trained, or to be trained by `fit`.
        width: Characters of a token that the model reads; 0 for none.
        extra_words: Tokens, as they are looked up, that join those of the training rows.
        subwords: How the n-grams of preprocessed tokens are cut, where the model reads them.
    """

    noun = "each word of a text"
    row = "sentence"
    oddities = "an empty, an unknown and a long sentence"

    def __init__(
        self,
        preprocessors: Sequence[PreprocessorSpec],
        tokenizer: Tokenizer,
        width: int = 0,
        extra_words: Sequence[str] = (),
        subwords: Subwords | None = None,
    ) -> None:
        self.preprocessors = tuple(preprocessors)
        self.parts = told(spec.build() for spec in preprocessors)
        self.preprocess = chain(self.parts)
        self.tokenizer = tokenizer
        self.extra_words = extra_words
        self.characters = Characters((), width) if width else None
        self.subwords = SubwordIds(subwords) if subwords else None
        self.cut = parse(PATTERN)

    @property
    def max_length(self) -> int:  # type: ignore[override]
        """Most tokens of a row."""
        return self.tokenizer.max_length

    @property
    def made_lengths(self) -> tuple[int, ...]:  # type: ignore[override]
        """Of tokens, none longer than the model reads."""
        return tuple(sorted({min(length, self.max_length) for length in (*LENGTHS, LONG)}))

    @property
    def names(self) -> tuple[str, ...]:
        """`tokens`."""
        return ("tokens",)

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Token by id; empty before training."""
        return self.tokenizer.vocabulary

    @property
    def alphabet_size(self) -> int:
        """Ids of characters; 0 where the model reads none."""
        return self.characters.size if self.characters else 0

    @property
    def characters_width(self) -> int:
        """Characters of a token that the model reads."""
        return self.characters.width if self.characters else 0

    def samples(self, table: pa.Table) -> TokenRows:
        """The tokens of a table."""
        return TokenRows.of(table)

    def given(self, *columns: Any) -> TokenRows:
        """Lists of tokens; or texts, which are cut into words and marks, with the place of each."""
        rows = columns[0]
        if isinstance(rows, str):
            raise UsageError(f'tokens: must be a list of rows, got the text "{rows[:40]}"; put it into a list')
        rows = list(rows)
        if all(isinstance(row, str) for row in rows):
            return self.cut_texts(rows)
        for place, row in enumerate(rows):
            if isinstance(row, str) or not all(isinstance(token, str) for token in row):
                got = type(row).__name__ if isinstance(row, str) else "something that is no text in a list"
                raise DataError(f"tokens: row {place + 1}: must be a list of texts, got {got}")
        return TokenRows([list(row) for row in rows])

    @property
    def reader(self) -> TokenReader:
        """A sentence a row, cut as `describe` says."""
        return TokenReader(self.cut.python)

    def cut_texts(self, texts: Sequence[str]) -> TokenRows:
        """Words and marks of texts, as `tokenizer.name = "word"` cuts them."""
        found = [list(self.cut.regex.finditer(text)) for text in texts]
        return TokenRows(
            [[match.group() for match in row] for row in found], [[[*match.span()] for match in row] for row in found]
        )

    def clean(self, rows: Sequence[Sequence[str]]) -> list[str]:
        """Each row as one text of preprocessed tokens with line ends between; a token that vanishes is an unknown one.

        A NUL, at which operators of a deployed model end, is U+0001.
        """
        flat = [token.replace("\0", "\x01").replace(BETWEEN, " ") or " " for row in rows for token in row]
        cleaned = iter(token.replace(BETWEEN, " ") or "\ufffd" for token in self.preprocess(flat))
        return [BETWEEN.join(next(cleaned) for _ in row) for row in rows]

    def fit(self, samples: TokenRows) -> None:  # type: ignore[override]
        """Learn the vocabulary, the n-grams and the alphabet."""
        self.tokenizer.train(text for part in _parts(samples) for text in self.clean(part))
        extra = unchanged(self.preprocess, self.extra_words)
        self.tokenizer.extend(extra)
        if self.subwords is not None:
            tokens = Counter(itertools.chain.from_iterable(self.tokens(samples)))
            self.subwords = SubwordIds.learned(self.subwords.cut, tokens, extra)
        if self.characters is not None:
            written = (token for part in _parts(samples) for row in part for token in row)
            self.characters = Characters.learned(written, self.characters.width)

    def tokens(self, samples: TokenRows) -> Iterator[list[str]]:  # type: ignore[override]
        """The preprocessed tokens of every row."""
        return (self.tokenizer.split(text) for part in _parts(samples) for text in self.clean(part))

    def encode(self, samples: TokenRows, on_disk: bool = False) -> tuple[dict[str, Values], Counts]:  # type: ignore[override]
        """Ids `tokens`, and where the model reads them `subwords` `(S, K)` and `characters` `(S, C)`.

        Raises:
            DataError: A row has more tokens than the model reads.
        """
        ids = GrowingRagged(on_disk)
        width = self.characters.width if self.characters else 0
        characters = GrowingRagged(on_disk, shape=(width,))
        steps, places = GrowingRagged(on_disk), Places()
        counts = Counts(0, 0, 0, 0, 0)
        for part in _parts(samples):
            self._check_lengths(part, counts.texts)
            cleaned = self.clean(part)
            encoded = self.tokenizer.encode(cleaned)
            ids.add(encoded.ids)
            if self.subwords is not None:
                steps.add(self.tokenizer.kept(places(self.tokenizer.split(text)) for text in cleaned).ids)
            if self.characters is not None:
                flat = self.characters.encode([token for row in part for token in row])
                characters.add(Ragged(flat, encoded.ids.offsets))
            empty = int((encoded.ids.lengths == 0).sum())
            counts += Counts(len(part), encoded.tokens, 0, encoded.unknown, empty)
        found: dict[str, Values] = {"tokens": ids.ragged()}
        if self.subwords is not None:
            found["subwords"] = self.subwords.looked_up(steps.ragged(), places)
        return found | ({CHARACTERS: characters.ragged()} if self.characters else {}), counts

    def _check_lengths(self, rows: Sequence[Sequence[str]], before: int) -> None:
        for place, row in enumerate(rows, start=before + 1):
            if len(row) > self.max_length:
                rule = f"must have at most tokenizer.max_length = {self.max_length:,} tokens, got {len(row):,}"
                raise DataError(f"tokens: row {place}: {rule}; cut it into sentences, for every token gets an answer")

    def check(self, counts: Counts) -> None:
        """There must be a known token in some training row."""
        if counts.unknown == counts.tokens:
            got = f"got {counts.tokens:,} tokens outside the vocabulary"
            raise DataError(f"train: must have a known token, {got}; lower tokenizer.min_frequency")

    def words(self, samples: TokenRows) -> list[list[tuple[str, ...]]]:  # type: ignore[override]
        """The tokens."""
        return [[tuple(row) for row in samples.tokens]]

    def made(self) -> TokenRows:
        """Rows of known tokens at every length, an unknown one, and hostile ones."""
        rows = made_texts(self.tokenizer, BETWEEN, "single", self.subwords is not None).first
        return TokenRows([self._row(text) for text in rows])

    def _row(self, text: str) -> list[str]:
        tokens = text.split(BETWEEN) if BETWEEN in text else text.split(" ")
        return [token for token in tokens if token][: self.max_length]

    def random(self, rows: int) -> TokenRows:
        """Rows of random known tokens, up to 60 long."""
        import numpy as np

        random = np.random.default_rng(0)
        known = self.vocabulary[3:] or ("a",)
        sizes = random.integers(1, min(self.max_length, 60) + 1, size=rows)
        return TokenRows([[known[i] for i in random.integers(len(known), size=size)] for size in sizes])

    def odd(self, samples: TokenRows) -> TokenRows:  # type: ignore[override]
        """Behind the rows an empty one, one of unknown tokens, and a long one."""
        long = [token for row in samples.tokens for token in row] or ["a"]
        odd: list[list[str]] = [[], ["ᚠᚢᚦᚨᚱ", "ꙮꙮꙮ"], (long * (200 // len(long) + 1))[: min(self.max_length, 200)]]
        return TokenRows([*samples.tokens, *odd])

    def in_graph(self) -> TokensInGraph:
        """Strings in, ids out."""
        from kerasseq.pipelines.tokens_in_graph import TokensInGraph

        return TokensInGraph(self)

    def save(self, folder: Path) -> None:
        """Write `tokenizer.json`, the n-grams, and `pipeline.json` with the alphabet."""
        self.tokenizer.save(folder / "tokenizer.json")
        if self.subwords is not None:
            self.subwords.save(folder)
        if self.characters is not None:
            state = {"characters": list(self.characters.alphabet), "width": self.characters.width}
            write_json(folder / "pipeline.json", state)

    def describe(self) -> dict[str, Any]:
        """How a text is cut, for whoever has no tokens."""
        return {"pair": "single", "cut": self.cut.python}

    def steps(self) -> Mapping[str, Any]:
        """The preprocessors, the tokenizer as `tokenizer.json` has it, the n-grams of tokens, and the alphabet."""
        steps = {
            "preprocessors": [spec.model_dump(mode="json") for spec in self.preprocessors],
            "tokenizer": self.tokenizer.to_json(),
            "characters": list(self.characters.alphabet) if self.characters else [],
        }
        return steps | ({"subwords": self.subwords.to_json()} if self.subwords else {})

    def language(self, samples: TokenRows) -> str:  # type: ignore[override]
        """`"ar"` for tokens in mostly Arabic letters, else nothing said."""
        letters = [c for row in samples.tokens[:200] for token in row for c in token if c.isalpha()]
        arabic = sum("\u0600" <= c <= "\u06ff" for c in letters)
        return "ar" if arabic > len(letters) / 2 else ""


def tokens_pipeline(sections: Any, folder: Path | None = None) -> TokensPipeline:
    """The pipeline of an experiment's tokens.

    Args:
        sections: With `preprocessor`, `tokenizer` and `embedding`.
        folder: A run, whose vocabulary is learned; None for a new one.

    Raises:
        RunError: A file of the run is missing or damaged.
    """
    tokenizer = sections.tokenizer.build()
    width, subwords = sections.embedding.characters_width, sections.embedding.subwords
    if folder is None:
        return TokensPipeline(sections.preprocessor, tokenizer, width, sections.embedding.extra_words(), subwords)
    tokenizer = load_tokenizer(folder / "tokenizer.json")
    pipeline = TokensPipeline(sections.preprocessor, tokenizer, width, subwords=subwords)
    if pipeline.subwords is not None:
        pipeline.subwords = pipeline.subwords.loaded(folder)
    if width:
        path = folder / "pipeline.json"
        with guarded(path, "what training wrote"):
            state = json.loads(path.read_text(encoding="utf-8"))
            pipeline.characters = Characters([str(c) for c in state["characters"]], int(state["width"]))
    return pipeline


def _parts(samples: TokenRows) -> Iterable[list[Sequence[str]]]:
    """The rows as lists, some at a time; one part at least, maybe empty."""
    for start in range(0, max(len(samples), 1), CHUNK):
        yield list(samples.tokens[start : start + CHUNK])
        release()
