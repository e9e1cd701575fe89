"""HTML that is escaped unless it says that it is HTML, and text that runs in its own direction."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from html import escape
from typing import Any

__all__ = ["Html", "direction", "html", "inline", "join", "language", "number", "paragraph", "runs", "shorten", "tag"]


class Html(str):
    """A string that is markup already. Everything else is escaped on its way into the page."""

    __slots__ = ()


def html(value: object) -> Html:
    """Markup as it is, anything else as escaped text.

    >>> html("a < b"), html(Html("<b>"))
    ('a &lt; b', '<b>')
    """
    return value if isinstance(value, Html) else Html(escape(str(value), quote=True))


def join(parts: Iterable[object], separator: object = "") -> Html:
    """Join parts, each escaped unless it is markup."""
    return Html(html(separator).join(html(part) for part in parts))


def tag(name: str, *children: object, **attributes: object) -> Html:
    """An element. A trailing underscore of an attribute is dropped, another one becomes a hyphen; empty is left out.

    >>> tag("p", "a & b", class_="note", data_label="x", lang="")
    '<p class="note" data-label="x">a &amp; b</p>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value), quote=True)}"'
        for key, value in attributes.items()
        if value != ""
    )
    return Html(f"<{name}{written}>{join(children)}</{name}>")


def _strong(word: str) -> str:
    kinds = (unicodedata.bidirectional(character) for character in word)
    return next(("ltr" if kind == "L" else "rtl" for kind in kinds if kind in ("L", "R", "AL")), "")


def direction(text: str) -> str:
    """The `dir` of a text: `auto`, which follows its first letter, unless most words run the other way.

    An Arabic text that starts with a Latin name would be set from the left by `auto` alone.

    >>> direction("مرحبا بالعالم"), direction("GPT نموذج لغوي كبير"), direction("123")
    ('auto', 'rtl', 'auto')
    """
    strong = [way for way in map(_strong, text.split()) if way]
    if not strong:
        return "auto"
    major = "rtl" if 2 * strong.count("rtl") > len(strong) else "ltr"
    return "auto" if strong[0] == major else major


def runs(text: str) -> str:
    """The way that a text runs: that of most of its words, or of the first one; `ltr` where there are no letters.

    >>> runs("شبكة بسيطة (RNN)"), runs("GRU"), runs("12")
    ('rtl', 'ltr', 'ltr')
    """
    way = direction(text)
    return way if way != "auto" else next(filter(None, map(_strong, text.split())), "ltr")


def language(text: str, known: str) -> str:
    """The `lang` of a text: the known one, else `ar` where most words are of Arabic letters, else empty."""
    if known:
        return known
    words = [word for word in text.split() if _strong(word)]
    arabic = sum(any("\u0620" <= character <= "\u064a" for character in word) for word in words)
    return "ar" if 2 * arabic > len(words) else ""


def paragraph(text: str, known: str = "", content: Html | None = None) -> Html:
    """A text of the data as a paragraph of its own direction and language; `content` is its markup, if it has any."""
    shown = html(text) if content is None else content
    return tag("p", shown, class_="text", dir=direction(text), lang=language(text, known))


def inline(text: object, known: str = "") -> Html:
    """A word of the data inside a line: isolated, so that it does not reorder what stands around it."""
    return tag("bdi", text, dir=direction(str(text)), lang=language(str(text), known))


def shorten(text: str, characters: int = 500) -> str:
    """The text, cut at a space where it is longer than `characters`."""
    if len(text) <= characters:
        return text
    head = text[:characters]
    return (head.rsplit(None, 1)[0] if any(map(str.isspace, head)) else head) + " …"


def number(value: Any) -> str:
    """A number as people read it: three decimals where they matter, thousands set apart.

    >>> number(0.12345), number(1234567), number(0.00001), number(123.456), number(None)
    ('0.123', '1,234,567', '1.0e-05', '123.5', '–')
    """
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    size = abs(value)
    if size and size < 0.0005:
        return f"{value:.1e}"
    return f"{value:.3f}" if size < 100 else f"{value:,.1f}"
