"""A finished run as bytes, so that a pickle holds files of ours and no code."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kerasseq.public import load
from kerasseq.run_directory import RunDirectory

if TYPE_CHECKING:
    from kerasseq.trained import TrainedModel

__all__ = ["open_files", "take_files"]


def take_files(run: RunDirectory) -> dict[str, bytes]:
    """Name -> content of the files of a run, without its checkpoints."""
    return {path.name: path.read_bytes() for path in sorted(run.path.iterdir()) if path.is_file()}


def open_files(files: Mapping[str, bytes]) -> TrainedModel:
    """The model of the files, on the backend that Keras runs on, else on that of the run.

    Raises:
        RunError: They are damaged.
        PluginError: A distribution that they were made with is missing or too old; says what to install.
    """
    with tempfile.TemporaryDirectory(prefix="kerasseq-sklearn-") as folder:
        for name, content in files.items():
            (Path(folder) / Path(name).name).write_bytes(content)
        return load(folder)
