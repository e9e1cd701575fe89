"""Names that tell models apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

__all__ = ["labels"]


def labels(models: Sequence[tuple[str, Path]]) -> list[str]:
    """The name of each model; of those that share one, with as much of the path as tells them apart.

    Args:
        models: Name and path of each; no path twice.

    >>> labels([("gru", Path("a/one.toml")), ("gru", Path("b/one.toml")), ("lstm", Path("c.toml"))])
    ['gru (a/one.toml)', 'gru (b/one.toml)', 'lstm']
    >>> labels([("gru", Path("a/one.toml")), ("gru", Path("b/two.toml"))])
    ['gru (one.toml)', 'gru (two.toml)']
    """
    names = [" ".join(name.split()) for name, _ in models]
    paths = [path.resolve().parts for _, path in models]
    told = []
    for name, own in zip(names, paths, strict=True):
        others = [path for other, path in zip(names, paths, strict=True) if other == name and path != own]
        depth = next(n for n in range(1, len(own) + 1) if all(path[-n:] != own[-n:] for path in others))
        told.append(f"{name} ({'/'.join(own[-depth:])})" if others else name)
    return told
