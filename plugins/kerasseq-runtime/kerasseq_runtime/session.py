"""Open an exported file with onnxruntime."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kerasseq_runtime.cores import limited
from kerasseq_runtime.errors import KerasseqError, RunError
from kerasseq_runtime.seal import check_seal

__all__ = ["EXTENSIONS", "guarded", "naming", "open_file", "open_session", "string_operators", "without_extensions"]

EXTENSIONS = "onnxruntime-extensions"

_DAMAGE = ("INVALID_PROTOBUF", "No graph was found")
"""What onnxruntime says of a file that is cut off, written over or empty."""


def open_file(path: Path | str, threads: int = 0, spinning: bool = True) -> Any:
    """As `open_session`, with one line for whatever is wrong with the file.

    Raises:
        RunError: The file is missing or damaged, has other bytes than its export wrote, or needs what is not installed.
    """
    file = Path(path)
    if not file.is_file():
        raise RunError(f"{path}: must be a model file, got {'a folder' if file.is_dir() else 'nothing there'}")
    try:
        check_seal(file)
        return open_session(path, threads, spinning)
    except RunError:
        raise
    except Exception as cause:  # onnxruntime has a class for each of its codes, and no base
        if any(said in str(cause) for said in _DAMAGE):
            raise RunError(f"{path}: {_damaged(file)}") from cause
        if "ai.onnx.contrib" in str(cause) and not string_operators():
            raise without_extensions(path) from cause
        said = " ".join(str(cause).split())[:300]
        raise RunError(f"{path}: must be a file that onnxruntime opens, got {said}") from cause


def without_extensions(path: Path | str) -> RunError:
    """What is said of a file whose operators are not installed."""
    return RunError(f"{path}: needs {EXTENSIONS}, got none; pip install {EXTENSIONS}")


def _damaged(path: Path) -> str:
    """What a file is that holds no whole model, and where a whole one comes from."""
    run = path.parent if path.name == "model.onnx" and (path.parent / "experiment.toml").exists() else "RUN"
    rule = "must be a whole ONNX file, got one that is cut off or was written over"
    return f"{rule}; write it again with: kerasseq export {run}"


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Within, an error about what a file computes says which file it is."""
    try:
        yield
    except RunError as error:
        if str(path) in str(error):
            raise
        raise RunError(f"{path}: {error}") from error


@contextlib.contextmanager
def guarded(path: Path, rule: str) -> Iterator[None]:
    """Within, an open file is asked; whatever its bytes make onnxruntime and Python raise is one error that names it.

    Raises:
        RunError: Something was raised that is no error of ours; or is one of what the file computes.
    """
    try:
        with naming(path):
            yield
    except (KerasseqError, OSError):  # the second of whoever is told what is written
        raise
    except Exception as cause:  # onnxruntime has a class for each of its codes, and no base
        said = " ".join(str(cause).split())[:300]
        raise RunError(f"{path}: {rule}, got {type(cause).__name__}: {said}") from cause


def open_session(model: Path | str | bytes, threads: int = 0, spinning: bool = True) -> Any:
    """An `onnxruntime.InferenceSession`, with the string operators of onnxruntime-extensions where they are installed.

    Args:
        model: An ONNX file, or its content.
        threads: Of one call; 0 takes all cores that the process may use.
        spinning: Whether threads keep their cores busy for a while behind a call, which helps the next one.

    Raises:
        RunError: onnxruntime is not installed.
    """
    try:
        import onnxruntime
    except ImportError as cause:
        name = "the model" if isinstance(model, bytes) else model
        raise RunError(f"{name}: needs onnxruntime, which is not installed; pip install onnxruntime") from cause

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or limited()
    options.log_severity_level = 4  # an error comes as an exception anyway
    if not spinning:
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    library = string_operators()
    if library:
        options.register_custom_ops_library(library)
    source = str(model) if isinstance(model, Path) else model
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def string_operators() -> str:
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
