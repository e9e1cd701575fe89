"""What a study is asked, kept beside it so that it goes on after it was killed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from kerasseq.plugin import RunError, UsageError, damage, write_json
from kerasseq_tune.space import Choice, Range, Space

__all__ = ["Budget", "Plan", "seconds_of", "size_of"]

FORMAT = 1

_SIZES = {"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_TIMES = {"s": 1.0, "ms": 1e-3, "us": 1e-6}


@dataclass(frozen=True)
class Budget:
    """What may be spent; 0 stands for no bound.

    Attributes:
        minutes: From the start of the command to its end, trial, seeds and test included.
        trials: Trials of the search, the config as written being the first.
        size: Bytes of model.onnx.
        latency: Seconds of one text by onnxruntime, one thread.
    """

    minutes: float = 0.0
    trials: int = 0
    size: int = 0
    latency: float = 0.0


@dataclass(frozen=True)
class Plan:
    """What a study is asked.

    Attributes:
        experiment: TOML of the config, every default filled in.
        backend: What computes.
        space: What is varied.
        budget: What may be spent.
        seed: Of the search; the experiment's.
        seeds: Trainings of each of the best configs, by whose mean the last choice is made.
        workers: Trials at a time.
        data: Digest of each side's rows, known once they were read.
    """

    experiment: str
    backend: str
    space: Space
    budget: Budget
    seed: int = 0
    seeds: int = 3
    workers: int = 1
    data: Mapping[str, str] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write it, whole or not at all."""
        dimensions = [asdict(each) for each in self.space.dimensions]
        told = {**asdict(replace(self, space=Space((), {}))), "format": FORMAT}
        write_json(path, told | {"space": {"dimensions": dimensions, "written": dict(self.space.written)}})

    @classmethod
    def load(cls, path: Path) -> Plan:
        """Read it.

        Raises:
            RunError: It is missing, damaged, or of a later version.
        """
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            if told.pop("format") != FORMAT:
                raise RunError(f"{path}: must be of format {FORMAT}, got a later one; install a newer kerasseq-tune")
            space = told.pop("space")
            dimensions = tuple(
                Choice(each["key"], tuple(each["values"])) if "values" in each else Range(**each)
                for each in space["dimensions"]
            )
            budget = Budget(**told.pop("budget"))
            return cls(**told, space=Space(dimensions, space["written"]), budget=budget)
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as cause:
            raise RunError(f"{path}: must be the plan of a study, got {damage(cause)}") from cause


def size_of(text: str) -> int:
    """Bytes.

    >>> size_of("5MB"), size_of("512 KiB")
    (5000000, 524288)

    Raises:
        UsageError: It is no size.
    """
    return int(_number("--size", text, _SIZES, "5MB"))


def seconds_of(text: str) -> float:
    """Seconds.

    >>> seconds_of("2ms")
    0.002

    Raises:
        UsageError: It is no time.
    """
    return _number("--latency", text, _TIMES, "2ms")


def _number(option: str, text: str, units: Mapping[str, float], example: str) -> float:
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*", text)
    unit = found[2].lower() if found else "?"
    if found is None or unit not in units or not float(found[1]):
        known = ", ".join(name for name in units if name)
        raise UsageError(f'{option}: must be a number above 0 and a unit, {known}, as in {example}, got "{text}"')
    return float(found[1]) * units[unit]
