"""`python -m fuzzing`: so many damaged files, and what became of them; exit code 1 where one was read wrongly."""

from __future__ import annotations

import argparse
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from fuzzing.kinds import Kind, kinds, prepare
from fuzzing.worker import spoiled

SECONDS = 10.0
"""Of the processor for one file, at most."""
PATIENCE = 60.0
"""Of the processor until a worker that says nothing is ended; it imports what a kind needs, too."""
MEGABYTES = 1000
"""For one file, at most."""
LIFE = 20_000
"""Cases of a worker, so that what it keeps does not add up."""


class Reader:
    """A worker, started anew when one has died."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._worker, self._left = folder, None, 0

    def ask(self, number: int, place: int) -> dict[str, Any]:
        """How a case went."""
        if self._worker is None or not self._left:
            self.stop()
            command = [sys.executable, "-m", "fuzzing.worker", str(self._folder)]
            self._worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self._left = LIFE
        self._left -= 1
        worker: Any = self._worker
        worker.stdin.write(f"{number} {place}\n")
        worker.stdin.flush()
        ready, end = False, _busy(worker.pid) + PATIENCE
        while not ready and _busy(worker.pid) < end:
            ready = bool(select.select([worker.stdout], [], [], 5)[0])
        line = worker.stdout.readline() if ready else ""
        if line:
            return dict(json.loads(line))
        self._left = 0
        if not ready:
            worker.kill()
        code = worker.wait()
        if code == 1:
            raise SystemExit((self._folder / "worker.log").read_text(encoding="utf-8", errors="replace")[-2000:])
        return {"fault": f"ended by signal {-code}" if ready else f"no answer in {PATIENCE:.0f} s"}

    def stop(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.kill()
            self._worker.wait()
            self._worker = None


def _busy(process: int) -> float:
    """Seconds of the processor that a process has had; other work on the machine does not count."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def fault_of(said: dict[str, Any]) -> str:
    """What was wrong with a case."""
    if said["fault"]:
        return str(said["fault"])
    if said["seconds"] > SECONDS:
        return f"{said['seconds']:.0f} s"
    return f"{said['megabytes']:.0f} MB" if said["megabytes"] > MEGABYTES else ""


def fuzz(settings: argparse.Namespace, folder: Path) -> tuple[Counter[str], Counter[str]]:
    """Cases and faults by kind."""
    every = kinds()
    chosen = [n for n, kind in enumerate(every) if settings.only in kind.name]
    reader = Reader(folder)
    cases: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    sound = {kind.name: (folder / kind.file).read_bytes() for kind in every}
    end = time.monotonic() + 60 * settings.minutes
    # cases of a kind follow each other, what is read at once first: Keras is imported once, and late
    share = settings.cases / sum(every[place].weight for place in chosen)
    plan = sorted(((place, round(share * every[place].weight)) for place in chosen), key=lambda kind: -kind[1])
    for place, count in plan:
        kind = every[place]
        for number in range(settings.first, settings.first + max(count, 1)):
            if time.monotonic() > end:
                break
            fault = fault_of(reader.ask(number, place))
            (folder / kind.file).write_bytes(sound[kind.name])  # a worker that died has left it damaged
            cases[kind.name] += 1
            if fault:
                faults[kind.name] += 1
                _keep(settings.out, kind, sound[kind.name], number, fault)
        print(f"{kind.name}: {cases[kind.name]} cases, {faults[kind.name]} faults", flush=True)
    reader.stop()
    return cases, faults


def _keep(out: Path, kind: Kind, whole: bytes, number: int, fault: str) -> None:
    """The damaged file, and a line that says what it did."""
    out.mkdir(parents=True, exist_ok=True)
    name = f"{kind.name.replace('/', '-').replace(' ', '-').replace(':', '')}-{number}"
    (out / f"{name}{Path(kind.file).suffix}").write_bytes(spoiled(kind, whole, number))
    with (out / "faults.txt").open("a", encoding="utf-8") as file:
        file.write(f"{name}: {fault!r}\n")
    print(f"{name}: {fault!r}", flush=True)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="fuzzing", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000, help="damaged files, shared among the kinds")
    parser.add_argument("--first", type=int, default=0, help="number of the first case of each kind, to go on")
    parser.add_argument("--minutes", type=float, default=1e6, help="stop after so long")
    parser.add_argument("--only", default="", help="kinds with this in their names")
    parser.add_argument("--out", type=Path, default=Path("build/fuzz"), help="where files that did harm are kept")
    settings = parser.parse_args()
    os.environ.setdefault("KERAS_BACKEND", "torch")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kerasseq-fuzz-") as folder:
        prepare(Path(folder))
        cases, faults = fuzz(settings, Path(folder))
    print(f"{sum(cases.values()):,} cases of {len(cases)} kinds in {time.monotonic() - start:.0f} s", end=", ")
    print(f"{sum(faults.values())} read wrongly" + (f", kept in {settings.out}" if faults else ""))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
