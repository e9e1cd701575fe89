"""From pydantic's findings to ours: rule, got value; hint."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kerasseq.registry import nearest

if TYPE_CHECKING:
    from pydantic import ValidationError

    from kerasseq.spec import Settings

__all__ = ["explain"]

_RULES = {
    "missing": "is required",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "string_type": "must be a text in quotes",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be greater than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
    "string_too_short": "must have at least {min_length} characters",
    "literal_error": "must be one of {expected}",
}


def explain(error: ValidationError, section: type[Settings]) -> Iterator[tuple[str, str]]:
    """Yield `(key, message)` for each finding; the key is relative to the section, empty for the section itself."""
    for finding in error.errors():
        location = finding["loc"]
        key = _path(location)
        context: dict[str, Any] = finding.get("ctx") or {}
        kind = finding["type"]
        if kind == "extra_forbidden":
            yield key, f"unknown key{nearest(str(location[-1]), sorted(section.model_fields))}"
        elif kind == "missing":
            yield key, "is required"
        elif kind == "value_error":
            yield key, str(context.get("error", finding["msg"]))
        elif kind == "literal_error":
            choices = re.findall(r"'([^']*)'", context["expected"])
            rule = f"must be one of {', '.join(_show(c) for c in choices)}" if choices else finding["msg"].lower()
            given = finding["input"]
            close = nearest(given, choices) if isinstance(given, str) else ""
            yield key, f"{rule}, got {_show(given)}{close if 'did you mean' in close else ''}"
        else:
            rule = _RULES.get(kind, finding["msg"][:1].lower() + finding["msg"][1:]).format_map(context)
            yield key, f"{rule}, got {_show(finding['input'])}"


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _show(value: Any) -> str:
    """The value as TOML would write it, short."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
