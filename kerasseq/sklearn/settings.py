"""From the parameters of an estimator to an Experiment: what they say, then the config, then what suits the rows."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from kerasseq.backend.select import current
from kerasseq.config.experiment import Experiment
from kerasseq.config.look import Wanted, look
from kerasseq.config.new import new
from kerasseq.config.read import read_text
from kerasseq.config.syntax import parse, read_file
from kerasseq.config.written import quoted
from kerasseq.errors import ConfigError, PluginError, Problem
from kerasseq.registry.components import load
from kerasseq.sklearn.errors import InvalidInput, invalid
from kerasseq.sklearn.rows import Rows

__all__ = ["SETTINGS", "make_experiment"]

SETTINGS = {
    "encoder": "encoder.name",
    "units": "encoder.units",
    "layers": "encoder.layers",
    "bidirectional": "encoder.bidirectional",
    "embedding": "embedding.name",
    "dimension": "embedding.dimension",
    "pooler": "pooler.name",
    "dropout": "task.dropout",
    "tokenizer": "tokenizer.name",
    "max_length": "tokenizer.max_length",
    "epochs": "training.epochs",
    "batch_size": "training.batch_size",
    "learning_rate": "training.learning_rate",
    "validation": "split.validation",
}
"""Parameter -> the setting that it is."""

_COMPOSED = "config"
"""What a config is called that is no file."""


def make_experiment(rows: Rows, task: str, params: Mapping[str, Any]) -> Experiment:
    """Read, complete and check what an estimator shall train.

    Args:
        rows: To learn from.
        task: `classification` or `regression`.
        params: Those of the estimator.

    Raises:
        InvalidInput: With everything that is wrong with them.
    """
    text, source, folder = _text(rows, task, params)
    tables = parse(text, source) if text else {}
    if not isinstance(tables.get("task", {}), dict) or tables.get("task", {}).get("name", task) != task:
        raise InvalidInput(f'{source}: task.name: must be "{task}", got {tables["task"]!r:.60}')
    if isinstance(params["overrides"], str):
        raise InvalidInput(f'overrides: must be a list, got "{params["overrides"]}"; write ["{params["overrides"]}"]')
    overrides = [*_ours(rows, task, tables, params), *_given(params, source), *params["overrides"]]
    backend = params["backend"] or (current() if "keras" in sys.modules else "")
    try:
        return read_text(text, source, folder, overrides, backend, tables={"train": rows.table()})
    except ConfigError as error:
        raise invalid([_said(problem, source) for problem in error.problems]) from error


def _text(rows: Rows, task: str, params: Mapping[str, Any]) -> tuple[str, str, Path]:
    """The config as TOML, what messages call it, and where its paths start."""
    import tomli_w

    config = params["config"]
    if config is None:
        return _composed(rows, task, params), _COMPOSED, Path()
    if isinstance(config, Mapping):
        try:
            return tomli_w.dumps(config), _COMPOSED, Path()
        except (TypeError, ValueError) as cause:
            raise InvalidInput(f"config: must be tables as TOML has them, got {cause}") from cause
    if not isinstance(config, str | Path):
        raise InvalidInput(f"config: must be a TOML file or a dict, got {type(config).__name__}")
    try:
        return read_file(config), str(config), Path(config).resolve().parent
    except ConfigError as error:
        raise InvalidInput(str(error)) from error


def _composed(rows: Rows, task: str, params: Mapping[str, Any]) -> str:
    """What `kerasseq config new` writes for the rows; of another component than it chose, what suits both."""
    import tomli_w

    columns: dict[str, Sequence[str]] = dict(zip(("text", "text_2"), rows.texts, strict=False))
    columns["target"] = [str(value) for value in rows.targets.tolist()]
    wanted = Wanted("target", "text", "text_2" if len(rows.texts) > 1 else "", task=task)
    tables = parse(new(look(columns, wanted, "X"), wanted, {"train": "X"}, task, _COMPOSED), _COMPOSED)
    for kind in ("tokenizer", "embedding", "encoder", "pooler", "wide"):
        name = params[kind]
        if isinstance(name, str) and name != tables[kind]["name"]:
            try:
                known = load(kind, name)[1].model_fields
            except PluginError as error:
                raise InvalidInput(f"{kind}: {error}") from error
            tables[kind] = {key: value for key, value in tables[kind].items() if key in known}
    return tomli_w.dumps(tables)


def _ours(rows: Rows, task: str, tables: Mapping[str, Any], params: Mapping[str, Any]) -> Iterator[str]:
    """What follows from rows in memory of which scikit-learn keeps those that measure."""
    dataset = {"name": "table", "text": "text", "target": "target"}
    if len(rows.texts) > 1:
        dataset["text_2"] = "text_2"
    if rows.weights is not None:
        dataset["weight"] = "weight"
    yield f"dataset={{{', '.join(f'{key} = {quoted(value)}' for key, value in dataset.items())}}}"
    yield f"task.name={task}"
    if rows.labels:
        yield f"task.labels={quoted(rows.labels)}"
    yield "split.method=ratio"
    yield "split.test=0"
    asked = params["validation"]
    given = tables.get("split", {})
    share = given.get("validation", 0.1) if asked is None and isinstance(given, dict) else asked
    if isinstance(share, int | float) and 0 <= share < 1:
        size = round(len(rows) * share)
        if not size and asked is None:
            yield "split.validation=0"
        if rows.labels and not _stratifies(rows, size):
            yield "split.stratify=false"


def _stratifies(rows: Rows, size: int) -> bool:
    """Whether each class can be on both sides."""
    counts = Counter(rows.targets.tolist())
    return min(counts.values()) > 1 and len(counts) <= min(size, len(rows) - size)


def _given(params: Mapping[str, Any], source: str) -> Iterator[str]:
    """The parameters that say something."""
    for name, setting in SETTINGS.items():
        if params[name] is not None:
            yield f"{setting}={_toml(params[name], name)}"
    wide = params["wide"]
    if wide is False:
        yield "wide=[]"
    elif isinstance(wide, str):
        yield f"wide.name={_toml(wide, 'wide')}"
    elif wide is not None:
        raise InvalidInput(f"wide: must be the name of a linear model, False or None, got {wide!r}")
    seed = params["random_state"]
    if isinstance(seed, np.random.RandomState):
        seed = check_random_state(seed).randint(2**31)
    if seed is not None:
        yield f"seed={_toml(seed, 'random_state')}"
        yield f"split.seed={_toml(seed, 'random_state')}"


def _toml(value: Any, name: str) -> str:
    try:
        return quoted(value.item() if isinstance(value, np.generic) else value)
    except (TypeError, ValueError) as cause:
        raise InvalidInput(f"{name}: must be a value as TOML has them, got {value!r:.60}") from cause


def _said(problem: Problem, source: str) -> str:
    """A problem by the name of the parameter, and of a file with its line."""
    if problem.line and source != _COMPOSED:
        return problem.render(source)
    names = {setting: name for name, setting in SETTINGS.items()} | {"wide.name": "wide", "seed": "random_state"}
    message = re.sub(r" \(from --set\)$", "", problem.message).replace("--backend", "backend").replace("--set ", "")
    where = names.get(problem.key, problem.key)
    return f"{where}: {message}" if where else message
