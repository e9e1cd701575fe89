"""One table of the TOML against its settings: everything that is wrong with it, and what is right all the same."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError

from kerasseq.config.messages import explain
from kerasseq.config.other_names import our_name
from kerasseq.registry.components import closest
from kerasseq.spec import Settings

__all__ = ["Section", "check"]

_DATES = (dt.date, dt.time)


@dataclass(frozen=True)
class Section:
    """What a table says.

    Attributes:
        settings: The settings. Where `whole` is False, those that are wrong are absent: reading one raises
            AttributeError, so that checks across sections judge what is known and nothing else.
        whole: Whether everything is valid.
        problems: `(key, message)`, keys relative to the section; empty for the section itself.
    """

    settings: Settings
    whole: bool
    problems: tuple[tuple[str, str], ...]


def check(section: type[Settings], table: Mapping[str, Any], folder: Path, outside: bool = True) -> Section:
    """Validate one table.

    Args:
        section: The class of its settings.
        table: As tomllib gives it.
        folder: Where relative paths start.
        outside: Look for the files and columns that the settings name, too.
    """
    text = json.dumps(table, default=_plain)
    try:
        settings = section.model_validate_json(text, context={"folder": folder})
    except ValidationError as error:
        problems = list(explain(error, section, table))
        settings, wrong = _partial(section, table, error, folder)
        if outside:
            problems += _outside(settings, {key for key in table if key not in wrong})
        for key in wrong:
            settings.__dict__.pop(key, None)
        return Section(settings, False, tuple(problems))
    dates = tuple(_dates(settings, table))
    return Section(settings, not dates, dates or (_problems(settings) if outside else ()))


def _problems(settings: Settings) -> tuple[tuple[str, str], ...]:
    """What is wrong with the files that settings name; one whose very name the system refuses is one of them."""
    try:
        return tuple(settings.problems())
    except (OSError, ValueError) as cause:  # too long, or with a null byte
        said = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
        named = [key for key in type(settings).model_fields if _refused(getattr(settings, key))]
        return tuple((key, f"must be a path that the system takes, got {said.lower()}") for key in named or [""])


def _refused(value: Any) -> bool:
    """Whether a setting holds a path that cannot even be asked for."""
    if isinstance(value, tuple):
        return any(map(_refused, value))
    if not isinstance(value, str | Path):
        return False
    try:
        Path(value).stat()
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True
    return False


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, _DATES) else str(value)


def _dates(settings: Settings, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A date that JSON turned into a text: TOML meant a date, the setting is no date."""
    for key, value in table.items():
        if isinstance(value, _DATES) and not isinstance(getattr(settings, key, None), _DATES):
            yield key, f'must be a text in quotes, got the date {_plain(value)}; write "{_plain(value)}"'


def _partial(
    section: type[Settings], table: Mapping[str, Any], error: ValidationError, folder: Path
) -> tuple[Settings, set[str]]:
    """Settings with defaults for the wrong ones, and the names of these.

    A misspelt key makes the one that was meant wrong too: what it should have said is not known.
    """
    fields = section.model_fields
    wrong = {str(finding["loc"][0]) for finding in error.errors() if finding["loc"]}
    wrong |= {our_name(key, fields) or closest(key, fields) for key in wrong - set(fields)} - set(table)
    values = {}
    for key, value in table.items():
        if key in fields and key not in wrong:
            field = fields[key]
            annotation: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
            adapter = TypeAdapter(annotation, config=_config(field.annotation))
            values[key] = adapter.validate_json(json.dumps(value, default=_plain), context={"folder": folder})
    return section.model_construct(**values), wrong


def _config(annotation: Any) -> ConfigDict | None:
    """The strictness of a section; a nested model brings its own, and pydantic refuses a second one."""
    nested = any(isinstance(part, type) and issubclass(part, Settings) for part in (annotation, *get_args(annotation)))
    return None if nested else ConfigDict(strict=True, allow_inf_nan=False)


def _outside(settings: Settings, right: set[str]) -> Iterator[tuple[str, str]]:
    """What a look outside finds wrong with the settings that are right; a default says nothing beside a mistake."""
    findings = settings.problems()
    while True:
        try:
            key, message = next(findings)
        except (StopIteration, AttributeError):  # a required setting is among the wrong ones
            return
        if key.split(".")[0].split("[")[0] in right:
            yield key, message
