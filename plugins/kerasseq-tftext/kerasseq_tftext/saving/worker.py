"""A process in which Keras runs on TensorFlow: `python -m kerasseq_tftext.saving.worker`.

Reads one job as JSON from standard input and answers with JSON. What libraries print goes to stderr.
"""

from __future__ import annotations

import json
import os
import sys
import traceback

__all__ = ["main"]


def main() -> None:
    """Open a run, write its SavedModel, say what went wrong."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        job = json.loads(sys.stdin.readline())
        sys.path[:] = job["path"]
        try:
            _write(job["run"], job["folder"])
            said = ""
        except Exception as cause:
            traceback.print_exc()
            said = f"{type(cause).__name__}: {' '.join(str(cause).split())[:400]}"
        json.dump({"error": said}, answers)


def _write(run: str, folder: str) -> None:
    import keras
    import tensorflow as tf

    tf.config.set_visible_devices([], "GPU")  # what is written for a graphics card runs on no other machine
    from kerasseq import load
    from kerasseq.plugin import UsageError
    from kerasseq_tftext.saving.module import write

    if keras.backend.backend() != "tensorflow":
        raise UsageError(f"backend: must be tensorflow in this process, got {keras.backend.backend()}")
    write(load(run), folder)  # opens on what Keras runs on


if __name__ == "__main__":
    main()
