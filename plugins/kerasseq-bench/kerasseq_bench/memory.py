"""`kerasseq bench memory`: what rows cost in memory, checked, trained on and answered."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from kerasseq_bench.peaks import Peaks

__all__ = ["memory"]

WORK = {
    "check": "dataset check",
    "run": "run, one epoch",
    "predict": "predict, by the run",
    "onnx": "predict, by model.onnx",
}
"""What is measured, and what a table calls it; the run of the fewest rows answers."""


@click.command()
@click.option(
    "--rows", multiple=True, type=click.IntRange(1000), default=(10_000, 100_000, 1_000_000), show_default=True
)
@click.option("--work", multiple=True, type=click.Choice(list(WORK)), default=tuple(WORK), show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), help="Keep tables, runs and logs here; nowhere without.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Measurements; those that stand here are kept.")
@click.option("--picture", type=click.Path(path_type=Path), help="Draw the curves, an .svg.")
def memory(
    rows: tuple[int, ...], work: tuple[str, ...], folder: Path | None, file: Path | None, picture: Path | None
) -> None:
    """The most memory that a verb takes, with all its processes, by rows.

    The rows are short texts of two classes that are made up, about 86 bytes each; the network is small, so that what
    grows is what rows take. Prints Markdown, in MB: what is anonymous, which lies in memory alone, and what is
    resident, mapped files too, which the system takes back when others need the room. Needs Linux.
    """
    from kerasseq.plugin import RunError, write_json, write_text

    if not Path("/proc/self/status").exists():
        raise RunError("bench memory: must be on Linux, which says in /proc how much memory a process holds")
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8")) if file and file.exists() else []
    with _place(folder) as place:
        for one, count in [(one, count) for count in sorted(rows) for one in WORK if one in work]:
            if not any((each["work"], each["rows"]) == (one, count) for each in found):
                found.append(_measured(one, count, place, min(rows)))
                if file:
                    write_json(file, found)
    found.sort(key=lambda each: (list(WORK).index(each["work"]), each["rows"]))
    click.echo(_report(found))
    if picture:
        from kerasseq_bench.memory_picture import drawn

        write_text(picture, drawn(found, WORK))


@contextlib.contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    """The folder, or one that is gone afterwards."""
    if folder is None:
        with TemporaryDirectory() as made:
            yield Path(made)
        return
    folder.mkdir(parents=True, exist_ok=True)
    yield folder


def _measured(work: str, rows: int, place: Path, fewest: int) -> dict[str, Any]:
    """Peaks of one verb on so many rows."""
    table = _table(place, rows)
    if work == "check":
        command = ["dataset", "check", str(table.with_suffix(".toml"))]
    elif work == "run":
        command = _run(place, rows)
    else:
        few = place / "runs" / str(fewest) / "many"
        if not few.exists():
            _table(place, fewest)
            _kerasseq(_run(place, fewest), place / "few.log")
        made = str(max(few.iterdir()))
        answering = [f"{made}/model.onnx"] if work == "onnx" else [made, "--backend", "torch"]
        command = ["predict", *answering, "--input", str(table), "--output", str(place / "answers.csv"), "--force"]
    peaks = _kerasseq(command, place / f"{rows}-{work}.log")
    return {"work": work, "rows": rows, **asdict(peaks)}


def _table(place: Path, rows: int) -> Path:
    """The csv, and beside it the experiment that reads it; what stands there is taken."""
    from kerasseq.plugin import atomic, write_text
    from kerasseq_bench.short_texts import EXPERIMENT, write_table

    table = place / f"{rows}.csv"
    if not table.exists():
        with atomic(table) as temporary:
            write_table(temporary, rows)
    write_text(table.with_suffix(".toml"), EXPERIMENT.format(file=table.name))
    return table


def _run(place: Path, rows: int) -> list[str]:
    return ["run", str(place / f"{rows}.toml"), "--backend", "torch", "--out", str(place / "runs" / str(rows))]


def _kerasseq(arguments: Sequence[str], log: Path) -> Peaks:
    """Run a verb in a process of its own, and watch it.

    Raises:
        RunError: It did not end well.
    """
    from kerasseq.plugin import RunError
    from kerasseq_bench.peaks import watched

    with log.open("w", encoding="utf-8") as out:
        code, peaks = watched([sys.executable, "-m", "kerasseq", *arguments], out)
    if code:
        said = log.read_text(encoding="utf-8", errors="replace")[-500:]
        raise RunError(f"kerasseq {' '.join(arguments)}: must end with exit code 0, got {code}: {said}")
    return peaks


def _report(found: Sequence[dict[str, Any]]) -> str:
    """A table of megabytes, a line per number of rows, two columns per verb."""
    from kerasseq_bench.tables import markdown

    every = [one for one in WORK if any(each["work"] == one for each in found)]
    known = {(each["work"], each["rows"]): each for each in found}
    head = ["rows", *(f"{WORK[one]}: {what}" for one in every for what in ("anonymous", "resident"))]
    lines = []
    for rows in sorted({each["rows"] for each in found}):
        cells = [known.get((one, rows), {}).get(what) for one in every for what in ("anonymous", "resident")]
        lines.append([f"{rows:,}", *("" if cell is None else f"{cell / 1e6:,.0f}" for cell in cells)])
    return markdown(head, lines)
