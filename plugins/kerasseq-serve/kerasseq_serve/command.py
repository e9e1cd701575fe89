"""`kerasseq serve`: the verb, for those who have kerasseq. Nothing else in this package needs kerasseq or click."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import click

from kerasseq_serve.settings import Settings, flag

__all__ = ["serve"]


class _Serve(click.Command):
    """A command with an option for each setting."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in dataclasses.fields(Settings):
            truth = isinstance(field.default, bool)
            self.params.append(
                click.Option(
                    [flag(field.name)],
                    default=field.default,
                    help=field.metadata["help"],
                    is_flag=truth,
                    show_default=not truth,
                    type=None if truth else type(field.default),
                )
            )


@click.command(cls=_Serve)
@click.argument("model", metavar="RUN|MODEL.ONNX", type=click.Path(path_type=Path))
@click.pass_context
def serve(ctx: click.Context, /, model: Path, **settings: Any) -> None:
    """Serve a run's model.onnx, or such a file: text in, answer out.

    POST /predict and /explain, GET /health, /metrics and /openapi.json, and a page at / to try a text. SIGTERM or
    Ctrl-C answers what was accepted and ends.
    """
    from kerasseq.errors import RunError, UsageError
    from kerasseq_serve.errors import ServeError
    from kerasseq_serve.start import start

    try:
        code = start(_file(model), Settings(**settings))
    except ServeError as error:
        raise (UsageError if error.exit_code == UsageError.exit_code else RunError)(str(error)) from error
    ctx.exit(code)


def _file(model: Path) -> Path:
    """The file itself, or model.onnx of a run."""
    from kerasseq.errors import UsageError
    from kerasseq.run_directory import RunDirectory

    if not model.is_dir():
        return model
    file = RunDirectory.open(model).onnx
    if not file.is_file():
        raise UsageError(f"{file}: must be there, got a run without it; kerasseq export {model} --to onnx")
    return file
