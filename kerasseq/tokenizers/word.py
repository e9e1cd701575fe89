"""The word tokenizer: words, numbers, links and emoji whole, every punctuation mark apart."""

from __future__ import annotations

from functools import cache

from kerasseq.patterns import characters, shapes
from kerasseq.tokenizers.pattern import PatternTokenizer
from kerasseq.tokenizers.settings import LookupSettings
from kerasseq.tokenizers.word_pattern import KEYCAP, PATTERN

__all__ = ["Word"]


class Word(LookupSettings):
    """Words as people see them.

    - A word is a run of letters, marks, digits and underscores: harakat stay in their word, `covid19` is one token.
      Zero-width joiners and non-joiners stay inside it.
    - An apostrophe between two such runs holds them together (`don't`, `l'homme`); a hyphen does not: `well-known` is
      three tokens.
    - Whole: links, e-mail addresses, `@names`, `#tags`, placeholders such as `[url]`, numbers with separators (`3.5`,
      `١٢٫٥`, `12:30`, `2024/05/01`), emoji with their joiners, skin tones and flags, `:)` and `<3`, an ellipsis.
    - Every other character, Arabic punctuation `، ؛ ؟` too, is a token of its own. White space, control, bidi and
      invisible characters are none.
    """

    name: str = "word"

    @property
    def ambiguous(self) -> str:
        """A link of t.co with more behind its code, and emoji that are letters or digits to begin with, as `ℹabc`."""
        return f"[{KEYCAP}{_emoji_of_words()}]|{shapes.SHORT_LINK}[^A-Za-z0-9{{space}}]"

    def build(self) -> PatternTokenizer:
        return PatternTokenizer(
            "word",
            PATTERN,
            max_length=self.max_length,
            truncation=self.truncation,
            min_frequency=self.min_frequency,
            vocabulary_size=self.vocabulary_size,
        )


@cache  # of 140,000 letters, for one
def _emoji_of_words() -> str:
    """Emoji that words hold."""
    words = characters("letter") | characters("mark") | characters("digit")
    return "".join(sorted(characters("emoji") & words))
