"""Whether the components of an installed distribution can be used, told from its metadata alone."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import sys
from importlib import metadata
from pathlib import Path

from kerasseq.registry.canonical import canonicalize_name

__all__ = ["HINTS", "INFO", "OURS", "UNKNOWN", "allowed", "paths", "state_of"]

OURS = "kerasseq"
UNKNOWN = "?"
"""The distribution of an entry point that none has; no real one can be called so."""
INFO = ".dist-info"

HINTS = {
    "incompatible": "install another version of {distribution}, or of kerasseq",
    "disabled": "name {distribution} there, or unset it",
    "duplicate": "uninstall {distribution} until none is left, then install it again",
    "orphan": "install it again, or remove what is left of it",
    "damaged": "install {distribution} again",
}
"""What to do about a component that cannot be used, by its state."""


def allowed() -> tuple[str, ...] | None:
    """The distributions that KERASSEQ_PLUGINS names, as they are written there; None where it is not set."""
    said = os.environ.get("KERASSEQ_PLUGINS")
    return None if said is None else tuple(name.strip() for name in said.split(",") if name.strip())


def paths() -> tuple[tuple[str, int], ...]:
    """Where Python looks for distributions, with the time of the last change: what an answer is valid for."""
    return tuple((path, os.stat(path or ".").st_mtime_ns) for path in sys.path if os.path.exists(path or "."))


def state_of(distribution: str, target: str) -> tuple[str, str]:
    """State and reason of a component, see `Component`; never `"duplicate"` for a name that is.

    Args:
        distribution: As `canonicalize_name` gives it, or `UNKNOWN`.
        target: What the entry point names.
    """
    if distribution == OURS:
        return "ok", ""
    names = allowed()
    if names is not None and distribution not in {str(canonicalize_name(name)) for name in names}:
        return "disabled", f'KERASSEQ_PLUGINS="{os.environ["KERASSEQ_PLUGINS"]}" leaves it out'
    if distribution == UNKNOWN:
        return "orphan", f"its distribution has no metadata{_remains(target)}"
    twice = _twice(paths()).get(distribution)
    if twice:
        return "duplicate", twice
    unmet = _unmet(distribution)
    return ("incompatible", unmet) if unmet else ("ok", "")


@functools.lru_cache(maxsize=1)
def _twice(where: tuple[tuple[str, int], ...]) -> dict[str, str]:
    """Distributions of which one folder holds two versions, and which: what an update leaves that was cut off."""
    found = {}
    for folder in dict.fromkeys(path or "." for path, _ in where if os.path.isdir(path or ".")):
        versions: dict[str, list[str]] = {}
        with contextlib.suppress(OSError):  # a folder that may not be read holds nothing for importlib either
            for entry in os.listdir(folder):
                name, dash, version = entry.removesuffix(INFO).partition("-")
                if entry.endswith(INFO) and dash:
                    versions.setdefault(canonicalize_name(name), []).append(version)
        for name, several in versions.items():
            if len(several) > 1:
                found[name] = f"it is installed as {' and as '.join(sorted(several))} in {folder}"
    return found


def _remains(target: str) -> str:
    """The folder that registers `target` without metadata, for a message."""
    for path in sys.path:
        for info in Path(path).glob(f"*{INFO}"):
            entries = info / "entry_points.txt"
            if (
                not (info / "METADATA").is_file()
                and entries.is_file()
                and target in entries.read_text("utf-8", "replace")
            ):
                return f" in {info}"
    return ""


def _names_ours(requirement: str) -> bool:
    """Whether a line of Requires-Dist begins with our name.

    >>> _names_ours("Kerasseq[jax] >=0.1"), _names_ours("kerasseq-runtime>=0.1")
    (True, False)
    """
    name = re.match(r"\s*([A-Za-z0-9._-]+)", requirement)
    return name is not None and canonicalize_name(name[1]) == OURS


@functools.cache
def _unmet(distribution: str) -> str:
    """The requirement on kerasseq that the installed one does not meet, or nothing."""
    try:
        requires = [line for line in metadata.requires(distribution) or [] if _names_ours(line)]
        here = metadata.version(OURS)
    except metadata.PackageNotFoundError:
        return ""
    if not requires:
        return ""
    from packaging.requirements import InvalidRequirement, Requirement

    for line in requires:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        if canonicalize_name(requirement.name) != OURS or (
            requirement.marker and not requirement.marker.evaluate({"extra": ""})
        ):
            continue
        if not requirement.specifier.contains(here, prereleases=True):
            return f"needs kerasseq{requirement.specifier}, installed is {here}"
    return ""
