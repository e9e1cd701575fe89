"""Runs `kerasseq` in processes that are killed: `kerasseq.processes.Worker` starts this file and gives it jobs.

Each job is a process of its own, forked from one that has imported what takes long and computed nothing. It names the
`arguments`, the `folder` to work in, the folder `watched` in it, and one of these: `change`, the number of the change
to a file in the watched folder before which the process gets SIGKILL, counted from 1; `seconds`, after which it gets
`signal`. The answer: its exit `code`, that of a signal below 0, and how many `changes` it made.
"""

import importlib
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kerasseq.commands.main import main
from kerasseq.files import is_temporary
from kerasseq.processes import serve

SLOW = ("kerasseq.experiment", "kerasseq.report.page", "matplotlib.figure", "onnxruntime", "sklearn.linear_model")
CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def work(job: Mapping[str, Any]) -> Iterator[dict[str, int]]:
    """Start one process, and wait for its end."""
    count = Path(job["folder"], "changes")
    child = os.fork()
    if not child:
        try:
            _run(job, count)
        finally:
            os._exit(70)  # nothing of the parent's may go on here
    if "seconds" in job:
        time.sleep(job["seconds"])
        os.kill(child, job["signal"])
    _, status = os.waitpid(child, 0)
    changes = int(count.read_text()) if count.exists() else 0
    yield {"code": os.waitstatus_to_exitcode(status), "changes": changes}


def _run(job: Mapping[str, Any], count: Path) -> None:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # whatever started the tests may ignore them
        signal.signal(each, signal.default_int_handler if each == signal.SIGINT else signal.SIG_DFL)
    os.chdir(job["folder"])
    with open("log", "a") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    sys.stdout, sys.stderr = (open(number, "w", closefd=False) for number in (1, 2))
    made = _counted(Path(job["folder"], job["watched"]), job.get("change", 0))
    code = 0
    try:
        main(job["arguments"])
    except SystemExit as end:
        code = int(end.code or 0)
    sys.stdout.flush()
    sys.stderr.flush()
    count.write_text(str(made()))
    os._exit(code)


def _counted(folder: Path, last: int) -> Any:
    made = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal made
        if not (event in CHANGES or (event == "open" and arguments[2] & WRITES)):
            return
        names = [each for each in arguments[:2] if isinstance(each, str | bytes | Path)]
        paths = [Path(os.path.abspath(os.fsdecode(name))) for name in names]
        if any(path.is_relative_to(folder) and not is_temporary(path) for path in paths):
            made += 1
            if made == last:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return lambda: made


if __name__ == "__main__":
    for name in SLOW:
        importlib.import_module(name)
    serve(work)
