r"""Patterns that mean the same in Python's `re` and in RE2, which the deployed model uses.

What may be written: literals, `\` before ASCII punctuation, `\n \t \r \f \v`, sets with explicit ranges (`[a-z]`,
`[^<>]`), groups `(...)` and `(?:...)`, `|`, the quantifiers `* + ? {m} {m,} {m,n}` (at most 1000) and their lazy forms,
the named classes of `classes.NAMES`, alone (`{letter}+`) or inside a set (`[{letter}{mark}_]`), and the anchors
`{start}` and `{end}`.

What is refused, because RE2 reads it as ASCII, otherwise, or not at all: `\w \d \s \b` and every other letter escape,
`(?i)` and all flags, look-around, backreferences, named groups, possessive quantifiers, `.` (say `{any}` or `[^\n]`),
`^` and `$` (say `{start}` and `{end}`: `$` matches before a last line end in Python only), and patterns that match the
empty string.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from kerasseq.errors import UsageError
from kerasseq.patterns.classes import NAMES, ranges, union

__all__ = ["Pattern", "literal", "parse"]

_ANCHORS = {"start": (r"\A", r"\A"), "end": (r"\Z", r"\z")}
_ESCAPABLE = frozenset(string.punctuation) - {"_"}
_CONTROL_ESCAPES = frozenset("ntrfv")
_NAME = re.compile(r"\{([a-z]+)\}")
_QUANTIFIER = re.compile(r"(?:[*+?]|\{(\d+)(?:,(\d*))?\})")
_MAX_REPEAT = 1000


@dataclass(frozen=True)
class Pattern:
    """A checked pattern, written out for both engines.

    Attributes:
        source: As written.
        expanded: With every class written out as ranges: what to store, so that a newer Unicode changes nothing.
        python: For `re`.
        re2: For RE2.
    """

    source: str
    expanded: str
    python: str
    re2: str

    @property
    def regex(self) -> re.Pattern[str]:
        """The compiled pattern for Python; compiled once a process."""
        return _compiled(self.python)

    def touches(self, characters: str) -> bool:
        """Whether a match may hold one of `characters`, or hangs on where a text begins or ends.

        Where it does not, each of them parts a text: what matches on one side is what matches there alone.
        """
        return _touches(self.source, characters)


@lru_cache(maxsize=1024)
def _touches(source: str, characters: str) -> bool:
    return any(written != python or _takes(python, characters) for written, python, _ in _pieces(source))


def _takes(piece: str, characters: str) -> bool:
    """Whether a piece of a pattern is a character or a set, and takes one of `characters`."""
    return piece[0] not in "*+?{(|)" and _compiled(piece).search(characters) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def literal(text: str) -> str:
    r"""`text` as a pattern that matches exactly it: `literal("a.b")` is `a\.b`."""
    return "".join(f"\\{c}" if c in _ESCAPABLE else c for c in text)


def _refuse(source: str, at: int, why: str) -> UsageError:
    return UsageError(f"pattern {source!r}: {why}, got {source[at : at + 8]!r} at character {at}")


def _members(names: Iterable[str]) -> str:
    spans = union(span for name in names for span in ranges(name))
    return "".join(literal(chr(a)) + (f"-{literal(chr(b))}" if b > a else "") for a, b in spans)


def _escape(source: str, at: int) -> str:
    following = source[at + 1 : at + 2]
    if following in _ESCAPABLE or following in _CONTROL_ESCAPES:
        return source[at : at + 2]
    raise _refuse(source, at, "must use named classes such as {letter}, {digit}, {space} and no letter or digit escape")


def _set(source: str, at: int) -> tuple[str, int]:
    """The set that opens at `at`, written out, and the position behind it."""
    out, i = "[", at + 1
    if source[i : i + 1] == "^":
        out, i = "[^", i + 1
    first = i
    names: list[str] = []
    single = False  # whether what was read last may begin a range
    while i < len(source) and not (source[i] == "]" and i > first):
        c = source[i]
        if c == "{":
            name = _NAME.match(source, i)
            if name is None or name[1] not in NAMES:
                raise _refuse(source, i, f"must name one of {', '.join(NAMES)} or be escaped as \\{{")
            names.append(name[1])
            i, single = name.end(), False
        elif c == "\\":
            out, i, single = out + _escape(source, i), i + 2, True
        elif c == "-":
            if not single or source[i + 1 : i + 2] in ("]", "{", "-", ""):
                raise _refuse(source, i, "a hyphen must stand between two characters or be escaped as \\-")
            end = _escape(source, i + 1) if source[i + 1] == "\\" else source[i + 1]
            out, i, single = out + "-" + end, i + 1 + len(end), False
        elif c in "[]&|~^":
            raise _refuse(source, i, f"must be escaped inside a set as \\{c}")
        else:
            out, i, single = out + c, i + 1, True
    if i >= len(source):
        raise _refuse(source, at, "a set must be closed")
    return f"{out}{_members(names)}]", i + 1


def _quantifier(source: str, found: re.Match[str]) -> tuple[str, int]:
    if any(int(n) > _MAX_REPEAT for n in found.groups() if n):
        raise _refuse(source, found.start(), f"must repeat at most {_MAX_REPEAT} times")
    end = found.end()
    if source[end : end + 1] == "?":
        end += 1
    if source[end : end + 1] in ("+", "*", "?"):
        raise _refuse(source, end, "must not follow another quantifier")
    return source[found.start() : end], end


def _pieces(source: str) -> Iterator[tuple[str, str, str]]:
    """Piece by piece: written out, for Python, for RE2."""
    i = 0
    while i < len(source):
        c = source[i]
        quantifier = _QUANTIFIER.match(source, i)
        name = _NAME.match(source, i)
        if quantifier is not None:
            text, i = _quantifier(source, quantifier)
        elif name is not None and name[1] in _ANCHORS:
            i = name.end()
            yield name[0], *_ANCHORS[name[1]]
            continue
        elif name is not None and name[1] in NAMES:
            text, i = f"[{_members([name[1]])}]", name.end()
        elif c in "{}":
            raise _refuse(source, i, f"must name one of {', '.join([*NAMES, *_ANCHORS])} or be escaped as \\{c}")
        elif c == "\\":
            text, i = _escape(source, i), i + 2
        elif c == "[":
            text, i = _set(source, i)
        elif c == "(" and source.startswith("(?:", i):
            text, i = "(?:", i + 3
        elif source.startswith("(?", i):
            raise _refuse(source, i, "must be a plain group; flags, look-around and named groups are not portable")
        elif c in ".^$]":
            raise _refuse(source, i, f"must be {{any}}, [^\\n], {{start}} or {{end}}, or be escaped as \\{c}")
        else:
            text, i = c, i + 1
        yield text, text, text


@lru_cache(maxsize=1024)
def parse(source: str) -> Pattern:
    r"""Check a pattern and write it out.

    >>> parse("{start}[a-z]+").re2
    '\\A[a-z]+'

    Raises:
        UsageError: The pattern is not portable, not well formed, or matches the empty string.
    """
    expanded, python, re2 = map("".join, zip(*_pieces(source), strict=True)) if source else ("", "", "")
    pattern = Pattern(source, expanded, python, re2)
    try:
        regex = pattern.regex
    except re.error as exc:
        raise UsageError(f"pattern {source!r}: {exc}") from exc
    if regex.search("") is not None:
        raise UsageError(f"pattern {source!r}: must not match the empty string")
    return pattern
