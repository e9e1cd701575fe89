"""Answers of one file in a process of its own, that knows as little as the file's user; run as a script.

Nothing here imports kerasseq. The first line in says what to open:

    {"kind": "torch", "path": "model.pt2", "without": ["keras"], "imports": []}

Then arrays come in on stdin and go out on stdout: a line of JSON that says names, types and shapes, then their bytes.
The first line out says that the file is open.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Failed", "receive", "send"]

Arrays = dict[str, NDArray[Any]]


class Failed(Exception):
    """What the other side said went wrong."""


def send(stream: IO[bytes], arrays: Mapping[str, NDArray[Any]], error: str = "") -> None:
    """Write one message."""
    rows = {name: np.ascontiguousarray(array).reshape(array.shape) for name, array in arrays.items()}
    head = {"error": error, "arrays": [[name, str(row.dtype), row.shape] for name, row in rows.items()]}
    stream.write(json.dumps(head).encode() + b"\n")
    for row in rows.values():
        stream.write(row.tobytes())
    stream.flush()


def receive(stream: IO[bytes]) -> Arrays:
    """Read one message.

    Raises:
        Failed: It says so.
        EOFError: The other side has ended.
    """
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    head = json.loads(line)
    arrays = {}
    for name, kind, shape in head["arrays"]:
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        content = stream.read(size)
        if len(content) < size:
            raise EOFError
        arrays[name] = np.frombuffer(content, dtype=kind).reshape(shape)
    if head["error"]:
        raise Failed(head["error"])
    return arrays


def _keras(path: str) -> Callable[[Arrays], Arrays]:
    import keras

    model = keras.saving.load_model(path, compile=False)

    def answer(arrays: Arrays) -> Arrays:
        ids = list(arrays.values())
        outputs = model(ids if len(ids) > 1 else ids[0], training=False)
        return {name: keras.ops.convert_to_numpy(output) for name, output in outputs.items()}

    return answer


def _torch(path: str) -> Callable[[Arrays], Arrays]:
    import torch

    module = torch.export.load(path).module()

    def answer(arrays: Arrays) -> Arrays:
        with torch.no_grad():
            outputs = module(*(torch.tensor(ids) for ids in arrays.values()))
        return {name: output.numpy() for name, output in outputs.items()}

    return answer


_KINDS = {"keras": _keras, "torch": _torch}


def _main(order: dict[str, Any]) -> None:
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    for name in order["without"]:
        sys.modules[name] = None  # type: ignore[assignment]  # importing it fails, as where it is not installed
    try:
        for name in order["imports"]:
            importlib.import_module(name)
        answer = _KINDS[order["kind"]](order["path"])
    except Exception as cause:
        send(out, {}, _said(cause))
        return
    send(out, {})
    while True:
        try:
            arrays = receive(sys.stdin.buffer)
        except EOFError:
            os._exit(0)  # what a library takes down on the way out takes seconds, and is of no use
        try:
            answers, error = answer(arrays), ""
        except Exception as cause:
            answers, error = {}, _said(cause)
        send(out, answers, error)


def _said(cause: Exception) -> str:
    return f"{type(cause).__name__}: {' '.join(str(cause).split())[:300]}"


if __name__ == "__main__":
    _main(json.loads(sys.stdin.buffer.readline()))
