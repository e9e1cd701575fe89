"""A web service for one exported model: `python -m kerasseq_serve model.onnx`.

The parts, from the ground up: `settings` and `errors`; `model` opens the file, with kerasseq-runtime; `batcher` answers
rows in batches; `body` and `sequences` check what a client sent; `service` holds them together; `schemas` and `openapi`
describe the answers; `app` is the FastAPI application; `server` runs it, `workers` several of it; `start` chooses.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
