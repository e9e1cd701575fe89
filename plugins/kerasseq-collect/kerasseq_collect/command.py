"""`kerasseq collect`."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

if TYPE_CHECKING:
    from kerasseq_collect.job import Folder, Job

__all__ = ["collect"]

AGENT = "kerasseq-collect (+https://pypi.org/project/kerasseq-collect/)"
SUFFIXES = (".csv", ".tsv", ".jsonl")
MAY_CHANGE = ("pages", "minutes", "delay")
"""Options that a crawl may be given anew when it goes on."""
HOSTS = 3
"""Of those that pages were redirected to, as many are named."""


@click.command()
@click.argument("addresses", nargs=-1, metavar="ADDRESS...")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help=f"A {', '.join(SUFFIXES)} file.",
)
@click.option("--also", multiple=True, metavar="HOST", help="Follow links to this host, too; may be repeated.")
@click.option("--pages", type=click.IntRange(1), default=1000, show_default=True, help="Most pages that are fetched.")
@click.option("--depth", type=click.IntRange(1), default=5, show_default=True, help="Most links from an ADDRESS.")
@click.option(
    "--minutes",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    help="Most time of the crawl.",
)
@click.option(
    "--delay",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    help="Seconds between requests to a host; longer where its robots.txt says so.",
)
@click.option(
    "--largest", type=click.FloatRange(0, min_open=True), default=5.0, show_default=True, help="MB of a page."
)
@click.option("--language", default="", metavar="CODE", help="Keep texts in this language: ar, en, ...; else any.")
@click.option("--words", type=click.IntRange(1), default=20, show_default=True, help="Fewest words of a text.")
@click.option(
    "--allow-private", "private", multiple=True, metavar="HOST", help="A host of this machine or of a private network."
)
@click.option("--agent", default=AGENT, show_default=True, help="What sites are told: who asks, and where to complain.")
@click.option("--score", "run", type=click.Path(exists=True, path_type=Path), help="A run whose answers become Score.")
@click.option(
    "--rules", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A TOML file of words; see docs."
)
@click.option(
    "--resume", is_flag=True, help="Go on with a crawl that was interrupted; its ADDRESS and options are known."
)
@click.option("--force", is_flag=True, help="Overwrite the file if it is there.")
@click.pass_context
def collect(
    ctx: click.Context,
    addresses: tuple[str, ...],
    output: Path,
    also: tuple[str, ...],
    pages: int,
    depth: int,
    minutes: float,
    delay: float,
    largest: float,
    language: str,
    words: int,
    private: tuple[str, ...],
    agent: str,
    run: Path | None,
    rules: Path | None,
    resume: bool,
    force: bool,
) -> None:
    """Make a table of the texts of pages.

    Begins at each ADDRESS and follows links between pages of its host. robots.txt is obeyed, http and https alone are
    asked. Texts that are nearly the same are kept once. The table has the columns Text, address, title, date, language
    and licence, the last one as the page says; whether you may use a text is yours to know.
    """
    from kerasseq_collect.addresses import host_named, host_of
    from kerasseq_collect.job import Folder, Job

    if run is not None and rules is not None:
        raise click.UsageError("give --score or --rules, not both")
    if output.suffix not in SUFFIXES:
        raise click.UsageError(f"--output must end with {', '.join(SUFFIXES)}, got {output}")
    if output.exists() and not force:
        raise click.UsageError(f"{output} is there already; --force overwrites it")
    score = _score(run, rules)  # what is wrong with it is said before a site is asked
    folder = Folder(output.with_name(f"{output.name}.collecting"))
    if resume:
        if addresses:
            raise click.UsageError("--resume knows its addresses, give none")
        if not folder.settings.exists():
            raise click.UsageError(f"--resume: nothing was begun for {output}: {folder.path} is not there")
        job = _again(ctx, folder.job())
    else:
        _check(addresses, also, private, language)
        if folder.path.exists() and not force:
            raise click.UsageError(
                f"{folder.path} holds a crawl that was interrupted; --resume goes on, --force begins anew"
            )
        shutil.rmtree(folder.path, ignore_errors=True)
        private = tuple(map(host_named, private))
        hosts = tuple(dict.fromkeys([*map(host_of, addresses), *map(host_named, also)]))
        most = int(largest * 1e6)
        addresses = tuple(address if urlsplit(address).path else f"{address}/" for address in addresses)
        job = Job(addresses, hosts, pages, depth, minutes, delay, most, language, words, private, agent)
    folder.write(job)
    told = _crawl(job, folder, output)
    kept = _write(folder, output, score)
    _report(told, folder.left_out(), kept, output)
    if kept:
        shutil.rmtree(folder.path)


def _again(ctx: click.Context, job: Job) -> Job:
    """The job as it was begun, with what this command line says anew."""
    written = {name for name in ctx.params if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE}
    fixed = written - {*MAY_CHANGE, "addresses", "output", "run", "rules", "resume", "force"}
    if fixed:
        options = ", ".join(sorted(f"--{'allow-private' if name == 'private' else name}" for name in fixed))
        may = ", ".join(f"--{name}" for name in MAY_CHANGE)
        raise click.UsageError(f"{options}: a crawl goes on as it was begun; {may} may change")
    return replace(job, **{name: ctx.params[name] for name in MAY_CHANGE if name in written})


def _check(addresses: Sequence[str], also: Sequence[str], private: Sequence[str], language: str) -> None:
    from kerasseq_collect.addresses import host_named, host_of, is_private, problem

    if not addresses:
        raise click.UsageError("give an ADDRESS to begin at, https://...")
    problems = [f"{address}: {found}" for address in addresses if (found := problem(address))]
    allowed = set(map(host_named, private))
    for address in addresses:
        host = host_of(address)
        if not problem(address) and host not in allowed and is_private(host):
            problems.append(
                f"{address}: must not be of this machine or a private network; --allow-private {host} allows it"
            )
    for option, hosts in (("--also", also), ("--allow-private", private)):
        for given in hosts:
            if not host_named(given):
                meant = host_named(host_of(given if "//" in given else f"//{given}")) or "example.org"
                problems.append(f"{option}: must be a host alone, got {given}; write {option} {meant}")
    if language:
        import py3langid

        known = sorted(str(code) for code, _ in py3langid.rank(""))
        if language not in known:
            problems.append(f"--language: must be one of {', '.join(known)}, got {language}")
    if problems:
        raise click.UsageError("\n".join(problems))


def _score(run: Path | None, rules: Path | None) -> Callable[[Sequence[str]], Sequence[Any]] | None:
    from kerasseq_collect.scoring import by_run, read_rules

    if rules is not None:
        return read_rules(rules)
    return by_run(run) if run is not None else None


def _crawl(job: Job, folder: Folder, output: Path) -> Mapping[str, Any]:
    """Fetch in a process of its own; what it says at its end."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from kerasseq.plugin import RunError, err

    command = [sys.executable, "-P", "-m", "kerasseq_collect.crawl", str(folder.path)]
    again = f"go on with: kerasseq collect --resume --output {output}"
    kept = TextColumn("kept {task.fields[kept]}")
    columns = TextColumn("pages"), BarColumn(), MofNCompleteColumn(), kept, TimeElapsedColumn()
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    ended: Mapping[str, Any] = {"ended": "shutdown"}
    last = ""
    with subprocess.Popen(command, text=True, encoding="utf-8", errors="replace", **pipes) as process:
        try:
            with Progress(*columns, console=err(), transient=True, disable=not err().is_terminal) as bar:
                task = bar.add_task("pages", total=job.pages, kept=0)
                for line in process.stdout or ():
                    if not line.startswith("{"):  # what a library says before it falls
                        last = line.strip() or last
                    elif "ended" in (told := json.loads(line)):
                        ended = told
                    else:
                        bar.update(task, completed=told["pages"], kept=told["kept"])
        except BaseException as stop:
            _stop(process)
            if isinstance(stop, KeyboardInterrupt):
                stop.add_note(f"{folder.path} holds what was fetched; {again}")
            raise
    if process.returncode or ended["ended"] == "shutdown":  # which is a signal's
        raise RunError(f"the crawl ended: {last or f'exit status {process.returncode}'}; {again}")
    return ended


def _stop(process: subprocess.Popen[str]) -> None:
    """End a crawl by the end of its stdin: what it is writing is whole then."""
    try:
        process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()


def _write(folder: Folder, output: Path, score: Callable[[Sequence[str]], Sequence[Any]] | None) -> int:
    """The table, whole or not at all; how many rows."""
    from kerasseq.plugin import atomic
    from kerasseq_collect.job import COLUMNS

    rows = [row for row in folder.read() if "Text" in row]
    if not rows:
        return 0
    names = [*COLUMNS, "Score"] if score is not None else list(COLUMNS)
    if score is not None:
        for row, found in zip(rows, score([row["Text"] for row in rows]), strict=True):
            row["Score"] = found
    with atomic(output) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        if output.suffix == ".jsonl":
            file.writelines(json.dumps({name: row[name] for name in names}, ensure_ascii=False) + "\n" for row in rows)
        else:
            table = csv.DictWriter(
                file, names, delimiter="\t" if output.suffix == ".tsv" else ",", extrasaction="ignore"
            )
            table.writeheader()
            table.writerows(rows)
    return len(rows)


def _report(told: Mapping[str, Any], left_out: Counter[str], kept: int, output: Path) -> None:
    from kerasseq.plugin import DataError
    from kerasseq_collect.job import ELSEWHERE, ENOUGH

    ends = {ENOUGH: "--pages was reached", "closespider_timeout": "--minutes were over"}
    counts = left_out + Counter(told["counts"])
    elsewhere = [reason for reason, _ in counts.most_common() if reason.startswith(ELSEWHERE)]
    for reason in elsewhere[HOSTS:]:
        counts["redirected to yet other hosts"] += counts.pop(reason)
    reasons = [f"{number:,} {reason}" for reason, number in counts.most_common()]
    said = f"left out: {', '.join(reasons)}" if reasons else "nothing was left out"
    if elsewhere:
        said += f"; --also {elsewhere[0].removeprefix(ELSEWHERE)} follows redirects there"
    if not kept:
        raise DataError(f"no page gave a text that was asked for; {said}")
    click.echo(f"{output}: {kept:,} texts; {said}")
    if told["ended"] in ends:
        click.echo(f"the sites may have more pages: {ends[told['ended']]}")
