"""The word tokenizer: words, numbers, links and emoji whole, every punctuation mark apart."""

from __future__ import annotations

from functools import cache

from kerasseq.patterns import characters, parse, shapes
from kerasseq.patterns.classes import ranges
from kerasseq.tokenizers.known_tokens import KnownTokens
from kerasseq.tokenizers.pattern import PatternTokenizer
from kerasseq.tokenizers.settings import LookupSettings

__all__ = ["PATTERN", "Word", "known_tokens"]

_RUN = "[{letter}{mark}{digit}_][{letter}{mark}{digit}_\u200c\u200d]*"

_NO_LINKS = "|".join(
    (
        r"\[[a-z]{2,16}\]",
        shapes.EMOJI,
        f"[@#]{_RUN}",
        "[{digit}]+(?:[.,:/٫٬][{digit}]+)+",
        f"{_RUN}(?:['’]{_RUN})*",
        r"[:;=][\-'\^]?[\(\)]+|<3|\.\.+",
        "[^{space}{control}{invisible}{bidi}]",
    )
)

PATTERN = "|".join((shapes.LINK, shapes.EMAIL, _NO_LINKS))
"""The tokens, the first that fits from the left. One portable pattern, so that a deployed model cuts the same way."""

_KEYCAP = "\u20e3"
_FAR = 0x2000  # beyond it stand symbols, and scripts that put no space between words


@cache
def known_tokens() -> KnownTokens:
    """Of texts of letters, marks, digits and underscores that begin nothing else, and of texts without links."""
    spans = [span for name in ("letter", "mark", "digit") for span in ranges(name)]
    words = {chr(point) for low, high in spans for point in range(low, min(high + 1, _FAR))}
    plain = (words | {"_"}) - characters("emoji") - {_KEYCAP}
    return KnownTokens(parse(PATTERN), frozenset(plain), frozenset("./"), parse(_NO_LINKS))


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
        """Links and addresses, and emoji that are letters or digits to begin with: `t.co/x` glued to a word, `ℹabc`."""
        return f"[/@{_KEYCAP}{_emoji_of_words()}]|[Ww][Ww][Ww]\\."

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
