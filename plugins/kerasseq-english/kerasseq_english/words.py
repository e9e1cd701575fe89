"""Words of a text, one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from kerasseq.patterns import parse
from kerasseq.preprocessors.rules import Preprocessor

__all__ = ["EachWord", "spellings"]

_RUN = "[{letter}{mark}{digit}_]+"
_WORD = rf"\[[a-z]+\]|{_RUN}(?:['’]{_RUN})*"
_ENGLISH = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)*")


class EachWord(Preprocessor):
    """Change every word of ASCII letters, apostrophes inside included; leave everything else, `[url]` too.

    Args:
        change: A word to another, a picklable function; `’` comes as `'`.
    """

    def __init__(self, change: Callable[[str], str]) -> None:
        self._change = change

    def __call__(self, texts: Sequence[str]) -> list[str]:
        sub = parse(_WORD).regex.sub
        return [sub(self._changed, text) for text in texts]

    def _changed(self, found: re.Match[str]) -> str:
        word = found[0]
        return self._change(word.replace("’", "'")) if _ENGLISH.fullmatch(word) else word


def spellings(table: dict[str, str]) -> dict[str, str]:
    """The same in lower case, Capitalised and UPPER CASE, with `'` and with `’`; `i` alone becomes `I`."""
    out: dict[str, str] = {}
    for short, long in table.items():
        at = 1 if short[0] == "'" else 0
        capital = short[:at] + short[at:].capitalize(), long[:1].upper() + long[1:]
        for key, value in ((short.upper(), long.upper()), capital, (short, long)):
            written = "I" + value[1:] if value.startswith("i ") else value
            out[key] = out[key.replace("'", "’")] = written
    return out
