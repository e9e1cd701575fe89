"""jsonl with a sentence a line: a list of tokens and a list of as many tags."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from kerasseq.datasets.problems import RowProblem
from kerasseq.datasets.token_layout import Lines, Sentence, TokenLayout

__all__ = ["list_sentences"]


def list_sentences(lines: Lines, layout: TokenLayout) -> Iterator[Sentence]:
    """The sentences of a file; blank lines are passed over."""
    keys = (layout.token_key, layout.tag_key) if layout.tagged else (layout.token_key, layout.token_key)
    for number, line in lines:
        if not line.strip():
            continue
        row, problem = _object(line, number)
        if problem is not None:
            yield Sentence([], [], number, [problem])
            continue
        problems = [RowProblem(number, key, fault) for key in dict.fromkeys(keys) if (fault := _fault(row.get(key)))]
        tokens, tags = ([], []) if problems else (row[key] for key in keys)
        if len(tokens) != len(tags):
            message = f"must hold a tag for each of {len(tokens)} tokens, got {len(tags)}"
            problems.append(RowProblem(number, layout.tag_key, message))
        if len(tokens) > layout.longest:
            message = (
                f"must hold at most {layout.longest:,} tokens, got {len(tokens):,}; cut the text, or raise longest"
            )
            problems.append(RowProblem(number, layout.token_key, message))
        yield Sentence(tokens, tags, number, problems)


def _object(line: str, number: int) -> tuple[dict[str, Any], RowProblem | None]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as cause:
        return {}, RowProblem(number, f"character {cause.colno}", f"must be JSON: {cause.msg.lower()}")
    except (ValueError, RecursionError) as cause:
        return {}, RowProblem(number, "character 1", f"must be JSON: {cause}")
    if not isinstance(row, dict):
        return {}, RowProblem(number, "character 1", f"must be an object, got {_kind(row)}")
    return row, None


def _fault(value: Any) -> str:
    """What is wrong with a list of tokens or tags by itself."""
    if not isinstance(value, list) or not value:
        return f"must be a list of texts, got {'an empty one' if value == [] else _kind(value)}"
    for place, item in enumerate(value, 1):
        if not isinstance(item, str):
            hint = "; write the names, not their numbers" if isinstance(item, int) else ""
            return f"must be a list of texts, got {_kind(item)} at place {place}{hint}"
        if not item.strip():
            return f"must hold no empty text, got one at place {place}"
        if not item.isascii() and any("\ud800" <= c <= "\udfff" for c in item):
            return f"must hold whole characters, got half of a surrogate pair at place {place}"
    return ""


def _kind(value: Any) -> str:
    return {dict: "an object", list: "a list", str: "a text", type(None): "nothing"}.get(type(value), "a number")
