"""Replace what a pattern finds between words by a placeholder, as rules: without look-around."""

from __future__ import annotations

from kerasseq.plugin import CLOSE, OPEN, CharMap, Replace, Rule, verbatim

__all__ = ["bracketed", "placeholder"]

_IN_WORD = "{letter}{mark}{digit}_"
_WORD = f"[{_IN_WORD}]+(?:['’][{_IN_WORD}]+)*"


def bracketed(pattern: str, only_with: str = "", whole: str = "") -> list[Rule]:
    """Rules that put `OPEN` and `CLOSE` round every match that begins and ends where words do.

    Words are taken whole, with nothing bracketed before them, so a match never begins inside one; it ends where no
    letter, mark, digit or `_` follows.

    Args:
        pattern: With no groups but `(?:...)`.
        only_with: Speed only: characters without any of which there is no match.
        whole: What else is taken whole where there is no match: a match that begins inside of it would have begun with
            it. Without it, a pattern that begins with something longer than a word looks at it again from each word.
    """
    words = f"{whole}|{_WORD}" if whole else _WORD
    return [
        CharMap({OPEN: "", CLOSE: ""}),
        Replace(f"({pattern})({{end}}|[^{_IN_WORD}])|({words})", rf"{OPEN}\1{CLOSE}\2\3", only_with=only_with),
        Replace(f"{OPEN}{CLOSE}", "", only_with=OPEN),
    ]


def placeholder(pattern: str, token: str, only_with: str = "", whole: str = "") -> list[Rule]:
    """Rules that put `token` in the place of every match; see `bracketed`."""
    filled = f"{OPEN}[^{CLOSE}]+{CLOSE}"
    return [*bracketed(pattern, only_with, whole), Replace(filled, verbatim(token), only_with=OPEN)]
