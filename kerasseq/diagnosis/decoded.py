"""Texts that were decoded the wrong way before they were saved: `Ã©` for `é`, C1 characters for quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kerasseq.console import count
from kerasseq.diagnosis.facts import Facts
from kerasseq.diagnosis.findings import Finding

__all__ = ["check_decoded", "meant"]

_RUN = re.compile(r"[^\x00-\x7f]{2,}")
_C1 = re.compile(r"[\x80-\x9f]")
_ARABIC = re.compile(r"[\u0600-\u06ff]{2,}")


def _bytes_of(encoding: str) -> dict[int, int]:
    """Character -> the byte that it is in an encoding; a byte without a character is read as latin-1 reads it."""
    found = {byte: byte for byte in range(128, 256)}
    for byte in range(128, 256):
        character = bytes([byte]).decode(encoding, "ignore")
        if character:
            found[ord(character)] = byte
    return found


_LATIN, _WINDOWS_ARABIC = _bytes_of("cp1252"), _bytes_of("cp1256")


def meant(text: str) -> tuple[str, str] | None:
    """The first run of a text that is UTF-8 read in another encoding, and what it was; None where there is none.

    >>> meant("so naÃ¯ve"), meant("naïve, “so”")
    (('Ã¯', 'ï'), None)
    """
    for run in _RUN.findall(text):
        for table, arabic in ((_LATIN, False), (_WINDOWS_ARABIC, True)):
            if all(ord(c) in table for c in run):
                before = bytes(table[ord(c)] for c in run).decode("utf-8", "ignore")
                whole = len(before.encode()) == len(run)
                # Urdu words of two letters may look so too, so that Arabic must become Arabic
                if whole and (not arabic or _ARABIC.fullmatch(before)):
                    return run, before
    return None


def check_decoded(facts: Facts) -> Iterator[Finding]:
    """UTF-8 that was read as cp1252 or cp1256, and cp1252 that was read as latin-1."""
    wrong: list[int] = []
    controls: list[int] = []
    example = ("", "")
    for row, text in enumerate(facts.raw.each("\n")):
        if text.isascii():
            continue
        if found := meant(text):
            example = example if wrong else found
            wrong.append(row)
        elif _C1.search(text):
            controls.append(row)
    if wrong:
        seen, was = example
        what = f"UTF-8 that was read in another encoding, as {_few(seen)} for {_few(was)}"
        hint = "make the file anew from its source, or repair it, as ftfy does"
        message = f"{count(len(wrong), 'row')} with {what}; {hint}"
        yield Finding("warn", "decoded", message, {"rows": len(wrong)}, facts.places(wrong))
    if controls:
        rule = f"{count(len(controls), 'row')} with C1 characters, U+0080 to U+009F, which no text has"
        hint = 'cp1252 that was read as latin-1 has them for quotes; dataset.encoding = "cp1252" may be right'
        yield Finding("warn", "decoded", f"{rule}; {hint}", {"rows": len(controls)}, facts.places(controls))


def _few(characters: str) -> str:
    return f'"{characters[:8]}"'
