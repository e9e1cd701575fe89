"""Where the files are that an experiment names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kerasseq.config.experiment import COMPONENTS, LISTS, Experiment
from kerasseq.spec import Spec, parts_of, places_of

__all__ = ["places", "places_of_tokens"]


def places(experiment: Experiment) -> dict[str, Any]:
    """Key -> path, or paths, of each setting of a component that says where files are, set or empty.

    `{"dataset.train": "/data/rows.csv", "dataset.test": "", "embedding.parts[0].path": "/data/vectors.txt"}`
    """
    return dict(_places(experiment))


def places_of_tokens(experiment: Experiment) -> dict[str, Any]:
    """Those of them that tokens and vectors come from."""
    return {key: path for key, path in _places(experiment) if key.split(".")[0] in ("tokenizer", "embedding")}


def _places(experiment: Experiment) -> Iterator[tuple[str, Any]]:
    for kind in COMPONENTS:
        part = getattr(experiment, kind)
        if kind in LISTS:
            for number, each in enumerate(part):
                yield from _of(f"{kind}[{number}]", each)
        elif part is not None:
            yield from _of(kind, part)


def _of(key: str, part: Spec) -> Iterator[tuple[str, Any]]:
    yield from ((f"{key}.{name}", getattr(part, name)) for name in places_of(type(part)))
    for name in parts_of(type(part)):
        for number, inner in enumerate(getattr(part, name)):
            yield from _of(f"{key}.{name}[{number}]", inner)
