"""A process that builds components on a backend of its own: `python -m kerasseq.testing.worker`."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np

from kerasseq.processes import serve
from kerasseq.spec import Spec
from kerasseq.testing.faults import told

__all__ = ["work"]


def work(job: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Do a job and yield its `error`, if it has one."""
    said = {}
    try:
        sys.path[:] = job["path"]
        JOBS[job["job"]](_spec(job), Path(job["folder"]))
    except Exception as cause:
        said["error"] = told(cause)
    yield said


def _spec(job: dict[str, Any]) -> Spec:
    """The Spec again, from its class and its settings."""
    module, file = job["module"], job["file"]
    if file and module not in sys.modules:
        found = util.spec_from_file_location(module, file)
        if found is None or found.loader is None:
            raise ImportError(f"{file} cannot be imported")
        sys.modules[module] = loaded = util.module_from_spec(found)
        found.loader.exec_module(loaded)
    kind: Any = importlib.import_module(module)
    for name in job["class"].split("."):
        kind = getattr(kind, name)
    spec: Spec = kind.model_validate_json(job["settings"])
    return spec


def _network(spec: Spec, folder: Path) -> None:
    """`first.npz`: the weights as drawn; `answers.npz`: what the network says with the weights in `given.npz`."""
    from kerasseq.testing.network import answers, build
    from kerasseq.testing.values import values_for
    from kerasseq.testing.weight_checks import weights_of

    model = build(spec)
    np.savez(folder / "first.npz", *(value for _, value in weights_of(model)))
    with np.load(folder / "given.npz") as given:
        kept = [v for v in model.weights if "seed_generator" not in v.path]
        for variable, name in zip(kept, given.files, strict=True):
            variable.assign(given[name])
    said: dict[str, Any] = answers(model, values_for(spec, model))
    np.savez(folder / "answers.npz", **said)


def _tokenizer(spec: Any, folder: Path) -> None:
    """`vocabulary.json`: what is learned from `texts.json`."""
    texts = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    tokenizer = spec.build()
    tokenizer.train(texts)
    (folder / "vocabulary.json").write_text(json.dumps(tokenizer.vocabulary), encoding="utf-8")


JOBS: dict[str, Callable[[Any, Path], None]] = {"network": _network, "tokenizer": _tokenizer}

if __name__ == "__main__":
    serve(work)
