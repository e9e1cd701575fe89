"""`kerasseq vectors train`."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kerasseq.plugin import force_option, json_option, set_option, talk, talk_options

if TYPE_CHECKING:
    from kerasseq.plugin import Experiment, Pipeline
    from kerasseq_vectors.learning import Learning

__all__ = ["train"]

LETTERS = '[[preprocessor]]\nname = "unicode"\n\n[[preprocessor]]\nname = "casefold"\n'
ARABIC = '\n[[preprocessor]]\nname = "arabic"\n'
WORDS = '\n[tokenizer]\nname = "word"\n'
PLAIN = '\n[dataset]\nname = "bundled"\n\n[task]\nname = "regression"\n'
"""What makes an experiment of a chain; its rows are not read."""

SAMPLE = 1000
"""Texts that say in which letters a file is written."""


@click.command()
@click.argument("config", type=click.Path(path_type=Path), required=False)
@click.option("--data", type=click.Path(path_type=Path), help="A table, or a .txt of a text a line; all of it is read.")
@click.option("--text", default="", metavar="COLUMN", help="The column of the texts in --data, if not the usual.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="A .vec, .txt, .bin or .npz.")
@force_option
@click.option("--model", type=click.Choice(["word2vec", "fasttext"]), default="word2vec", show_default=True)
@click.option("--algorithm", type=click.Choice(["skipgram", "cbow"]), default="skipgram", show_default=True)
@click.option("--dimension", type=click.IntRange(1, 8192), default=100, show_default=True, help="Numbers of a vector.")
@click.option("--window", type=click.IntRange(1, 1000), default=5, show_default=True, help="Words on either side.")
@click.option("--min-count", type=click.IntRange(1), default=2, show_default=True, help="Rarer words have no vector.")
@click.option("--negative", type=click.IntRange(1, 1000), default=5, show_default=True, help="Words drawn against one.")
@click.option("--epochs", type=click.IntRange(1, 10_000), default=10, show_default=True, help="Passes over the texts.")
@click.option("--shortest", type=click.IntRange(2, 12), default=3, show_default=True, help="Of n-grams of fasttext.")
@click.option("--longest", type=click.IntRange(2, 12), default=6, show_default=True, help="Of n-grams of fasttext.")
@click.option("--buckets", type=click.IntRange(1, 10_000_000), default=200_000, show_default=True, help="For n-grams.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True)
@click.option(
    "--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Threads; more than one is not exact."
)
@set_option
@talk_options
@json_option
@click.pass_context
def train(
    ctx: click.Context,
    /,
    config: Path | None,
    data: Path | None,
    text: str,
    output: Path,
    force: bool,
    overrides: tuple[str, ...],
    quiet: bool,
    log_file: Path | None,
    as_json: bool,
    **how: Any,
) -> None:
    """Learn vectors of words from texts, as CONFIG preprocesses and cuts them.

    The texts are those of CONFIG's training rows: no row of validation or test is read. With --data they are all those
    of a file, a large one without targets say; it must hold no test rows. Without CONFIG, texts of --data are put into
    one form of Unicode, lower case and words, Arabic ones normalised.

    One worker gives the same file for the same seed, texts and version of gensim; several do not. Prints what to put
    into the config.
    """
    from kerasseq.plugin import UsageError, free, say, tell
    from kerasseq_vectors.learning import Learning, learn
    from kerasseq_vectors.writing import check_name, write

    told = talk(ctx, quiet, log_file, as_json)
    if config is None and data is None:
        raise click.UsageError("give a CONFIG, or --data FILE")
    learning = Learning(**how)
    if learning.longest < learning.shortest:
        raise UsageError(f"--longest: must be at least --shortest {learning.shortest}, got {learning.longest}")
    check_name(output)
    free(output, force)
    tokens, chain = _read(config, data, text, overrides)
    say(f"{len(tokens):,} texts, {sum(map(len, tokens)):,} words")
    model = learn(tokens, learning)
    write(model, output)
    lines = embedding_lines(output, learning)
    if as_json:
        told.show({"vectors": str(output), "words": len(model.wv), "dimension": learning.dimension, "toml": lines})
        return
    tell(f"{output}: {len(model.wv):,} words of {learning.dimension} numbers; for the config:\n")
    tell(f"{chain}\n{lines}" if chain else lines, nl=False)


def embedding_lines(output: Path, learning: Learning) -> str:
    """The section that starts a model from the file."""
    if learning.model == "word2vec" or output.suffix.lower() != ".bin":
        return f'[embedding]\nname = "pretrained"\npath = "{output.as_posix()}"\n'
    lines = ['[embedding]\nname = "subword"', f'path = "{output.as_posix()}"', f"dimension = {learning.dimension}"]
    return "\n".join([*lines, f"shortest = {learning.shortest}", f"longest = {learning.longest}", ""])


def _read(config: Path | None, data: Path | None, column: str, overrides: Sequence[str]) -> tuple[list[list[str]], str]:
    """The tokens of every text, and the sections that cut them where there is no config that says so."""
    from kerasseq import read_experiment
    from kerasseq.plugin import begin, fitted

    if config is None:
        if overrides:
            raise click.UsageError("--set: is of a CONFIG, give one")
        return _by_default(data or Path(), column)
    experiment = read_experiment(config, overrides)
    begin(experiment.backend)
    pipeline, samples = fitted(experiment)
    if data is not None:
        samples = pipeline.given(_texts(data, column, experiment))
    return list(pipeline.tokens(samples)), ""


def _by_default(data: Path, column: str) -> tuple[list[list[str]], str]:
    from kerasseq.plugin import TextPipeline, Texts

    chain = LETTERS + WORDS
    experiment = _experiment(chain)
    texts = Texts(_texts(data, column, experiment))
    pipeline: Pipeline = TextPipeline(experiment.preprocessor, experiment.tokenizer, experiment.tokenizer.build())
    if pipeline.language(texts.take(range(min(SAMPLE, len(texts))))) == "ar":
        chain = LETTERS + ARABIC + WORDS
        experiment = _experiment(chain)
        pipeline = TextPipeline(experiment.preprocessor, experiment.tokenizer, experiment.tokenizer.build())
    return list(pipeline.tokens(texts)), chain


def _experiment(chain: str) -> Any:
    """The parts that lines of TOML name."""
    from kerasseq import read_experiment

    with tempfile.TemporaryDirectory(prefix="kerasseq-") as folder:
        path = Path(folder) / "chain.toml"
        path.write_text(chain + PLAIN, encoding="utf-8")
        return read_experiment(path)


def _texts(data: Path, column: str, experiment: Experiment) -> list[str]:
    """Every text of a file: of a .txt its lines, else the rows of a table.

    Raises:
        DataError: There is none, or a row cannot be read.
    """
    from kerasseq.plugin import DataError, Reading, read_texts

    if data.suffix.lower() == ".txt":
        found = _lines(data)
    else:
        first, second = read_texts(experiment.dataset, data, Reading((column,) if column else ()))
        found = [*first, *second]
    if not found:
        raise DataError(f"{data}: must have rows, got none")
    return found


def _lines(data: Path) -> list[str]:
    from kerasseq.plugin import DataError, UsageError

    try:
        return [line for line in data.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError as cause:
        got = f"byte {cause.object[cause.start]:#04x} at {cause.start:,}"
        raise DataError(f"{data}: must be UTF-8, got {got}") from cause
    except OSError as cause:
        raise UsageError(f"{data}: cannot be read: {(cause.strerror or '').lower()}") from cause
