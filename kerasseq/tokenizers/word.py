"""The word tokenizer: words, numbers, links and emoji whole, every punctuation mark apart."""

from __future__ import annotations

from kerasseq.tokenizers.pattern import PatternTokenizer
from kerasseq.tokenizers.settings import LookupSettings

__all__ = ["Word"]

_LINK_BODY = r"[^{space}<>\"]*[^{space}<>\"\]\).,;:!?'…؟،؛»”’\}]"
_RUN = "[{letter}{mark}{digit}_\u200c\u200d]+"
_PICTURE = "{emoji}[\ufe0e\ufe0f]?{tone}?{tag}*"

PATTERN = "|".join(
    (
        rf"[Hh][Tt][Tt][Pp][Ss]?://{_LINK_BODY}",
        rf"[Ww][Ww][Ww]\.{_LINK_BODY}",
        r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}",
        r"\[[a-z]{2,16}\]",
        f"{{flag}}{{flag}}|[0-9#*]\ufe0f?\u20e3|{_PICTURE}(?:\u200d{_PICTURE})*",
        "[@#]" + _RUN,
        "[{digit}]+(?:[.,:/٫٬][{digit}]+)+",
        f"{_RUN}(?:['’]{_RUN})*",
        r"[:;=][\-'\^]?[\(\)]+|<3|\.\.+",
        "[^{space}{control}{invisible}{bidi}]",
    )
)
"""The tokens, the first that fits from the left. One portable pattern, so that a deployed model cuts the same way."""


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

    def build(self) -> PatternTokenizer:
        return PatternTokenizer(
            "word",
            PATTERN,
            max_length=self.max_length,
            truncation=self.truncation,
            min_frequency=self.min_frequency,
            vocabulary_size=self.vocabulary_size,
        )
