"""Which key of a jsonl file holds the tokens of a sentence and which the tags, judged by what stands in them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kerasseq.datasets.problems import shown
from kerasseq.datasets.token_guess import Settings, described, first_full_lines
from kerasseq.errors import UsageError
from kerasseq.registry.components import nearest

__all__ = ["keys_guess", "looks_like_lists"]

_TOKEN_KEYS = ("tokens", "words", "token", "word", "forms", "sentence")


def looks_like_lists(path: Path | str, encoding: str) -> bool:
    """Whether each object holds two lists of one length, or nothing but lists."""
    rows = _objects(first_full_lines(path, encoding)[:1000])
    keys = _keys_of_lists(rows)
    pairs = [(a, b) for a in keys for b in keys if a < b]
    alike = any(all(len(row[a]) == len(row[b]) for row in rows) for a, b in pairs)
    return bool(keys) and (alike or not any(isinstance(value, str) for value in rows[0].values()))


def _keys_of_lists(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [key for key in (rows[0] if rows else {}) if all(isinstance(row.get(key), list) for row in rows)]


def keys_guess(path: Path | str, encoding: str, token: str = "", tag: str = "") -> Settings:
    """Which key of a jsonl file holds the tokens, which the tags.

    Args:
        path: The file.
        encoding: Of the file.
        token: The key that is asked for; empty to judge.
        tag: Likewise.

    Raises:
        UsageError: Lists cannot be tokens and tags, or several may be the tags.
    """
    source = shown(path)
    rows = _objects(first_full_lines(path, encoding)[:1000])
    keys = _keys_of_lists(rows)
    for option, key in (("--text", token), ("--target", tag)):
        if key and key not in keys:
            raise UsageError(f'{option} must be a key of lists in {source}, got "{key}"{nearest(key, keys)}')
    texts = [key for key in keys if all(isinstance(item, str) for row in rows for item in row[key])]
    counts = {key: Counter(item for row in rows for item in row[key]) for key in texts}
    named = [key for key in _TOKEN_KEYS if key in counts]
    tokens = token or (named or sorted(counts, key=lambda key: -len(counts[key])) or [""])[0]
    if tokens not in counts:
        raise UsageError(f"{source}: must hold a list of tokens, texts each, got lists of numbers or of lists")
    like = [key for key in keys if key != tokens and all(len(row[key]) == len(row[tokens]) for row in rows)]
    tags = [tag] if tag else [key for key in like if key in counts]
    tags = ["tags"] if "tags" in tags else tags
    if not tags or tags[0] not in counts:
        said = f'"{(tags or like)[0]}" holds numbers: write the names' if tags or like else "no other list is as long"
        raise UsageError(f'{source}: must hold a list of tags beside "{tokens}", texts each; {said}')
    if len(tags) > 1:
        choices = "; ".join(f"--target {key}: {described(counts[key])}" for key in tags)
        raise UsageError(f"{source}: which list holds the tags cannot be told: {choices}")
    return {
        "token_key": (tokens, described(counts[tokens])),
        "tag_key": (tags[0], f"{described(counts[tags[0]])}; one for each token"),
    }


def _objects(lines: Iterable[str]) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = []
    for line in lines:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            rows.append(row)
    return rows
