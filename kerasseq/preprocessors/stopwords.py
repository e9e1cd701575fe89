"""Stop words, with negation protected."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Literal

from kerasseq.patterns import parse
from kerasseq.preprocessors.rules import MapWords, Preprocessor, Replace, Rule
from kerasseq.preprocessors.rules_after import RulesAfter
from kerasseq.preprocessors.stopword_lists import NEGATION, STOP
from kerasseq.preprocessors.words import WORD
from kerasseq.spec import PreprocessorSpec

__all__ = ["Stopwords"]


class Stopwords(PreprocessorSpec):
    """Remove stop words of Arabic, English or both; words of negation stay.

    Acts on the words of the text, before the tokenizer: letters, marks, digits, `_`, with apostrophes and hyphens
    between (`state-of-the-art` is one word and keeps its `of`). The list goes through the preprocessors that stand
    before this one, so put it behind `casefold` and `arabic`. What removal leaves is trimmed to single spaces.
    """

    name: str = "stopwords"
    language: Literal["arabic", "english", "both"] = "both"
    """Whose list is used."""
    extra: tuple[str, ...] = ()
    """More words to remove."""
    keep: tuple[str, ...] = ()
    """Words that stay, whatever the list says."""
    protect_negation: bool = True
    """Whether `not`, `never`, `don't`, `لا`, `ليس`, `مش` and their like stay, even where `extra` names them; without
    it they are removed too."""

    def build(self) -> RulesAfter:
        languages = ("arabic", "english") if self.language == "both" else (self.language,)
        stop = [word for language in languages for word in STOP[language]] + list(self.extra)
        negation = [word for language in languages for word in NEGATION[language]]
        if self.protect_negation:
            return RulesAfter(partial(_removal, stop, [*negation, *self.keep]))
        return RulesAfter(partial(_removal, [*stop, *negation], self.keep))


def _removal(stop: Iterable[str], keep: Iterable[str], previous: Preprocessor) -> list[Rule]:
    """Rules that remove the words of one list that are not in another, both as people write them."""
    removed = _normal(stop, previous) - _normal(keep, previous)
    words = MapWords(dict.fromkeys(sorted(removed), ""))
    return [words, Replace(" {2,}", " "), Replace("{start} | {end}", "")]


def _normal(words: Iterable[str], previous: Preprocessor) -> set[str]:
    """The words, also Capitalised, as they come out of what stands before; what comes out as no single word is left."""
    spelled = [spelling for word in words for spelling in (word, word.capitalize())]
    return {text for text in map(str.strip, previous(spelled)) if parse(WORD).regex.fullmatch(text)}
