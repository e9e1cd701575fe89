"""What installed distributions declare in entry_points.txt, line by line: one damaged file harms no other distribution.

`importlib.metadata.entry_points` reads all files in one go, and one that is cut off or no UTF-8 ends it for everyone
who asks, as other libraries do when they are imported. Then `culprits` names the file. pydantic and torch can be told
by variables not to ask; triton and jax, which ask too, cannot, so that a run would end all the same.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from kerasseq.registry.canonical import canonicalize_name
from kerasseq.registry.compatibility import INFO, UNKNOWN

__all__ = ["Declared", "culprits", "declared"]

FILE = "entry_points.txt"
GROUP = "kerasseq."
UNREADABLE = "is no UTF-8"
REFUSED = (TypeError, ValueError)
"""What Python raises at a line without =, and at bytes that are no UTF-8."""


class Declared(NamedTuple):
    """A line of an entry_points.txt.

    Attributes:
        group: `"kerasseq.poolers"`.
        name: Of the component; `UNKNOWN` where the file ends before it.
        target: `"package.module:Class"`, `UNKNOWN` where it is lost.
        distribution: As `canonicalize_name` gives it, or `UNKNOWN`.
        version: Of the distribution.
        damage: What is wrong with the file, empty for a whole one.
    """

    group: str
    name: str
    target: str
    distribution: str
    version: str
    damage: str


def declared(groups: Sequence[str]) -> Iterator[Declared]:
    """Yield what stands in `groups`, of the first installed copy of each distribution; imports nothing."""
    seen = set()
    for dist in metadata.distributions():
        text, damage = _read(dist)
        if GROUP not in text:
            continue
        distribution, version = _origin(dist)
        if distribution in seen:
            continue
        seen |= {distribution} - {UNKNOWN}
        rows, cut = _lines(text, groups)
        damage = damage or cut
        said = f"its {FILE} {damage}" if damage else ""
        for group, name, target in rows:
            yield Declared(group, name, target, distribution, version, said)


def culprits(error: BaseException) -> str:
    """The files at which Python stumbled when a library asked for entry points, as pydantic, torch and jax do.

    Args:
        error: What came of it, or what was raised from that.

    Returns:
        A line for each file, with what to do; empty where `error` has another cause.
    """
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        seen.append(cause)
        cause = cause.__cause__ or cause.__context__
    refused = (each for each in seen if isinstance(each, REFUSED))
    frames = (frame for each in refused for frame, _ in traceback.walk_tb(each.__traceback__))
    if not any(frame.f_globals.get("__name__") == metadata.__name__ for frame in frames):
        return ""
    return "\n".join(_damaged())


def _damaged() -> Iterator[str]:
    """A line for each distribution whose entry points Python cannot read."""
    for dist in metadata.distributions():
        try:
            _ = dist.entry_points
        except REFUSED as cause:
            (distribution, version), (text, damage) = _origin(dist), _read(dist)
            damage = damage or _lines(text, ())[1] or str(cause)
            info = next((each for each in _infos(dist) if (each / FILE).is_file()), Path(str(dist.locate_file(""))))
            yield (
                f"{info / FILE}: must be what {distribution} {version} was installed with, got a file that {damage}; "
                f"pip install --force-reinstall {distribution}, or remove {info}"
            )


def _read(dist: metadata.Distribution) -> tuple[str, str]:
    """The text, and whether it had to be guessed."""
    try:
        return dist.read_text(FILE) or "", ""
    except UnicodeDecodeError:
        found = (_text(info / FILE) for info in _infos(dist))
        return next((text for text in found if "\ufffd" in text), ""), UNREADABLE
    except OSError:  # a damaged disk, an archive that is cut off
        return "", "cannot be read"


def _infos(dist: metadata.Distribution) -> Iterator[Path]:
    """The folders of metadata beside the distribution's files that may be its own."""
    name = _origin(dist)[0]
    for info in Path(str(dist.locate_file(""))).glob(f"*{INFO}"):
        if name in (UNKNOWN, canonicalize_name(info.name.removesuffix(INFO).partition("-")[0])):
            yield info


def _text(file: Path) -> str:
    return file.read_bytes().decode("utf-8", "replace") if file.is_file() else ""


def _origin(dist: metadata.Distribution) -> tuple[str, str]:
    """Distribution and version; `UNKNOWN` where its metadata is missing or damaged."""
    try:
        name, version = dist.name, dist.version
    except Exception:  # whatever a damaged METADATA raises, it must not harm the components of others
        name, version = "", ""
    return canonicalize_name(name) if name else UNKNOWN, version or UNKNOWN


def _lines(text: str, groups: Sequence[str]) -> tuple[list[tuple[str, str, str]], str]:
    """Group, name and target of each line in `groups`, and where the text is damaged first."""
    rows, group, damage = [], "", ""
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            group = line.strip("[]")
            if line.endswith("]"):
                continue
            name = target = UNKNOWN
            group = next((each for each in groups if each.startswith(group)), group)
        else:
            name, target = (part.strip() or UNKNOWN for part in line.partition("=")[::2])
        if UNKNOWN in (name, target):
            damage = damage or f"is damaged in line {number}"
        if group in groups:
            rows.append((group, name, target))
    return rows, damage
