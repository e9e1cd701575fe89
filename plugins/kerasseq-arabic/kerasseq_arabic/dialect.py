"""`arabic_dialect`: one spelling for words and letters that dialects write in several ways."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from kerasseq.plugin import (
    WORD,
    CharMap,
    MapWords,
    Preprocessor,
    PreprocessorSpec,
    Replace,
    Rule,
    Rules,
    RulesAfter,
    parse,
)
from kerasseq_arabic.dialect_words import SPELLINGS

__all__ = ["ArabicDialect"]

_LETTERS = {
    "پ": "ب",
    "چ": "ك",
    "ژ": "ز",
    "ڤ": "ف",
    "ڢ": "ف",
    "ڥ": "ف",
    "ڨ": "ق",
    "گ": "ق",
    "ڭ": "ق",
    "ۋ": "و",
}


class ArabicDialect(PreprocessorSpec):
    """Write dialect words that are spelled in several ways in one: `علشان` and `عشان`, `كدا` and `كده`, `ايش` and
    `إيش`, `انشالله` and `إن شاء الله`. Nothing is translated into the standard language.

    Short words of Egyptian, Levantine, Gulf, Iraqi and Maghrebi tweets, about 150 spellings. The list goes through the
    preprocessors that stand before this one, so that it fits behind `arabic`, where `ة` may be `ه`.
    """

    name: str = "arabic_dialect"
    idempotent: ClassVar[bool] = True
    letters: bool = True
    """Whether letters that only dialects and loan words have become the letter that the standard language writes there:
    `گال` to `قال`, `چان` to `كان`, `ڤيديو` to `فيديو`."""
    laughter: bool = True
    """Whether a laugh, three or more of `ه` or of `خ` in a row, becomes `ههه`. Behind `elongation` there is none."""
    words: bool = True
    """Whether words are written in one spelling."""

    def build(self) -> Preprocessor:
        rules: list[Rule] = [CharMap(_LETTERS)] if self.letters else []
        if self.laughter:
            rules.append(Replace("ه{3,}|خ{3,}", "ههه", only_with="هخ"))
        return RulesAfter(partial(_with_words, rules)) if self.words else Rules(rules)


def _with_words(rules: Sequence[Rule], previous: Preprocessor) -> list[Rule]:
    """The rules, then the map of words, both spellings of which go through what stands before."""
    table = dict(zip(previous(list(SPELLINGS)), previous(list(SPELLINGS.values())), strict=True))
    kept = set(table.values())  # what folding has made equal to a kept spelling stays
    word = parse(WORD).regex
    table = {key: value for key, value in table.items() if key not in kept and word.fullmatch(key)}
    return [*rules, *([MapWords(table)] if table else [])]
