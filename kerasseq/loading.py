"""Open a run directory again."""

from __future__ import annotations

import importlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

import kerasseq.layers
from kerasseq.arrays.keras_config import check_config
from kerasseq.arrays.keras_file import check_keras_file
from kerasseq.config.experiment import BACKENDS, Experiment
from kerasseq.config.finished import read_run
from kerasseq.errors import RunError
from kerasseq.files import guarded
from kerasseq.layers.masked import silent
from kerasseq.run_directory import RunDirectory
from kerasseq.trained import TrainedModel
from kerasseq.training.origin import check_format, check_origin

if TYPE_CHECKING:
    from kerasseq.tasks.task import Task

__all__ = ["load"]

LAYERS = kerasseq.layers.__all__
"""Importing them registers them, so that Keras opens models that hold one."""

SAID = 500
"""Characters of what Keras says of a model that it refuses."""


def load(path: Path | str) -> TrainedModel:
    """Open a run directory.

    Args:
        path: `runs/bilstm/0003`, or `runs/bilstm` for its newest run.

    Raises:
        RunError: The run is missing, unfinished or damaged, or a file in it is of another run.
        PluginError: A distribution that it was made with is missing or too old; says what to install.
        ConfigError: Its experiment.toml has a problem.
    """
    run = RunDirectory.open(path)
    backend = keras.backend.backend()
    if backend not in BACKENDS:  # one that nothing is trained on; the experiment takes it for the default
        backend = BACKENDS[0]
    experiment = read_run(run, backend)
    needed = (run.task, run.model) if experiment.tokenizer is None else (run.tokenizer, run.task, run.model)
    missing = [p.name for p in needed if not p.exists()]
    if missing:
        raise RunError(f"{run.path}: must hold {' and '.join(missing)}; {_again(run)}")
    with guarded(run.task, "what training wrote"):
        task = experiment.task.restore(experiment, run.path)
    with guarded(run.model, "a model that Keras can open"):
        check_format(run.model)
        largest, kept = check_keras_file(run.model)
        config = _config(run.model)
    _import_layers(run.model, config, experiment)
    with guarded(run.model, "a model that Keras can open"):
        if fault := next(check_config(config, _registered, largest, kept), ""):
            raise RunError(f"{run.model}: {fault}")
    model = _open(run.model, task)
    check_origin(run)
    return TrainedModel(experiment, task, model)


def _again(run: RunDirectory) -> str:
    """How to get back what a run lacks."""
    command = f"kerasseq train --resume {run.path}"
    if not run.history.exists() and not run.metrics.exists():
        return f"training has not ended, go on with: {command}"
    if (run.checkpoints / "last.npz").exists():
        return f"training wrote it and it is gone; from the data and the checkpoints it comes again with: {command}"
    return f"training wrote it and it is gone, as are the checkpoints; train again with: {command}"


def _config(path: Path) -> Any:
    """What the model is made of, as Keras wrote it."""
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("config.json"))


def _registered(name: str) -> bool:
    """Whether a package that is installed has registered a class with Keras under this name."""
    return keras.saving.get_registered_object(name) is not None


def _import_layers(path: Path, config: Any, experiment: Experiment) -> None:
    """Import the modules of the layers that are none of Keras's, which registers them.

    Only those of the packages that the experiment's components come from: a model file must not choose what is run.
    """
    packages = {component.target.partition(".")[0].partition(":")[0] for component in experiment.components.values()}
    for module in sorted(set(_modules(config))):
        if module.partition(".")[0] in packages:
            try:
                importlib.import_module(module)
            except ModuleNotFoundError as cause:
                rule = "must hold layers of modules that are installed"
                raise RunError(f"{path}: {rule}, got one of {module}; was it made by a later version?") from cause


def _modules(value: Any) -> Iterator[str]:
    """Every module that a Keras configuration names."""
    if isinstance(value, dict):
        if isinstance(value.get("module"), str) and value.get("registered_name"):
            yield value["module"]
        for inner in value.values():
            yield from _modules(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _modules(inner)


def _open(path: Path, task: Task) -> Any:
    """The Keras model, which must know the tokens of the tokenizer beside it and answer what the task asks."""
    if not zipfile.is_zipfile(path):
        raise RunError(f"{path}: must be a model that Keras can open, got a file that is cut off or was written over")
    try:
        with silent():
            model = keras.saving.load_model(path, compile=False)
    except Exception as cause:  # whatever a damaged file makes Keras, h5py and a plugin's layer raise
        said = "; ".join(line for line in map(str.strip, f"{type(cause).__name__}: {cause}".splitlines()) if line)
        raise RunError(f"{path}: must be a model that Keras can open, got {said[:SAID]}") from cause
    vocabulary = len(task.pipeline.vocabulary)
    for layer in model.layers:
        if layer.name == "embedding" and layer.input_dim != vocabulary:
            raise RunError(f"{path}: must be of the tokenizer beside it, {layer.input_dim} tokens against {vocabulary}")
    shapes = {name: tuple(output.shape) for name, output in model.output.items()}
    for out in task.outputs:
        if out.optional and out.name not in shapes:
            continue
        if shapes.get(out.name) != out.shape:
            got = f"{out.name} {shapes[out.name]}" if out.name in shapes else f"{' and '.join(shapes)} alone"
            raise RunError(f"{path}: must be of the task.json beside it, which needs {out.name} {out.shape}, got {got}")
    return model
