"""Several processes behind one port."""

import asyncio
import concurrent.futures
import contextlib
import http.client
import io
import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
from kerasseq_runtime.cores import cores
from kerasseq_serve import worker
from kerasseq_serve.app import create_app
from kerasseq_serve.errors import ServeError
from kerasseq_serve.model import load
from kerasseq_serve.server import make_server
from kerasseq_serve.settings import Settings
from kerasseq_serve.workers import _each

pytestmark = pytest.mark.skipif(os.name != "posix", reason="workers inherit a socket")


class Crew:
    """A service of two workers.

    Attributes:
        process: What started them.
        port: Where they answer.
        entries: What was logged so far.
    """

    def __init__(self, process):
        self.process, self.entries = process, []
        self.port = int(re.search(r":(\d+)$", self.until("ready")["address"])[1])
        self.until("ready")

    def until(self, event):
        """The next entry of the log of this event."""
        for line in self.process.stderr:
            self.entries.append(json.loads(line))
            if self.entries[-1]["event"] == event:
                return self.entries[-1]
        pytest.fail(f"the service ended without {event}")

    def rest(self):
        """What is logged until the end."""
        self.entries += map(json.loads, self.process.stderr)
        return self.entries

    def pids(self):
        """The workers that were said to serve."""
        ended = {entry["pid"] for entry in self.entries if entry["event"] == "worker"}
        return [entry["pid"] for entry in self.entries if entry["event"] == "ready" and entry["pid"] not in ended]

    def ask(self, method, path, content=None):
        """One request on a connection of its own."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path, json.dumps(content) if content else None)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def metrics(self):
        """The samples of /metrics by name and labels, whichever worker is asked."""
        lines = self.ask("GET", "/metrics")[1].splitlines()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line[0] != "#"}


@contextlib.contextmanager
def crew(path, *arguments):
    command = [sys.executable, "-m", "kerasseq_serve", str(path), "--port", "0", "--workers", "2", "--log-json"]
    with subprocess.Popen([*command, *arguments], stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Crew(process)
        finally:
            process.kill()


def gone(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return False
    return True


def wait(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture(scope="module")
def scores(models):
    with crew(models["score"]) as found:
        yield found


def answer(scores):
    return scores.ask("POST", "/predict", {"text": "w5"})


def test_every_worker_tells_what_all_of_them_counted(scores):
    for _ in range(20):
        assert answer(scores) == (200, '{"prediction":5.0}')
    wait(lambda: scores.metrics()['kerasseq_serve_requests_total{path="/predict",status="200"}'] == 20)
    for page in [scores.metrics() for _ in range(4)]:
        assert page["kerasseq_serve_texts_total"] == page["kerasseq_serve_request_seconds_count"] == 20
        assert page['kerasseq_serve_batch_size_bucket{le="+Inf"}'] == page["kerasseq_serve_batch_size_count"]
        assert (page["kerasseq_serve_workers"], page["kerasseq_serve_ready"]) == (2, 1)
        assert page['kerasseq_serve_limit{name="max_texts"}'] == 256  # the bound of each, not their sum
        assert page['kerasseq_serve_model_info{name="score",task="regression",version="0.1.0"}'] == 1
    health = json.loads(scores.ask("GET", "/health")[1])
    assert (health["status"], health["workers"]) == ("ready", 2)


@pytest.mark.parametrize(("stroke", "how"), [(signal.SIGKILL, "by SIGKILL"), (signal.SIGTERM, "exit code 0")])
def test_a_worker_that_ends_is_started_again_and_its_counts_stay(scores, stroke, how):
    answer(scores)
    before = scores.metrics()
    victim, other = scores.pids()
    os.kill(victim, stroke)
    said = scores.until("worker")
    assert (said["pid"], said["ended"]) == (victim, how)
    assert answer(scores)[0] == 200  # by the other
    assert scores.until("ready")["pid"] not in (victim, other)
    page = scores.metrics()
    assert page["kerasseq_serve_texts_total"] == before["kerasseq_serve_texts_total"] + 1
    wait(lambda: scores.metrics()["kerasseq_serve_workers"] == 2)
    wait(lambda: scores.metrics()["kerasseq_serve_in_flight_requests"] == 1)  # the one that asks


def test_workers_end_with_who_started_them_however_that_ended(models):
    with crew(models["score"]) as found:
        pids = found.pids()
        found.process.kill()
        found.process.wait()
        wait(lambda: all(map(gone, pids)))


@pytest.mark.parametrize(("stroke", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_one_signal_ends_all_and_what_was_accepted_is_answered(models, stroke, code):
    settings = ("--threads", "1", "--stop-within", "300")
    with crew(models["slow"], *settings) as found, concurrent.futures.ThreadPoolExecutor(2) as clients:
        accepted = [clients.submit(found.ask, "POST", "/predict", {"text": "some"}) for _ in range(2)]
        wait(lambda: found.metrics()["kerasseq_serve_in_flight_requests"] == 3)
        pids = found.pids()
        # A terminal, or a service manager, sends it to every process: no second signal, which would hurry them
        for pid in (*pids, found.process.pid):
            os.kill(pid, stroke)
        assert [one.result()[0] for one in accepted] == [200, 200]
        assert found.process.wait(30) == code
        assert all(map(gone, pids))
        assert "worker" not in {entry["event"] for entry in found.rest()}


def test_a_second_signal_ends_what_is_left(models):
    with crew(models["slow"], "--threads", "1") as found, concurrent.futures.ThreadPoolExecutor(1) as clients:
        accepted = clients.submit(found.ask, "POST", "/predict", {"text": "endless"})
        wait(lambda: found.metrics()["kerasseq_serve_in_flight_requests"] == 2)
        found.process.send_signal(signal.SIGTERM)
        found.until("stopping")
        found.process.send_signal(signal.SIGTERM)
        assert accepted.result()[0] == 503
        assert found.process.wait(30) == 0


def test_what_keeps_every_worker_from_serving_is_told_once(tmp_path):
    (tmp_path / "bad.onnx").write_bytes(b"x")
    command = [sys.executable, "-m", "kerasseq_serve", "bad.onnx", "--port", "0", "--workers", "3"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert done.stderr.startswith("bad.onnx: must be a whole ONNX file")


def test_a_worker_that_cannot_answer_any_more_ends_so_that_another_takes_its_place(models, monkeypatch):
    settings, ended = Settings(workers=2), []
    made = make_server(create_app(load(models["score"]), settings), settings)
    server = worker.WorkerServer(made.config, made.service, made.stop_within, io.StringIO())
    assert server.service.status == "failed"  # the thread that answers does not run
    monkeypatch.setattr(worker.os, "_exit", ended.append)
    asyncio.run(server.on_tick(1))
    assert ended == [1]


@pytest.mark.parametrize("workers", [0, -1, 257])
def test_a_number_of_workers_out_of_its_range_is_told(workers):
    with pytest.raises(ServeError, match=rf"--workers: must be in \[1, 256\], got {workers}"):
        Settings(workers=workers)


def test_workers_share_the_cores_where_no_threads_are_given():
    assert _each(Settings(workers=2)).threads == max(cores() // 2, 1)
    assert _each(Settings(workers=256)).threads == 1
    assert _each(Settings(workers=2, threads=3)).threads == 3
