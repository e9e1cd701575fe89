"""What is varied: ranges and choices of keys, those of `[tune]` or, without it, what suits the experiment."""

from __future__ import annotations

import logging
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from kerasseq.config.read import read_text
from kerasseq.plugin import ConfigError, Experiment, KerasseqError, Problem
from kerasseq.registry.components import load

__all__ = ["Choice", "Dimension", "Range", "Space", "changed", "overrides", "shown", "space_of"]

log = logging.getLogger("kerasseq")


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both among them.

    Attributes:
        key: `"encoder.units"`.
        low: The least.
        high: The most.
        log: Drawn evenly on a logarithmic scale.
        step: Numbers are multiples of it; 0 for any.
        whole: Whether they are whole.
    """

    key: str
    low: float
    high: float
    log: bool = False
    step: float = 0.0
    whole: bool = False

    @property
    def ends(self) -> tuple[Any, ...]:
        """What is checked before anything is trained."""
        return self.rounded(self.low), self.rounded(self.high)

    def rounded(self, value: float) -> float | int:
        """The number of this range that is closest to a drawn one."""
        if self.step:
            value = min(max(round(value / self.step) * self.step, self.low), self.high)
        return round(value) if self.whole else float(f"{value:.6g}")

    def draw(self, trial: Any) -> float | int:
        """Have an Optuna trial draw one."""
        if self.whole and not self.step:
            return int(trial.suggest_int(self.key, int(self.low), int(self.high), log=self.log))
        return self.rounded(trial.suggest_float(self.key, self.low, self.high, log=self.log))

    def holding(self, value: Any) -> Range | None:
        """The range, wide enough for the value of the config; None where that is no number of its kind."""
        if isinstance(value, bool) or not isinstance(value, int | float) or (self.log and value <= 0):
            return None
        return replace(self, low=min(self.low, value), high=max(self.high, value))


@dataclass(frozen=True)
class Choice:
    """One of several values.

    Attributes:
        key: `"encoder.name"`.
        values: TOML values, at least two.
    """

    key: str
    values: tuple[Any, ...]

    @property
    def ends(self) -> tuple[Any, ...]:
        """What is checked before anything is trained."""
        return self.values

    def draw(self, trial: Any) -> Any:
        """Have an Optuna trial choose one."""
        return trial.suggest_categorical(self.key, list(self.values))

    def holding(self, value: Any) -> Choice:
        """The choice, with the value of the config among them."""
        return self if value in self.values else replace(self, values=(value, *self.values))


Dimension: TypeAlias = Range | Choice

DEFAULT: tuple[Dimension, ...] = (
    Choice("encoder.name", ("gru", "lstm")),
    Range("encoder.units", 32, 512, log=True, step=16, whole=True),
    Range("encoder.layers", 1, 3, whole=True),
    Choice("encoder.bidirectional", (True, False)),
    Range("encoder.dropout", 0.0, 0.5, step=0.05),
    Range("embedding.dimension", 32, 320, log=True, step=16, whole=True),
    Range("embedding.dropout", 0.0, 0.5, step=0.05),
    Range("embedding.word_dropout", 0.0, 0.3, step=0.05),
    Choice("pooler.name", ("mean", "max", "attention")),
    Range("decoder.units", 64, 512, log=True, step=16, whole=True),
    Range("decoder.dropout", 0.0, 0.5, step=0.05),
    Range("task.dropout", 0.0, 0.5, step=0.05),
    Range("training.learning_rate", 1e-4, 1e-2, log=True),
    Choice("training.batch_size", (16, 32, 64)),
)
"""What is varied where no `[tune]` says otherwise, as far as the experiment has such keys: the lectures' grid of units,
layers, directions, dropout, rate and batch, and the pooler and the vectors."""

NAMES = {"encoder.name": ("gru", "lstm", "simple_rnn"), "pooler.name": ("mean", "max", "attention", "last")}
"""Names from which the default space goes to others: what is unusual, somebody has chosen."""


@dataclass(frozen=True)
class Space:
    """Keys that are varied, and what the config says of them.

    Attributes:
        dimensions: Of each key.
        written: Key to the value of the config.
    """

    dimensions: tuple[Dimension, ...]
    written: Mapping[str, Any]

    def draw(self, trial: Any) -> dict[str, Any]:
        """A value of each key, as an Optuna trial has them; those of the config to the last digit."""
        drawn = {each.key: each.draw(trial) for each in self.dimensions}
        return dict(self.written) if trial.params == dict(self.written) else drawn


def changed(experiment: Experiment, values: Mapping[str, Any], seed: int | None = None) -> Experiment:
    """The experiment with other values.

    Where a name chooses another component, it keeps the settings that it knows of those before it.

    Args:
        experiment: As the config has it.
        values: By key.
        seed: Of weights and batches; None for the experiment's.

    Raises:
        ConfigError: They do not fit each other.
    """
    import tomli_w

    tables = tomllib.loads(experiment.to_toml())
    for key, value in values.items():
        section, dot, last = key.rpartition(".")
        if last == "name" and dot and section in tables and isinstance(value, str):
            known = load(section, value)[1].model_fields
            names = {*known, *(field.alias for field in known.values())}
            tables[section] = {name: kept for name, kept in tables[section].items() if name in names}
    settings = overrides(values if seed is None else {**values, "seed": seed})
    return read_text(tomli_w.dumps(tables), "trial", overrides=settings, backend=experiment.backend)


def overrides(values: Mapping[str, Any]) -> list[str]:
    """Values as `--set` takes them.

    >>> overrides({"encoder.name": "gru", "encoder.bidirectional": True, "encoder.units": 64})
    ['encoder.name="gru"', 'encoder.bidirectional=true', 'encoder.units=64']
    """
    return [f"{key}={toml_of(value)}" for key, value in values.items()]


def space_of(experiment: Experiment, text: str, source: str) -> Space:
    """The keys that `[tune]` names, or those that suit the experiment.

    Args:
        experiment: As the config has it.
        text: The config, which may hold `[tune]`.
        source: Names it in messages.

    Raises:
        ConfigError: With everything that is wrong with `[tune]`: a key that the experiment does not have, a range
            upside down, a value that the key does not take.
    """
    said = tomllib.loads(text).get("tune")
    if said is None:
        return _checked(experiment, list(_default(experiment)), source, asked=False)
    problems: list[Problem] = []
    found = []
    if not isinstance(said, Mapping) or not said:
        problems.append(_problem("", f"must be a section [tune] of keys and what they may be, got {said!r}"))
    else:
        for key, value in _flat(said):
            try:
                found.append(_dimension(key, value, _written(experiment, key)))
            except ValueError as cause:
                problems.append(_problem(key, str(cause)))
    if problems:
        raise ConfigError(problems, source)
    return _checked(experiment, found, source, asked=True)


def _checked(experiment: Experiment, found: Sequence[Dimension], source: str, asked: bool) -> Space:
    """Every end of every range, one after another, as an experiment; a default one that is refused is left out."""
    kept: list[Dimension] = []
    problems: list[Problem] = []
    for each in found:
        wrong: dict[str, None] = {}
        for value in each.ends:
            try:
                changed(experiment, {each.key: value})
            except ConfigError as error:
                wrong |= dict.fromkeys(f"{toml_of(value)}: {one.message}" for one in error.problems)
            except KerasseqError as error:
                wrong[f"{toml_of(value)}: {error}"] = None
        if not wrong:
            kept.append(each)
        elif asked:
            problems += [_problem(each.key, said) for said in wrong]
        else:
            log.debug("tune: %s stays as it is: %s", each.key, "; ".join(wrong))
    if problems:
        raise ConfigError(problems, source)
    if not kept:
        raise ConfigError([_problem("", "must have a key that can be varied, the experiment has none")], source)
    written = {each.key: _written(experiment, each.key) for each in kept}
    return Space(tuple(kept), written)


def _default(experiment: Experiment) -> Iterator[Dimension]:
    """The default dimensions that the experiment has, wide enough for what it says."""
    for each in DEFAULT:
        value = _written(experiment, each.key)
        if value is None or (each.key.endswith(".name") and value not in NAMES[each.key]):
            continue
        found = each.holding(value)
        if found is not None:
            yield found


def _dimension(key: str, value: Any, written: Any) -> Dimension:
    """What `[tune]` says of a key.

    Raises:
        ValueError: It is neither a range nor a choice, or one that holds nothing.
    """
    if written is None:
        raise ValueError("must be a key of this experiment, got none of that name; kerasseq config fill writes them")
    if isinstance(value, list):
        if len(value) < 2 or len({toml_of(one) for one in value}) < len(value):
            raise ValueError(f"must have two values or more, each once, got {value!r}")
        return Choice(key, tuple(value)).holding(written)
    allowed = {"low", "high", "log", "step"}
    if not isinstance(value, Mapping) or not {"low", "high"} <= value.keys() <= allowed:
        raise ValueError(f"must be a list of values, or {{ low, high, log, step }}, got {value!r}")
    ends = [value["low"], value["high"], value.get("step", 0)]
    if any(isinstance(end, bool) or not isinstance(end, int | float) or not math.isfinite(end) for end in ends):
        raise ValueError(f"must have numbers for low, high and step, got {value!r}")
    if not isinstance(value.get("log", False), bool):
        raise ValueError(f"log must be true or false, got {value['log']!r}")
    low, high, step = ends
    if low >= high:
        raise ValueError(f"low must be below high, got {low} and {high}")
    if step < 0 or step > high - low:
        raise ValueError(f"step must be above 0 and at most {high - low:g}, got {step}")
    if value.get("log") and low <= 0:
        raise ValueError(f"low must be above 0 on a logarithmic scale, got {low}")
    whole = all(isinstance(end, int) for end in ends) and isinstance(written, int)
    found = Range(key, low, high, bool(value.get("log")), step, whole).holding(written)
    if found is None:
        raise ValueError(f"a range is of numbers, and this key has {written!r}; give a list of values")
    return found


def _flat(tables: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Keys and what is said of them, whether written `"encoder.units"` or as tables in tables."""
    for key, value in tables.items():
        whole = f"{above}{key}"
        if isinstance(value, Mapping) and "low" not in value and "high" not in value and value:
            yield from _flat(value, f"{whole}.")
        else:
            yield whole, value


def _written(experiment: Experiment, key: str) -> Any:
    """The value of a key, with the bare name of a component; None where there is none."""
    node: Any = experiment.to_dict()
    for part in key.split("."):
        if isinstance(node, list):
            node = node[int(part)] if part.isdigit() and int(part) < len(node) else None
        else:
            node = node.get(part) if isinstance(node, Mapping) else None
    return node.rpartition("/")[2] if key.endswith("name") and isinstance(node, str) else node


def shown(value: Any) -> str:
    """A value for a person: as TOML has it, a text without quotes."""
    return value if isinstance(value, str) else toml_of(value)


def toml_of(value: Any) -> str:
    """A value as TOML writes it."""
    import tomli_w

    return tomli_w.dumps({"value": value}).partition("=")[2].strip()


def _problem(key: str, message: str) -> Problem:
    return Problem(f"tune.{key}".rstrip("."), message)
