"""Workers that answer, and that end in every way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from kerasseq.processes import Worker, ending, on_backend

ANSWERS = """
import os
os.write(1, b"warning of a library \\xff\\n")
from kerasseq.processes import serve

def work(job):
    os.write(1, b"what a library writes\\n")
    print("what a library prints")
    if job == "die":
        os._exit(7)
    if job == "die in a word":
        os.write(out, b'"half')
        os._exit(8)
    if job == "raise":
        raise ValueError("no such word")
    yield job
    if job == "more":
        yield "no encoding has \\udcff"

out = os.dup(1)
serve(work)
"""


@pytest.fixture
def worker(tmp_path: Path) -> Callable[..., Worker]:
    """`worker(code)`: a process that runs this."""

    def start(code: str, **options: Any) -> Worker:
        (tmp_path / "program.py").write_text(code)
        return Worker(str(tmp_path / "program.py"), **options)

    return start


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise SystemExit(3)", "exit code 3"),
        ("import os; os.kill(os.getpid(), 15)", "signal 15"),
        ("import os; os.kill(os.getpid(), 9)", "signal 9, as from a lack of memory"),
        ("import sys; print('first'); sys.exit('no such\\n  layer  ')", "exit code 1: layer"),
        ("import os; os.write(2, b'\\xff\\n'); raise SystemExit(1)", "exit code 1: \N{REPLACEMENT CHARACTER}"),
    ],
)
def test_it_says_code_or_signal_and_the_last_line(code: str, said: str, worker: Callable[..., Worker]) -> None:
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, check=False)
    assert ending(done.returncode, done.stderr) == said
    with worker(code) as process:
        assert process.ended() == said


def test_jobs_are_answered_in_turn_until_the_process_dies(worker: Callable[..., Worker]) -> None:
    with worker(ANSWERS) as process:
        assert process.ask({"word": "خدمة\n"}) == {"word": "خدمة\n"}
        assert process.ask([1]) == [1]
        assert process.ask("die") is None and process.ask("again") is None
        assert process.ended() == "exit code 7: what a library prints"
    with worker(ANSWERS) as process:
        assert process.ask("die in a word") is None
        assert process.ended() == "exit code 8: what a library prints"


def test_what_a_library_prints_stands_before_the_error(worker: Callable[..., Worker]) -> None:
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with worker(ANSWERS, environment=buffered) as process:
        assert process.ask("raise") is None
        assert process.ended() == "exit code 1: ValueError: no such word"


def test_an_only_job_may_have_many_answers_or_none(worker: Callable[..., Worker]) -> None:
    with worker(ANSWERS) as process:
        assert list(process.answers("more")) == ["more", "no encoding has ?"]
        assert process.ended() == "exit code 0: what a library prints"
    with worker("import sys; sys.stdin.close()") as process:
        assert list(process.answers("long" * 10**6)) == []
        assert process.ended() == "exit code 0"


def test_what_is_not_kept_stands_on_our_stderr(
    worker: Callable[..., Worker], capfd: pytest.CaptureFixture[str]
) -> None:
    with worker("import sys; sys.exit('epoch 1')", kept=False) as process:
        assert process.ended() == "exit code 1"
    assert capfd.readouterr().err == "epoch 1\n"


def test_a_module_is_started_and_nothing_beside_it_or_in_the_working_directory_is_imported(
    worker: Callable[..., Worker], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "this.py").write_text("raise SystemExit(77)")
    with Worker("this") as process:
        assert process.ended() == "exit code 0"
    with worker("import this") as process:
        assert process.ended() == "exit code 0"


def test_an_error_here_ends_the_process(worker: Callable[..., Worker]) -> None:
    started = time.monotonic()
    with pytest.raises(ZeroDivisionError), worker("import time; time.sleep(60)") as process:
        raise ZeroDivisionError
    assert process._process.returncode == -9 and time.monotonic() - started < 30


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals")
@pytest.mark.parametrize(
    "wait",
    [lambda process: process.ask("short"), lambda process: process.ask("long" * 10**6), Worker.ended],
    ids=["read", "write", "end"],
)
def test_ctrl_c_ends_every_wait_and_leaves_no_process_behind(
    wait: Callable[[Worker], Any],
    worker: Callable[..., Worker],
    interrupted: Callable[[Path], AbstractContextManager[None]],
    tmp_path: Path,
) -> None:
    code = (
        "import pathlib, signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "pathlib.Path(__file__).with_name('started').touch()\ntime.sleep(60)"
    )
    process = worker(code, grace=0.1)
    with interrupted(tmp_path / "started"), process:
        wait(process)
    assert process._process.returncode == -9


HOLDS = """
import pathlib, sys, time
from filelock import FileLock
from kerasseq.processes import serve

here = pathlib.Path(__file__).parent
lock = FileLock(here / "lock")
lock.acquire()

def work(job):
    (here / "started").touch()
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        time.sleep(0.2)
        (here / "left").touch()
    return [job]

serve(work, float(job)) if (job := (here / "grace").read_text()) else serve(work)
"""
"""A worker that works long, and holds a lock for as long as it lives."""

STARTS = {
    "verify": "from kerasseq.verify import process; give = lambda: process.ask('torch', Path('run'), Path('.'), 1)",
    "compare": "from kerasseq.compare import process; give = lambda: process.launch({'backend': 'torch'})",
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals")
@pytest.mark.parametrize("sent", ["SIGKILL", "SIGTERM"])
@pytest.mark.parametrize(("verb", "grace"), [("verify", ""), ("compare", "5")])
def test_a_worker_ends_with_the_process_that_gave_its_job(tmp_path: Path, verb: str, grace: str, sent: str) -> None:
    (tmp_path / "program.py").write_text(HOLDS)
    (tmp_path / "grace").write_text(grace)
    # a shell may have started the tests with signals ignored, which stay so
    back = "" if sent == "SIGKILL" else f"signal.signal(signal.{sent}, signal.SIG_DFL)"
    program = f"""
import signal, sys
from pathlib import Path
from kerasseq.commands.main import _signals_interrupt
{STARTS[verb]}
{back}
process.WORKER = sys.argv[1]
with _signals_interrupt():
    give()
"""
    call = [sys.executable, "-c", program, str(tmp_path / "program.py")]
    with subprocess.Popen(call, stderr=subprocess.DEVNULL) as process:
        while not (tmp_path / "started").exists():
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(getattr(signal, sent))
    FileLock(tmp_path / "lock").acquire(timeout=30)
    assert (tmp_path / "left").exists() == bool(grace)


def test_one_backend_is_in_the_environment_and_defaults_give_way_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERASSEQ_BACKEND", "torch")
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    found = on_backend("jax", {"TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS_OF_NOBODY": "cpu"})
    mine = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS_OF_NOBODY": "cpu"}
    assert found == {name: value for name, value in mine.items() if name != "KERASSEQ_BACKEND"}
