"""`kerasseq bench prediction`: a table of texts in, a table of answers out, each program from its start to its end."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import click

from kerasseq.plugin import run_argument

__all__ = ["prediction"]


@click.command()
@run_argument
@click.option("--rows", type=click.IntRange(1), default=100_000, show_default=True, help="Made-up tweets to answer.")
@click.option("--texts", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A csv with a column text.")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True, help="Of each program, in turn.")
@click.option("--keras", is_flag=True, help="Ask the run through Keras, too.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the measurements here too.")
def prediction(run: Path, rows: int, texts: Path | None, rounds: int, keras: bool, file: Path | None) -> None:
    """Rows a second and memory of a whole job: a csv of texts in, a csv of answers out.

    `kerasseq predict` on RUN's model.onnx, beside scikit-learn as its users write it: TF-IDF of words and of letters
    inside them through a linear model, fitted on the same rows, in chunks of 10,000. A process for each, with all
    cores; the clock runs from its start to its end. Prints Markdown.
    """
    from kerasseq.plugin import UsageError, write_json
    from kerasseq_bench import processes

    if not (run / "model.onnx").is_file():
        raise UsageError(f"{run}: must hold a model.onnx; kerasseq export {run} --to onnx writes it")
    with TemporaryDirectory() as name:
        folder = Path(name)
        source = texts or _tweets(folder / "texts.csv", rows)
        rival = folder / "linear.pickle"
        job = {"config": str(run / "experiment.toml"), "overrides": [], "folder": name}
        sides, _ = processes.asked(folder, "kerasseq_bench.own", "rows", job=job)
        processes.run("-m", "kerasseq_bench.linear", "fit", sides["train"], str(rival))
        programs = _programs(run, source, folder, rival, keras)
        measured: dict[str, list[dict[str, float]]] = {who: [] for who in programs}
        for turn in range(rounds):
            order = list(programs)[turn % len(programs) :] + list(programs)[: turn % len(programs)]
            for who in order:
                measured[who].append(processes.run(*programs[who], KERASSEQ_QUIET="1")._asdict())
                click.echo(f"{who}, round {turn + 1}: {measured[who][-1]['seconds']:.1f} s", err=True)
        answered = _rows(folder / "1.csv")
    found = {"rows": answered, "machine": _machine(), "programs": measured}
    click.echo(_report(found))
    if file is not None:
        write_json(file, found)


def _programs(run: Path, source: Path, folder: Path, rival: Path, keras: bool) -> dict[str, list[str]]:
    """What follows the interpreter, by name; ours first."""

    def predict(model: Path, number: int, *more: str) -> list[str]:
        out = str(folder / f"{number}.csv")
        return ["-m", "kerasseq", "predict", str(model), "--input", str(source), "-o", out, "--force", *more]

    found = {
        "kerasseq, model.onnx": predict(run / "model.onnx", 1),
        "scikit-learn": ["-m", "kerasseq_bench.linear", "answer", str(rival), str(source), str(folder / "2.csv")],
    }
    return found | ({"kerasseq, torch": predict(run, 3, "--backend", "torch")} if keras else {})


def _tweets(path: Path, rows: int) -> Path:
    from kerasseq_bench.tweets import generate

    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["text"])
        writer.writerows([text] for text in generate(rows))
    return path


def _rows(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def _machine() -> str:
    from kerasseq_bench.tables import machine

    return f"{os.cpu_count()} cores of {machine()}, load {os.getloadavg()[0]:.2f}"


def _report(found: dict[str, Any]) -> str:
    from kerasseq_bench.tables import markdown

    lines, ours = [], 0.0
    for who, rounds in found["programs"].items():
        seconds, cpu, peak = (median(each[name] for each in rounds) for name in ("seconds", "cpu", "peak"))
        ours = ours or seconds
        speeds = f"{found['rows'] / seconds:,.0f}", f"{found['rows'] / cpu:,.0f}"
        lines.append((who, *speeds, f"{seconds / ours:.2f}", f"{seconds:,.1f}", f"{peak:,.0f}"))
    head = ("", "rows/s", "rows/s of CPU time", "kerasseq is faster by", "whole, s", "peak memory, MiB")
    rounds = len(next(iter(found["programs"].values())))
    said = f"{found['rows']:,} rows, csv to csv, medians of {rounds} rounds in turn; {found['machine']}."
    return f"{markdown(head, lines)}\n\n{said}"
