"""Patterns that preprocessors and tokenizers share: links, e-mail addresses, emoji, numbers."""

from __future__ import annotations

__all__ = ["EMAIL", "EMOJI", "LINK", "LINK_SIGN", "NUMBER", "RUN", "SHORT_LINK", "anycase"]


def anycase(word: str) -> str:
    """ASCII letters in either case: `anycase("br")` is `[Bb][Rr]`."""
    return "".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else c for c in word)


_LINK_CHARACTER = r"[^{space}<>\"\(\)\[\]\{\}]"
_IN_BRACKETS = rf"_\({_LINK_CHARACTER}*\)"  # as encyclopedias call a page, a_(b)
_LINK_END = r"[^{space}<>\"'\(\)\[\]\{\},.;:!?…،؛؟«»“”’*_\~]"
_HOST = (
    r"[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){0,4}\.(?:com|net|org|info|edu|gov|io|co|ly|be|me|gl|tv|gd|sa|eg|ae)"
)

_REST = rf"(?:{_IN_BRACKETS}|{_LINK_CHARACTER})*(?:{_IN_BRACKETS}|{_LINK_END})"

SHORT_LINK = r"://t\.co/[A-Za-z0-9]+"
"""A link of t.co behind its scheme."""

LINK = "|".join(
    (
        rf"{anycase('http')}[Ss]?{SHORT_LINK}",
        rf"(?:{anycase('http')}[Ss]?|{anycase('ftp')})://{_REST}",
        rf"{anycase('www')}\.{_REST}",
        rf"{_HOST}/{_REST}",
    )
)
"""A link: with a scheme, with `www.`, or a host of a common ending with a path. Punctuation behind it is not its part,
nor is what stands in brackets, but for those of `a_(b)`; a link of t.co ends where its code ends, for tweets glue words
to it."""

LINK_SIGN = r"/|[Ww]\."
"""Stands in every link."""

EMAIL = r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){0,4}\.[A-Za-z]{2,24}"
"""An e-mail address in ASCII."""

_PICTURE = "{emoji}[\ufe0e\ufe0f]?{tone}?{tag}*"

EMOJI = f"{{flag}}{{flag}}|[0-9#*]\ufe0f?\u20e3|{_PICTURE}(?:\u200d{_PICTURE})*"
"""One emoji as people see it: a flag, a keycap, or pictographs with skin tones, held together by joiners."""

NUMBER = "[{digit}]+(?:[.,:/٫٬][{digit}]+)*"
"""Digits of any script, with separators between them: `3.5`, `١٢٫٥`, `12:30`, `2024/05/01`."""

RUN = "[{letter}{mark}{digit}_]+"
"""A run of what words are made of."""
