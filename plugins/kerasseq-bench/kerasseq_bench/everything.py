"""`kerasseq bench everything`: every table, one after the other, on one page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from kerasseq.plugin import run_argument

__all__ = ["everything"]

TITLES = {
    "layers": "Recurrent layers",
    "defaults": "The defaults",
    "text": "Texts to ids",
    "rules": "Rule by rule",
    "prediction": "A whole job",
    "training": "Training",
    "generate": "Writing",
    "language-model": "Training a language model",
    "translation": "Training a translation",
    "memory": "Memory",
}
"""Name of a table -> its heading, in the order of the page."""

ROUNDLESS = {"training", "memory"}
"""Tables of whole processes, which have no rounds."""


@click.command()
@run_argument
@click.option("--language-model", "language_model", type=click.Path(exists=True, path_type=Path), help="A config.")
@click.option("--translation", type=click.Path(exists=True, path_type=Path), help="A config.")
@click.option("--only", multiple=True, type=click.Choice(list(TITLES)), help="This table; may be given several times.")
@click.option("--rounds", type=click.IntRange(1), help="Of each table that has rounds, instead of its own number.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("bench"),
    show_default=True,
    help="Folder for benchmarks.md and each table's own files; tables that it already holds are not measured again.",
)
def everything(
    run: Path,
    language_model: Path | None,
    translation: Path | None,
    only: tuple[str, ...],
    rounds: int | None,
    out: Path,
) -> None:
    """Every table of `kerasseq bench`, one after the other, on one page.

    RUN, a run of texts with a model.onnx, answers and trains; what trains a language model and a translation needs a
    config of each, and is left out without. A table that fails is named at the end, and the others go on. Hours: leave
    the machine alone meanwhile. An interrupted call goes on with the tables that are missing.
    """
    from kerasseq.plugin import RunError, UsageError, write_text

    tables = _arguments(run, language_model, translation, out)
    if missing := [name for name in only if name not in tables]:
        raise UsageError(f"--only {missing[0]}: needs a config, --{missing[0]} CONFIG")
    wanted = {name: tables[name] for name in tables if name in (only or tables)}
    out.mkdir(parents=True, exist_ok=True)
    failed = [name for name, arguments in wanted.items() if not _measured(name, arguments, rounds, out)]
    page = out / "benchmarks.md"
    write_text(page, _page(out))
    click.echo(str(page))
    if failed:
        logs = ", ".join(str(out / f"{name}.log") for name in failed)
        raise RunError(f"{', '.join(failed)}: must be measured, but failed; see {logs}")


def _arguments(run: Path, language_model: Path | None, translation: Path | None, out: Path) -> dict[str, list[str]]:
    """What follows `kerasseq bench`, by table; only those that something is given for."""
    found = {
        "layers": ["layers", "--out", str(out / "layers")],
        "defaults": ["layers", "--grid", "defaults", "--out", str(out / "defaults")],
        "text": ["text"],
        "rules": ["text", "--by-rule"],
        "prediction": ["prediction", str(run)],
        "training": ["training", str(run / "experiment.toml")],
        "generate": ["generate"],
    }
    for name, config in (("language-model", language_model), ("translation", translation)):
        if config is not None:
            found[name] = [name, str(config)]
    return found | {"memory": ["memory"]}


def _measured(name: str, arguments: list[str], rounds: int | None, out: Path) -> bool:
    """Whether the table stands in the folder, measured now where it did not."""
    from kerasseq.plugin import write_text

    table, log = out / f"{name}.md", out / f"{name}.log"
    if table.is_file():
        click.echo(f"{name}: stands in {table}", err=True)
        return True
    click.echo(f"{name}: measuring", err=True)
    more = ["--rounds", str(rounds)] if rounds and name not in ROUNDLESS else []
    with log.open("w", encoding="utf-8") as said:
        command = [sys.executable, "-m", "kerasseq", "bench", *arguments, *more]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=said, text=True, encoding="utf-8")
    if done.returncode:
        click.echo(f"{name}: failed, see {log}", err=True)
        return False
    grid = out / name / "bench.md"
    text = grid.read_text(encoding="utf-8") if grid.is_file() else done.stdout
    write_text(table, text.replace("(bench.png)", f"({name}/bench.png)"))
    return True


def _page(out: Path) -> str:
    """All tables that the folder holds, each under its heading."""
    parts = ["# Benchmarks\n"]
    for name, title in TITLES.items():
        table = out / f"{name}.md"
        if table.is_file():
            text = table.read_text(encoding="utf-8").strip()
            deeper = "\n".join(f"##{line}" if line.startswith("#") else line for line in text.splitlines())
            parts.append(f"## {title}\n\n{deeper}\n")
    return "\n".join(parts)
