"""One backend in a process of its own: `python -m kerasseq.verify.worker`.

Its job names `backend`, `run`, `folder` and `rows`. It says first that its library could be imported at all, then an
error that is raised on purpose, or its versions. Arrays are in `BACKEND.npz` in the folder; the first one draws the
sample.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from kerasseq.backend.select import device, select
from kerasseq.errors import KerasseqError
from kerasseq.processes import serve
from kerasseq.run_directory import RunDirectory
from kerasseq.verify.sample import Sample, write_arrays

__all__ = ["work"]


def work(job: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what there is to say: `imported`; `error` and its exit `code`, or `facts`."""
    backend, folder = job["backend"], Path(job["folder"])
    if backend != "onnx":
        select(backend)
    library = "onnxruntime" if backend == "onnx" else "keras"
    importlib.import_module(library)
    yield {"imported": library}
    try:
        ask = _file if backend == "onnx" else _backend
        arrays, facts = ask(backend, RunDirectory(job["run"]), folder, job["rows"])
    except KerasseqError as error:
        yield {"error": str(error), "code": error.exit_code}
        return
    write_arrays(folder / f"{backend}.npz", arrays)
    yield {"facts": facts}


def _backend(backend: str, run: RunDirectory, folder: Path, rows: int) -> tuple[dict[str, Any], dict[str, Any]]:
    from kerasseq.loading import load
    from kerasseq.verify.answers import answers, weight_names

    trained = load(run.path)
    if not (folder / "sample.json").exists():
        from kerasseq.verify.draw import draw

        draw(trained, run, rows).write(folder)
    arrays = answers(trained, Sample.read(folder))
    facts = {"version": sys.modules[backend].__version__, "keras": metadata.version("keras"), "device": device()}
    return arrays, {**facts, "weights": weight_names(trained)}


def _file(backend: str, run: RunDirectory, folder: Path, rows: int) -> tuple[dict[str, Any], dict[str, Any]]:
    from kerasseq.verify.onnx_file import OnnxFile

    file = OnnxFile(run.onnx)
    facts = {"version": metadata.version("onnxruntime"), "device": "cpu", "precision": file.precision}
    return file.answers(Sample.read(folder)), facts


if __name__ == "__main__":
    serve(work)
