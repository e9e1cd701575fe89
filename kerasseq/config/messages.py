"""From pydantic's findings to ours: rule, got value; hint."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kerasseq.config.other_names import meant_key, our_name
from kerasseq.config.settings import SECTIONS
from kerasseq.registry.components import nearest

if TYPE_CHECKING:
    from pydantic import ValidationError

    from kerasseq.spec import Settings

__all__ = ["explain"]

_RULES = {
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
    "string_too_long": "must have at most {max_length} characters",
    "literal_error": "must be one of {expected}",
}


def explain(error: ValidationError, section: type[Settings], table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(key, message)` for each finding; the key is relative to the section, empty for the section itself.

    Args:
        error: From validating `table`.
        section: The class that it was validated against.
        table: As the TOML has it, for values that JSON cannot say: dates, NaN.
    """
    for finding in error.errors():
        location = finding["loc"]
        key = _path(location)
        given = _at(table, location, finding["input"])
        context = {k: f"{v:g}" if isinstance(v, float) else v for k, v in (finding.get("ctx") or {}).items()}
        kind = finding["type"]
        if kind == "extra_forbidden":
            yield key, f"unknown key{_home(str(location[-1]), section)}"
        elif kind == "missing":
            yield key, "is required"
        elif kind == "value_error":
            yield _subject(key, str(context.get("error", finding["msg"])), section)
        elif kind == "literal_error":
            choices = re.findall(r"'([^']*)'", context["expected"])
            rule = f"must be one of {', '.join(_show(c) for c in choices)}" if choices else finding["msg"].lower()
            close = nearest(given, choices) if isinstance(given, str) else ""
            yield key, f"{rule}, got {_show(given)}{close if 'did you mean' in close else ''}"
        elif context.get("min_length") == 1:
            yield key, "must not be empty"
        else:
            rule = _RULES.get(kind, finding["msg"][:1].lower() + finding["msg"][1:]).format_map(context)
            yield key, f"{rule}, got {_show(given)}"


def _subject(key: str, message: str, section: type[Settings]) -> tuple[str, str]:
    """A rule over a whole section belongs to the setting that it begins with: `range must be ...`."""
    word, _, rest = message.partition(" ")
    return (word, rest) if not key and word in section.model_fields and rest.startswith("must") else (key, message)


def _home(key: str, section: type[Settings]) -> str:
    """Where an unknown key was probably meant: by another's name or a similar one here, or in another section."""
    fields = sorted(set(section.model_fields) - {"name"})
    elsewhere = [f"{name}.{other}" for name, settings in SECTIONS.items() for other in settings.model_fields]
    here = {f"{name}.{other}" for name, settings in SECTIONS.items() if settings is section for other in fields}
    own = "name" if our_name(key, ["name"]) and "name" in section.model_fields else ""
    meant = own or meant_key(key, fields, [path for path in elsewhere if path not in here])
    return f'; did you mean "{meant}"?' if meant else nearest(key, fields)


def _at(table: Mapping[str, Any], location: tuple[int | str, ...], otherwise: Any) -> Any:
    """The value in the TOML at a location."""
    value: Any = table
    for part in location:
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return otherwise
    return value


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _show(value: Any) -> str:
    """The value as TOML would write it, short."""
    if isinstance(value, float):
        text = str(value)
    elif isinstance(value, dt.date | dt.time):
        text = value.isoformat()
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:77] + "..."
