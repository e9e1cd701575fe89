"""`kerasseq generate`."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kerasseq.commands.options import backend_option, begin, run_argument
from kerasseq.commands.talk import talk, talk_options

if TYPE_CHECKING:
    from kerasseq_runtime.writing import Draft, Writer

    from kerasseq.spec import SearchSpec

__all__ = ["generate"]

Makes = tuple[Callable[[str], "Writer"], Sequence[str]]
"""A function from the class that writes, empty for none, to what writes for it; and the classes that there are."""

BATCH = 64
"""Prompts that are written behind together."""


@click.command()
@run_argument
@click.argument("texts", nargs=-1, metavar="[PROMPT]")
@click.option("--prompt", "prompts", multiple=True, metavar="TEXT", help="What to go on with; may be repeated.")
@click.option("--max-length", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="Tokens at most.")
@click.option("--temperature", type=float, help="Above 0; below 1 the likely becomes likelier.")
@click.option("--top-k", type=int, help="So many of the likeliest tokens may come; 0 for all.")
@click.option("--top-p", type=float, help="The likeliest tokens of this probability may come.")
@click.option("--min-p", type=float, help="Tokens may come that are so likely beside the likeliest.")
@click.option("--repetition-penalty", type=float, help="At least 1: weakens tokens that were written.")
@click.option("--greedy", is_flag=True, help="Always the likeliest token.")
@click.option("--beam", type=int, metavar="WIDTH", help="Search for the likeliest text, so many at a time.")
@click.option("--samples", type=click.IntRange(1, 10_000), default=1, show_default=True, help="Texts for each prompt.")
@click.option("--condition", multiple=True, metavar="CLASS", help="The class that writes; may be repeated. [all]")
@click.option("--stop", multiple=True, metavar="TEXT", help="Ends a text; may be repeated.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same one, the same texts.")
@click.option("--stream/--no-stream", "stream", default=None, help="Print as it is written; by itself on a terminal.")
@click.option("--format", "form", type=click.Choice(["text", "jsonl"]), default="text", help="What to print.")
@backend_option
@talk_options
@click.pass_context
def generate(
    ctx: click.Context,
    /,
    run: Path,
    texts: tuple[str, ...],
    prompts: tuple[str, ...],
    max_length: int,
    greedy: bool,
    beam: int | None,
    samples: int,
    condition: tuple[str, ...],
    stop: tuple[str, ...],
    seed: int,
    stream: bool | None,
    form: str,
    backend: str,
    quiet: bool,
    log_file: Path | None,
    **settings: Any,
) -> None:
    """Write on behind a PROMPT with the language model of RUN; behind nothing, begin a text.

    RUN is a run, or an exported model.onnx, which needs onnxruntime alone.

    PROMPT is a text, or - for the lines of standard input, each a prompt. Tokens are chosen as the run's [search] says,
    or by the options: drawn from what the model says without its improbable tail, the likeliest (--greedy), or the
    likeliest text as a whole (--beam). A text ends where the model ends it, at a --stop, or after --max-length tokens.

    Of a model whose texts a class writes (task.condition), each class does in turn, or those of --condition.

    Prints each text with its prompt, a blank line between texts; with --format jsonl an object a line, with the tokens
    and the logarithm of the probability that the model gives to them.
    """
    from kerasseq_runtime.generating import repeats

    talk(ctx, quiet, log_file)
    asked = _prompts(texts, prompts)
    given = {name: value for name, value in settings.items() if value is not None}
    spec = _search(given, greedy, beam, samples)  # what no run would take is said before one is opened
    plain = not greedy and beam is None
    is_file = run.suffix == ".onnx" and not run.is_dir()
    make, known = (_of_file if is_file else _of_run)(run, backend, spec, given, plain, samples)
    writers = {name: make(name) for name in condition or known or ("",)}
    for prompt in dict.fromkeys(asked):
        if unknown := next(iter(writers.values())).unknown(prompt):
            click.echo(f"prompt: {unknown} tokens of {json.dumps(prompt, ensure_ascii=False)} are unknown", err=True)
    search = next(iter(writers.values())).search
    repeated = [prompt for prompt in asked for _ in range(repeats(search, samples))]
    one = len(repeated) == len(writers) == samples == 1 and form == "text" and beam is None and not stop
    if stream and not one:
        raise click.UsageError(
            "--stream prints one text as it is written; remove --samples, --beam, --stop, --format, and give one class"
        )
    if one and (sys.stdout.isatty() if stream is None else stream):
        [writer] = writers.values()
        _stream(writer, repeated, max_length, stop, seed)
        return
    first = True
    for name, drafts in _drafts(writers, repeated, max_length, stop, seed):
        for draft in drafts:
            click.echo(_shown(draft, form, first, name, len(writers) > 1))
            first = False


def _stream(writer: Writer, prompts: list[str], max_length: int, stop: tuple[str, ...], seed: int) -> None:
    """Print the text behind one prompt as it is written."""
    click.echo(_plain(prompts[0]), nl=False)
    writer.write(prompts, max_length, stop, seed, lambda _, text: click.echo(_plain(text), nl=False))
    click.echo()


def _drafts(
    writers: Mapping[str, Writer], prompts: list[str], max_length: int, stop: tuple[str, ...], seed: int
) -> Iterator[tuple[str, Sequence[Draft]]]:
    """The texts of each class behind each prompt, as soon as a batch is written."""
    for name, writer in writers.items():
        for start in range(0, len(prompts), BATCH):
            for drafts in writer.write(prompts[start : start + BATCH], max_length, stop, seed + start):
                yield name, drafts


def _of_run(run: Path, backend: str, spec: SearchSpec, given: dict[str, Any], plain: bool, samples: int) -> Makes:
    """What writes with a run; `plain` where the options ask for no search of their own."""
    from kerasseq.config.finished import read_run
    from kerasseq.run_directory import RunDirectory

    directory = RunDirectory.open(run)
    experiment = read_run(directory, backend)
    if experiment.search is None:
        raise click.UsageError(f"RUN: must be of a task that writes, {directory.path} is of {experiment.task.name}")
    begin(experiment.backend)
    from kerasseq.loading import load

    trained: Any = load(directory.path)
    own = experiment.search
    if own is not None and plain and (not given or isinstance(own, type(spec))):
        if samples > 1 and own.name == "greedy":
            raise click.UsageError(f"--samples: must be 1 where [search] is greedy, got {samples}; --temperature draws")
        several = {"n_best": samples} if samples > 1 and own.name == "beam" else {}
        spec = _search({**own.model_dump(exclude={"name"}), **several, **given}, False, None, 1, own)

    def make(condition: str) -> Writer:
        named = {"condition": condition} if condition else {}
        writer: Writer = trained.task.writer(trained.model, spec.build(), **named)
        return writer

    return make, getattr(trained.task.pipeline, "conditions", ())


def _of_file(path: Path, backend: str, spec: SearchSpec, given: dict[str, Any], plain: bool, samples: int) -> Makes:
    """What writes with an exported file, through onnxruntime."""
    from kerasseq_runtime.generating import chosen

    from kerasseq.runtime import load

    if backend:
        raise click.UsageError("--backend: an exported file has none, onnxruntime writes; name the run")
    model = load(path)
    click.echo(f"onnxruntime, {path}", err=True)
    search: Any = chosen(model.metadata["search"], given, samples=samples) if plain else spec.build()
    return lambda condition: model.writer(search, condition), model.conditions


def _prompts(texts: tuple[str, ...], prompts: tuple[str, ...]) -> list[str]:
    """What to go on with: PROMPT, the --prompts, the lines of standard input, or nothing."""
    if len(texts) > 1:
        raise click.UsageError(f"give one PROMPT, got {len(texts)}; put it into quotes, or repeat --prompt")
    if texts and prompts:
        raise click.UsageError("give PROMPT or --prompt, not both")
    if texts == ("-",):
        from kerasseq.pipelines.readers.texts import TextReader

        lines = [text for rows in TextReader(pairs=False).lines(sys.stdin.buffer) for text in rows.columns[0]]
        if not lines:
            raise click.UsageError("standard input: must have a line for each prompt, got none")
        return lines
    return list(texts or prompts or ("",))


def _search(
    given: dict[str, Any], greedy: bool, beam: int | None, samples: int, own: SearchSpec | None = None
) -> SearchSpec:
    """The search that options ask for, and the run's `own` where they ask for none.

    Raises:
        UsageError: They ask for two, or out of bounds.
    """
    from pydantic import ValidationError

    from kerasseq.config.messages import explain
    from kerasseq.searches.beam import Beam
    from kerasseq.searches.greedy import Greedy
    from kerasseq.searches.sample import Sample

    options = ", ".join(f"--{name.replace('_', '-')}" for name in given)
    if beam is not None and (greedy or given):
        raise click.UsageError(f"--beam searches, it does not draw; remove {options or '--greedy'}")
    if greedy and (samples > 1 or set(given) - {"repetition_penalty"}):
        raise click.UsageError(f"--greedy draws nothing; remove {options or '--samples'}")
    kind: type[SearchSpec] = Sample if own is None else type(own)
    asked: dict[str, Any] = {"name": "sample" if own is None else own.name}
    if beam is not None:
        kind, asked = Beam, {"name": "beam", "width": beam, "n_best": samples}
    elif greedy:
        kind, asked = Greedy, {"name": "greedy"}
    asked |= given
    try:
        return kind(**asked)
    except ValidationError as error:
        raise click.UsageError("\n".join(_wrong(explain(error, kind, asked)))) from error


def _wrong(problems: Iterable[tuple[str, str]]) -> Iterator[str]:
    """What is wrong with a search, in words of the command line."""
    for key, said in problems:
        option = {"": "beam", "width": "beam", "n_best": "samples"}.get(key, key).replace("_", "-")
        told = said.replace('name = "greedy"', "--greedy")
        yield f"--{option}: {told}"


def _plain(text: str) -> str:
    """Without what commands a terminal, those of one byte more (C1) too."""
    return "".join(c for c in text if unicodedata.category(c) != "Cc" or c in "\n\t")


def _shown(draft: Draft, form: str, first: bool, condition: str, named: bool) -> str:
    if form == "jsonl":
        row = {
            **({"condition": condition} if condition else {}),
            "prompt": draft.prompt,
            "text": draft.text,
            "tokens": draft.tokens,
            "log_probability": round(draft.log_probability, 6),
            "ended": draft.ended,
        }
        return json.dumps(row, ensure_ascii=False)
    name = f"{condition}: " if named else ""
    return ("" if first else "\n") + _plain(name + draft.prompt + draft.text)
