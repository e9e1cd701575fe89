"""One backend in a process of its own: `python -m kerasseq.verify.worker BACKEND RUN FOLDER ROWS`.

Writes `BACKEND.npz`, its answers, and `BACKEND.json`, its versions, into FOLDER; the first one draws the sample. An
error that is raised on purpose stands in `BACKEND.error`, apart from what a library says on stderr. `BACKEND.imported`
says that its library could be imported at all.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from kerasseq.backend.select import device, select
from kerasseq.errors import KerasseqError
from kerasseq.registry.declared import forgiving
from kerasseq.run_directory import RunDirectory
from kerasseq.verify.sample import Sample, write_arrays

__all__ = ["main"]


def main(arguments: Sequence[str]) -> int:
    """Work, and give the exit code."""
    backend, run, folder, rows = arguments
    if backend != "onnx":
        select(backend)
    importlib.import_module("onnxruntime" if backend == "onnx" else "keras")
    (Path(folder) / f"{backend}.imported").touch()
    try:
        work = _file if backend == "onnx" else _backend
        arrays, facts = work(backend, RunDirectory(run), Path(folder), int(rows))
    except KerasseqError as error:
        (Path(folder) / f"{backend}.error").write_text(str(error), encoding="utf-8", errors="replace")
        return error.exit_code
    write_arrays(Path(folder) / f"{backend}.npz", arrays)
    (Path(folder) / f"{backend}.json").write_text(json.dumps(facts), encoding="ascii")
    return 0


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
    with forgiving():
        sys.exit(main(sys.argv[1:]))
