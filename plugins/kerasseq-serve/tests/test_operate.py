"""docs/operate.md: the container and the unit, by their parts; the container itself where docker has its base."""

import configparser
import contextlib
import hashlib
import http.client
import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kerasseq_serve.__main__ import _parser

PLUGIN = Path(__file__).parents[1]
ROOT = PLUGIN.parents[1]
PAGE = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
DOCKERFILE = (PLUGIN / "Dockerfile").read_text(encoding="utf-8")
UNIT = (PLUGIN / "kerasseq-serve.service").read_text(encoding="utf-8")
LINES = dict(re.findall(r"^(ENTRYPOINT|CMD|HEALTHCHECK) (.*)$", DOCKERFILE, re.M))
BASE = re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)[0]


def block(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)


def test_the_page_shows_the_files_as_they_are():
    assert block("dockerfile")[0] == "".join(line for line in DOCKERFILE.splitlines(True) if not line.startswith("#"))
    assert block("ini")[0] in UNIT


def test_what_the_container_copies_is_there_and_what_it_installs_it_copied():
    copied = dict(re.findall(r"^COPY (\S+) (\S+)$", DOCKERFILE, re.M))
    assert copied.pop("model.onnx") == "/model.onnx"
    assert all((ROOT / source / "pyproject.toml").is_file() for source in copied)
    installed = re.findall(r"^RUN pip install --no-cache-dir (\S+) ", DOCKERFILE, re.M)
    assert set(installed) <= set(copied.values())


def test_the_lines_of_the_container_run_the_service_and_its_check_passes(models, unused):
    command = [*json.loads(LINES["ENTRYPOINT"]), *json.loads(LINES["CMD"])]
    assert command[0] == "python"
    command = [sys.executable, *command[1:]]
    command[command.index("/model.onnx")] = str(models["words"])
    command[command.index("8000")] = str(unused)
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            health = json.loads(_until_ready(unused))
            check = json.loads(LINES["HEALTHCHECK"].removeprefix("CMD "))
            check = [sys.executable, *(word.replace("8000", str(unused)) for word in check[1:])]
            assert subprocess.run(check, check=False).returncode == 0
            assert health["sha256"] == hashlib.sha256(Path(models["words"]).read_bytes()).hexdigest()
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
            assert all(json.loads(line) for line in process.stderr)
        finally:
            process.kill()


def test_the_unit_says_a_command_line_that_is_one_and_waits_longer_than_the_service():
    unit = configparser.ConfigParser()
    unit.optionxform = str
    unit.read_string(UNIT)
    python, *words = shlex.split(unit["Service"]["ExecStart"])
    assert python == "/opt/model/bin/python" and words[:2] == ["-m", "kerasseq_serve"]
    given = _parser().parse_args(words[2:])
    assert given.stop_within < float(unit["Service"]["TimeoutStopSec"])


def test_the_paths_of_the_page_are_those_of_the_service():
    from kerasseq_serve.watch import PATHS

    assert set(re.findall(r"^\| `(/\w+)`", PAGE, re.M)) <= set(PATHS)


@pytest.mark.skipif(
    shutil.which("docker") is None
    or subprocess.run(["docker", "image", "inspect", BASE], capture_output=True, check=False).returncode != 0,
    reason=f"docker has no {BASE} here",
)
def test_the_container_is_built(models, tmp_path):
    for name in ("kerasseq-runtime", "kerasseq-serve"):
        shutil.copytree(ROOT / "plugins" / name, tmp_path / "plugins" / name)
    shutil.copy(models["words"], tmp_path / "model.onnx")
    command = ["docker", "build", "-f", "plugins/kerasseq-serve/Dockerfile", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def unused():
    """A port that nobody listens on."""
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _until_ready(port):
    """What /health says once /readyz is 200."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with contextlib.suppress(OSError), contextlib.closing(http.client.HTTPConnection("127.0.0.1", port)) as asked:
            asked.request("GET", "/readyz")
            answer = asked.getresponse()
            answer.read()
            if answer.status == 200:
                asked.request("GET", "/health")
                return asked.getresponse().read()
        time.sleep(0.05)
    pytest.fail("the service was not ready within 30 s")
