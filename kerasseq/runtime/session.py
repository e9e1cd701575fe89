"""Open an exported file with onnxruntime."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from kerasseq.errors import RunError
from kerasseq.run_directory import RunDirectory

__all__ = ["open_file", "open_session"]

_DAMAGE = ("INVALID_PROTOBUF", "No graph was found")
"""What onnxruntime says of a file that is cut off, written over or empty."""


def open_file(path: Path | str, threads: int = 0) -> Any:
    """As `open_session`, with one line for whatever is wrong with the file.

    Raises:
        RunError: The file is missing or damaged, or needs what is not installed.
    """
    if not Path(path).is_file():
        raise RunError(f"{path}: must be a model.onnx, got no file")
    try:
        return open_session(path, threads)
    except RunError:
        raise
    except Exception as cause:  # onnxruntime has a class for each of its codes, and no base
        if any(said in str(cause) for said in _DAMAGE):
            raise RunError(f"{path}: {_damaged(Path(path))}") from cause
        missing = "ai.onnx.contrib" in str(cause) or "not a registered function" in str(cause)
        hint = "; pip install onnxruntime-extensions" if missing else ""
        raise RunError(f"{path}: must be a file that onnxruntime opens, got {_first(cause)}{hint}") from cause


def _damaged(path: Path) -> str:
    """What a file is that holds no whole model, and where a whole one comes from."""
    run = RunDirectory(path.parent)
    command = f"kerasseq export {run.path if path == run.onnx and run.experiment.exists() else 'RUN'}"
    return f"must be a whole ONNX file, got one that is cut off or was written over; write it again with: {command}"


def open_session(model: Path | str | bytes, threads: int = 0) -> Any:
    """An `onnxruntime.InferenceSession`, with the string operators of onnxruntime-extensions where they are installed.

    Args:
        model: An ONNX file, or its content.
        threads: Of one call; 0 takes all cores.

    Raises:
        RunError: onnxruntime is not installed.
    """
    if importlib.util.find_spec("onnxruntime") is None:
        name = "the model" if isinstance(model, bytes) else model
        raise RunError(f"{name}: needs onnxruntime, which is not installed; pip install onnxruntime")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4  # an error comes as an exception anyway
    library = _string_operators()
    if library:
        options.register_custom_ops_library(library)
    source = str(model) if isinstance(model, Path) else model
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def _string_operators() -> str:
    """The library of onnxruntime-extensions; empty where it is not installed.

    Importing the package would import torch too, where that is installed.
    """
    found = importlib.util.find_spec("onnxruntime_extensions")
    if found is None:
        return ""
    for folder in found.submodule_search_locations or ():
        for path in sorted(Path(folder).glob("_extensions_pydll*")):
            if path.suffix in (".so", ".pyd", ".dylib"):
                return str(path)
    from onnxruntime_extensions import get_library_path

    return str(get_library_path())


def _first(cause: Exception) -> str:
    return (str(cause).splitlines() or [""])[0][:300]
