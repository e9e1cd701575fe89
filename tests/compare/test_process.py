"""Processes that end in every way."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from kerasseq.compare import process
from kerasseq.compare.plan import make_plan
from kerasseq.errors import RunError


@pytest.fixture
def job(tiny, tmp_path):
    [model] = make_plan([tiny(tmp_path)], seeds=1)
    return model.jobs[0]


def test_other_draws_of_the_rows_are_measured_anew(job, finished, tmp_path):
    for one in (job, replace(job, run=finished)):
        places = [
            process.place(other, tmp_path)
            for other in (one, replace(one, resamples=one.resamples + 1), replace(one, draws=one.draws + 1))
        ]
        assert len(set(places)) == 3
        assert process.place(replace(one), tmp_path) == places[0]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (3, "must end with a result, got exit code 3"),
        (-signal.SIGKILL, "must end with a result, got signal 9, as from a lack of memory"),
    ],
)
def test_a_process_that_says_nothing_is_told_by_how_it_ended(job, tmp_path, monkeypatch, code, said):
    monkeypatch.setattr(process, "launch", lambda path, backend: code)
    with pytest.raises(RunError) as error:
        process.ask(job, tmp_path)
    assert str(error.value) == said


def test_the_process_computes_on_the_backend_of_the_job_whatever_the_environment_says(tmp_path, monkeypatch):
    seen = {}

    class Process:
        def __init__(self, command, env, **options):
            seen.update(env=env, command=command)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return False

        def wait(self, timeout=None):
            return 0

    monkeypatch.setattr(subprocess, "Popen", Process)
    monkeypatch.setenv("KERASSEQ_BACKEND", "torch")
    assert process.launch(tmp_path / "job.json", "jax") == 0
    assert seen["env"]["KERAS_BACKEND"] == "jax" and "KERASSEQ_BACKEND" not in seen["env"]
    assert seen["command"][1] == "-P"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals")
@pytest.mark.parametrize("interrupts", [True, False])
def test_ctrl_c_lets_the_process_write_what_it_has(tmp_path, monkeypatch, request, interrupts):
    request.addfinalizer(lambda: signal.siginterrupt(signal.SIGINT, True))
    signal.siginterrupt(signal.SIGINT, interrupts)  # whether a system call ends at the signal, or starts again
    monkeypatch.setattr(process, "GRACE", 8.0)
    code = (
        "import pathlib, sys, time\ntry:\n    pathlib.Path(sys.argv[1]).touch()\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    time.sleep(.3)\n    pathlib.Path(sys.argv[1] + '.left').touch()\n"
    )
    started = tmp_path / "started"
    running = subprocess.Popen([sys.executable, "-c", code, str(started)])

    def interrupt():
        while not started.exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        process._wait(running)
    assert running.poll() is not None
    assert (tmp_path / "started.left").exists()
