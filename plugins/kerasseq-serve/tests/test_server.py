"""Starting and stopping: signals, exit codes, and what is imported."""

import concurrent.futures
import contextlib
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import time

import pytest
from kerasseq_serve.address import listen, url
from kerasseq_serve.errors import ServeError
from kerasseq_serve.settings import Settings


@contextlib.contextmanager
def _process(path, *arguments):
    """The service in a process of its own, and the port that it says it listens on."""
    command = [sys.executable, "-m", "kerasseq_serve", str(path), "--port", "0", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            port = int(re.search(r":(\d+)\b", process.stderr.readline().partition("//")[2])[1])
            yield process, port
        finally:
            process.kill()


def _post(port, text):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("POST", "/predict", json.dumps({"text": text}))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def _until_open(port):
    """Wait until a request is under way beside the one that asks."""
    end = time.monotonic() + 20
    page = ""
    while "in_flight_requests 2" not in page:
        assert time.monotonic() < end
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request("GET", "/metrics")
            page = connection.getresponse().read().decode()


def test_a_stop_answers_what_was_accepted_and_refuses_what_is_new(serve):
    service = serve("score", held=True)
    with concurrent.futures.ThreadPoolExecutor(2) as clients:
        running = clients.submit(service.post, "/predict", {"text": "w5"})
        assert service.model.entered.wait(10)
        waiting = clients.submit(service.post, "/predict", {"texts": ["w1", "w2"]})
        service.until(lambda: service.service.batcher.waiting == 2)
        service.stop()
        service.until(lambda: service.service.stopping)
        status, headers, body = service.ask("POST", "/predict", {"text": "w1"})
        assert (status, headers["connection"]) == (503, "close")
        assert int(headers["retry-after"]) >= 1
        assert json.loads(body)["error"].startswith("service: must be running, got a stop")
        status, _, body = service.ask("GET", "/health")
        assert (status, json.loads(body)["status"]) == (503, "stopping")
        assert service.ask("GET", "/readyz")[0] == 503
        assert service.ask("GET", "/livez")[0] == 200  # it goes on until what was accepted is answered
        assert service.metrics()["kerasseq_serve_ready"] == 0
        service.model.gate.set()
        assert running.result() == (200, {"prediction": 5.0})
        assert [one["prediction"] for one in waiting.result()[1]["predictions"]] == [1.0, 2.0]
    service.thread.join(10)
    assert not service.thread.is_alive()


def test_a_stop_ends_within_its_bound_and_says_so_to_who_still_waits(serve):
    service = serve("score", held=True, stop_within=0.3)
    with concurrent.futures.ThreadPoolExecutor(1) as clients:
        running = clients.submit(service.post, "/predict", {"text": "w5"})
        assert service.model.entered.wait(10)
        began = time.monotonic()
        service.stop()
        assert running.result()[0] == 503
        service.thread.join(10)
    assert time.monotonic() - began < 6


def test_a_client_that_never_sends_its_body_does_not_hold_up_a_stop(serve):
    service = serve("score")
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        connection.sendall(b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{")
        service.until(lambda: service.counted("in_flight_requests") == 1)
        began = time.monotonic()
        service.stop()
        connection.settimeout(10)
        assert connection.recv(100).startswith(b"HTTP/1.1 503 ")
        service.thread.join(10)
    assert time.monotonic() - began < 6


def test_sigterm_lets_a_process_finish_its_work_and_end_with_0(models):
    with _process(models["slow"], "--threads", "1", "--log-json") as (process, port):
        assert _post(port, "short") == (200, {"prediction": 0.0})
        with concurrent.futures.ThreadPoolExecutor(1) as clients:
            accepted = clients.submit(_post, port, "long")
            _until_open(port)
            process.send_signal(signal.SIGTERM)
            assert accepted.result() == (200, {"prediction": 60_000.0})
        assert process.wait(20) == 0
        entries = [json.loads(line) for line in process.stderr]
    asked = [entry["event"] for entry in entries if entry.get("path") != "/metrics"]
    assert asked == ["request", "stopping", "request"]


def test_a_run_without_end_is_ended_at_the_bound(models):
    with _process(models["slow"], "--threads", "1", "--stop-within", "0.2") as (process, port):
        with concurrent.futures.ThreadPoolExecutor(1) as clients:
            accepted = clients.submit(_post, port, "endless")
            _until_open(port)
            process.send_signal(signal.SIGTERM)
            assert accepted.result()[0] == 503
        assert process.wait(20) == 0
        assert "1 requests were not answered in time" in process.stderr.read()


def test_ctrl_c_ends_with_130(models):
    with _process(models["words"]) as (process, port):
        assert _post(port, "fine")[0] == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert "Traceback" not in process.stderr.read()


def test_the_service_imports_neither_kerasseq_nor_a_framework(models):
    code = (
        "import sys, kerasseq_serve.__main__ as m, kerasseq_serve.server as s, kerasseq_serve.load, json\n"
        "from kerasseq_serve.model import load\n"
        f"s.create_app(load({str(models['words'])!r}), m.Settings())\n"
        "print(json.dumps([m for m in sys.modules if '.' not in m]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    imported = set(json.loads(done.stdout))
    assert "onnxruntime" in imported
    assert not {"kerasseq", "keras", "torch", "jax", "tensorflow", "onnx", "sklearn", "pyarrow"} & imported


def _main(*arguments):
    command = [sys.executable, "-m", "kerasseq_serve", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nothing.onnx"], 1, "nothing.onnx: must be a model file, got nothing there"),
        (["x.onnx", "--port", "70000"], 2, "--port: must be in [0, 65535], got 70000"),
    ],
)
def test_what_cannot_start_is_one_line_and_an_exit_code(arguments, code, message):
    done = _main(*arguments)
    assert (done.returncode, done.stderr, done.stdout) == (code, message + "\n", "")


def test_an_address_that_is_taken_is_one_line_and_1(models):
    with contextlib.closing(listen("127.0.0.1", 0)) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        done = _main(str(models["words"]), "--port", str(port))
    message = f"127.0.0.1:{port}: must be an address to listen on, got address already in use; see --host and --port\n"
    assert (done.returncode, done.stderr) == (1, message)


def test_help_names_every_setting_without_importing_the_service():
    done = _main("--help")
    assert done.returncode == 0
    assert {"--max-batch", "--max-wait", "--queue", "--threads", "--log-json"} <= set(done.stdout.split())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"max_batch": 0}, r"--max-batch: must be in \[1, 4096\], got 0"),
        ({"max_wait": float("nan")}, "--max-wait: must be in"),
        ({"queue": 100}, "--max-texts: must fit into the queue of 100 texts, got 256; set --queue too"),
        ({"queue": 10, "max_texts": 10, "max_words": 10}, "--max-words: must fit into the queue of 10 texts, got 11"),
        ({"queue": 10, "max_texts": 9, "max_words": 9}, "--max-beam: must fit into the queue of 10 texts, got 16"),
    ],
)
def test_a_setting_out_of_its_range_is_told_as_the_command_line_spells_it(values, message):
    with pytest.raises(ServeError, match=message):
        Settings(**values)


def test_an_ipv6_address_stands_in_brackets():
    try:
        listener = listen("::1", 0)
    except ServeError:
        pytest.skip("this system has no IPv6")
    with contextlib.closing(listener):
        assert re.fullmatch(r"http://\[::1\]:\d+", url(listener))
