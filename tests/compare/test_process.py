"""Processes that end in every way."""

import os
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


@pytest.fixture
def worker(monkeypatch, tmp_path):
    """`worker(code)`: the process runs this instead."""

    def put(code):
        (tmp_path / "stand_in.py").write_text(code)
        monkeypatch.setattr(process, "WORKER", str(tmp_path / "stand_in.py"))

    return put


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise SystemExit(3)", "must end with a result, got exit code 3"),
        ("import os; os.kill(os.getpid(), 9)", "must end with a result, got signal 9, as from a lack of memory"),
        ('print(\'{"error": "no such word"}\')', "no such word"),
    ],
)
def test_a_process_is_told_by_what_it_says_and_else_by_how_it_ended(job, worker, tmp_path, code, said):
    worker(code)
    with pytest.raises(RunError) as error:
        process.ask(job, tmp_path)
    assert str(error.value) == said


def test_the_process_computes_on_the_backend_of_the_job_whatever_the_environment_says(worker, monkeypatch):
    monkeypatch.setenv("KERASSEQ_BACKEND", "torch")
    worker(
        "import json, os, sys\n"
        "said = [os.environ['KERAS_BACKEND'], 'KERASSEQ_BACKEND' in os.environ, sys.flags.safe_path]\n"
        "print(json.dumps({'error': said}))"
    )
    assert process.launch({"backend": "jax"}) == "['jax', False, True]"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals")
def test_ctrl_c_lets_the_process_write_what_it_has(worker, interrupted, tmp_path, monkeypatch):
    monkeypatch.setattr(process, "GRACE", 4.0)
    worker(
        "import json, pathlib, sys, time\nstarted = pathlib.Path(json.loads(sys.stdin.readline())['started'])\n"
        "try:\n    started.touch()\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    time.sleep(.3)\n    started.with_name('left').touch()\n"
    )
    with interrupted(tmp_path / "started"):
        process.launch({"backend": "jax", "started": str(tmp_path / "started")})
    assert (tmp_path / "left").exists()
