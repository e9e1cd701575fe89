"""From a TOML to an Experiment: every problem in one pass, each with its line; nothing heavy is imported."""

from __future__ import annotations

import importlib.util
import json
import os
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kerasseq.config.conflicts import conflicts
from kerasseq.config.experiment import BACKENDS, COMPONENTS, SETTINGS, Experiment, General
from kerasseq.config.messages import explain
from kerasseq.config.positions import Position, positions
from kerasseq.errors import ConfigError, PluginError, Problem
from kerasseq.registry import Component, load, nearest
from kerasseq.spec import Settings, TaskSpec

__all__ = ["read_experiment", "read_text"]

DEFAULTS = {"tokenizer": "word", "embedding": "learned", "encoder": "lstm", "pooler": "mean"}
"""What a task that needs a section gets when the file has none; `config fill` writes it out."""


def read_experiment(
    path: Path | str, overrides: Sequence[str] = (), backend: str = "", finished: bool = False
) -> Experiment:
    """Read, complete and check an experiment.

    Args:
        path: A TOML file.
        overrides: `"training.epochs=3"`, each a key path and a TOML value; a bare word is a text.
        backend: Weighs more than everything in the file and the environment.
        finished: The experiment of a finished run: do not look for the data, which may be gone.

    Raises:
        ConfigError: With every problem that the file has.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        reason = cause.strerror if isinstance(cause, OSError) else f"must be UTF-8: {cause}"
        raise ConfigError([Problem("", f"cannot be read: {reason}")], str(path)) from cause
    return read_text(text, str(path), file.resolve().parent, overrides, backend, finished)


def read_text(
    text: str,
    source: str,
    folder: Path | str = ".",
    overrides: Sequence[str] = (),
    backend: str = "",
    finished: bool = False,
) -> Experiment:
    """As `read_experiment`, from text; `source` names it in messages, relative paths start at `folder`."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise ConfigError([_syntax(cause)], source) from cause
    reader = _Reader(positions(text), Path(folder), finished)
    reader.override(tables, overrides)
    experiment = reader.experiment(tables, backend)
    if reader.problems or experiment is None:
        raise ConfigError(reader.problems, source)
    return experiment


def _syntax(cause: tomllib.TOMLDecodeError) -> Problem:
    import re

    where = re.search(r" \(at line (\d+), column (\d+)\)", str(cause))
    message = str(cause).split(" (at ")[0]
    line, column = (int(where[1]), int(where[2])) if where else (0, 0)
    return Problem("", f"must be TOML: {message[:1].lower()}{message[1:]}", line, column)


class _Reader:
    """Collects problems while it turns tables into sections."""

    def __init__(self, places: dict[str, Position], folder: Path, finished: bool) -> None:
        self.finished = finished
        self.places = places
        self.folder = folder
        self.problems: list[Problem] = []
        self.components: dict[str, Component] = {}
        self.overridden: set[str] = set()

    def problem(self, key: str, message: str) -> None:
        """Note a problem at the nearest place that the file has for `key`."""
        line, column, path = 0, 0, key
        while path and not line:
            line, column = self.places.get(path, (0, 0))
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        if any(key == o or key.startswith((o + ".", o + "[")) for o in self.overridden):
            line, column, message = 0, 0, f"{message} (from --set)"
        self.problems.append(Problem(key, message, line, column))

    def override(self, tables: dict[str, Any], overrides: Sequence[str]) -> None:
        """Apply `--set key=value`; an index addresses one of several tables: `preprocessor.0.name=html`."""
        for override in overrides:
            key, equals, value = override.partition("=")
            parts = key.strip().split(".")
            if not equals or not all(parts):
                self.problem("", f'--set must be KEY=VALUE, got "{override}"')
                continue
            node: Any = tables
            try:
                for part in parts[:-1]:
                    node = node[int(part)] if isinstance(node, list) else node.setdefault(part, {})
                last: Any = int(parts[-1]) if isinstance(node, list) else parts[-1]
                node[last] = _value(value.strip())
            except (ValueError, IndexError, TypeError, AttributeError):
                self.problem("", f'--set "{override}": there is no table {".".join(parts[:-1])} to set it in')
                continue
            self.overridden.add(_path(parts))

    def experiment(self, tables: dict[str, Any], backend: str) -> Experiment | None:
        general = self._general(tables, backend)
        for key in tables:
            known = [*General.model_fields, *COMPONENTS, *SETTINGS]
            if key not in known:
                self.problem(
                    key, f"unknown {'section' if isinstance(tables[key], dict | list) else 'key'}{nearest(key, known)}"
                )
        parts: dict[str, Any] = {name: self._settings(tables, name) for name in SETTINGS}
        task = parts["task"] = self._component("task", tables.get("task"), required=True)
        needs = task.needs if isinstance(task, TaskSpec) else frozenset()
        forbids = task.forbids if isinstance(task, TaskSpec) else frozenset()
        for section in COMPONENTS:
            table = tables.get(section)
            if section == "task":
                continue
            if section in forbids and table:
                self.problem(section, f'the task "{task.name}" forbids this section; remove it')
            elif section == "preprocessor":
                parts[section] = self._preprocessors(table)
            elif table is None and section in DEFAULTS:
                parts[section] = self._component(section, {"name": DEFAULTS[section]}) if section in needs else None
            else:
                parts[section] = self._component(section, table, required=True)
        self._allowed(parts["plugins"])
        if self.problems:
            complete = {k: v for k, v in parts.items() if v is not None}
        else:
            complete = parts
        for key, message in conflicts(complete):
            self.problem(key, message)
        if self.problems or general is None:
            return None
        return Experiment(general=general, components=self.components, **parts)

    def _general(self, tables: dict[str, Any], backend: str) -> General | None:
        given = {key: value for key, value in tables.items() if key in General.model_fields}
        for source, value in (
            ("--backend", backend),
            ("KERASSEQ_BACKEND", os.environ.get("KERASSEQ_BACKEND", "")),
            ("backend", given.get("backend", "")),
            ("KERAS_BACKEND", os.environ.get("KERAS_BACKEND", "")),
        ):
            if not value:
                continue
            if source != "backend":
                if value not in BACKENDS:
                    self.problem("", f'{source} must be one of {", ".join(BACKENDS)}, got "{value}"')
                    given.pop("backend", None)
                else:
                    given["backend"] = value
            break
        general = self._validate("", General, given)
        if isinstance(general, General):
            if importlib.util.find_spec(general.backend) is None:
                extra = f"; pip install 'kerasseq[{general.backend}]'" if general.backend != "torch" else ""
                self.problem("backend", f'"{general.backend}" is not installed{extra}')
            return general
        return None

    def _settings(self, tables: dict[str, Any], name: str) -> Any:
        return self._validate(name, SETTINGS[name], tables.get(name, {}))

    def _preprocessors(self, table: Any) -> tuple[Any, ...]:
        if table is None:
            return ()
        if not isinstance(table, list):
            self.problem("preprocessor", "must be written [[preprocessor]], one table for each step")
            return ()
        rows = [
            self._component("preprocessor", row, f"preprocessor[{i}]", required=True) for i, row in enumerate(table)
        ]
        return tuple(row for row in rows if row is not None)

    def _component(self, kind: str, table: Any, key: str = "", required: bool = False) -> Any:
        key = key or kind
        if not isinstance(table, dict):
            if required:
                self.problem(
                    key, f"is required: a section [{kind}] with a name" if table is None else "must be a table"
                )
            return None
        name = table.get("name")
        if not isinstance(name, str):
            self.problem(f"{key}.name" if name is not None else key, f"name is required: which {kind}")
            return None
        try:
            component, spec = load(kind, name)
        except PluginError as error:
            self.problem(f"{key}.name", str(error))
            return None
        self.components[key] = component
        return self._validate(key, spec, table)

    def _validate(self, key: str, section: type[Settings], table: Any) -> Any:
        if not isinstance(table, dict):
            self.problem(key, "must be a table")
            return None
        prefix = f"{key}." if key else ""
        try:
            made = section.model_validate_json(json.dumps(table, default=str), context={"folder": self.folder})
        except ValidationError as error:
            for inner, message in explain(error, section):
                self.problem(f"{prefix}{inner}" if inner else key, message)
            return None
        for inner, message in () if self.finished else made.problems():
            self.problem(f"{prefix}{inner}" if inner else key, message)
        return made

    def _allowed(self, plugins: Any) -> None:
        if plugins is None or "*" in plugins.allow:
            return
        for key, component in self.components.items():
            if component.distribution not in ("kerasseq", *plugins.allow):
                self.problem(f"{key}.name", f'"{component.qualified}" is not in plugins.allow')


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _path(parts: Sequence[str]) -> str:
    path = ""
    for part in parts:
        path += f"[{part}]" if part.isdigit() and path else f".{part}" if path else part
    return path
