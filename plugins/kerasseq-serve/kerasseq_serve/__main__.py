"""`python -m kerasseq_serve model.onnx`: the service without kerasseq."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

from kerasseq_serve import __version__
from kerasseq_serve.errors import ServeError
from kerasseq_serve.settings import Settings, flag

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve a model file; return the exit code: 0 stopped, 1 wrong file or address, 2 wrong line, 130 interrupted."""
    given = vars(_parser().parse_args(arguments))
    model = given.pop("model")
    try:
        settings = Settings(**given)
        from kerasseq_serve.start import start  # after the line is read: --help answers at once

        return start(model, settings)
    except ServeError as error:
        print(error, file=sys.stderr)
        return error.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m kerasseq_serve",
        description="Serve an exported model: POST /predict, POST /explain, GET /health, GET /metrics, a page at /.",
    )
    parser.add_argument("model", type=Path, help="A model.onnx of `kerasseq export RUN --to onnx`.")
    for field in dataclasses.fields(Settings):
        text = field.metadata["help"]
        if isinstance(field.default, bool):
            parser.add_argument(flag(field.name), action="store_true", help=text)
        else:
            kind = type(field.default)
            parser.add_argument(
                flag(field.name), type=kind, default=field.default, metavar=kind.__name__, help=f"{text} [%(default)s]"
            )
    parser.add_argument("--version", action="version", version=f"kerasseq-serve {__version__}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
