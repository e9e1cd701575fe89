"""Open an exported file with onnxruntime."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from kerasseq.errors import RunError

__all__ = ["open_session"]


def open_session(path: Path | str, threads: int = 0) -> Any:
    """An `onnxruntime.InferenceSession`, with the string operators of onnxruntime-extensions where they are installed.

    Args:
        path: An ONNX file.
        threads: Of one call; 0 takes all cores.

    Raises:
        RunError: onnxruntime is not installed.
    """
    if importlib.util.find_spec("onnxruntime") is None:
        raise RunError(f"{path}: needs onnxruntime, which is not installed; pip install onnxruntime")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    library = _string_operators()
    if library:
        options.register_custom_ops_library(library)
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


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
