"""The callers of docs/deploy.md where nothing of kerasseq is: an environment of three packages, and Node."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kerasseq.config.read import read_experiment
from kerasseq.experiment import run
from kerasseq.runtime import load

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
[PACKAGES] = re.findall(r"^pip install (numpy .*)$", TEXT, re.M)
PYTHON = re.findall(r"^```python\n(.*?)^```", TEXT, re.M | re.S)[0]
[JAVASCRIPT] = re.findall(r"^```javascript\n(.*?)^```", TEXT, re.M | re.S)
[WITHOUT_CUDA] = re.findall(r"`(ONNXRUNTIME_NODE_INSTALL=\w+)`", TEXT)
UNREACHABLE = re.compile(
    "NewConnectionError|ConnectTimeout|ProxyError|name resolution|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN"
)
LARGEST = 170e6
"""Bytes of an environment that predicts."""

LONGEST = 5.0
"""Seconds from the start of Python to the answer, on a slow machine."""


def fetched(*command: str | Path, cwd: Path) -> None:
    """Run what downloads; skips offline."""
    environment = {**os.environ, **dict([WITHOUT_CUDA.split("=")])}
    done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, check=False, env=environment)
    if done.returncode and UNREACHABLE.search(done.stderr + done.stdout):
        pytest.skip(f"{command[0]}: the registry cannot be reached")
    assert done.returncode == 0, done.stderr


def answers(*command: str | Path, cwd: Path) -> list[float]:
    """What the last line of a program says."""
    done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


def wanted(path: Path, code: str) -> list[float]:
    """The same texts, answered here."""
    texts = re.findall(r'"([^"]*[\u0621-\u064a][^"]*)"', code)
    assert len(texts) == 2
    found: list[float] = load(path).predict(texts)["prediction"]
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory, tiny):
    """Two small runs with a score, in the places that the page names: one with words, one of white space alone."""
    folder = tmp_path_factory.mktemp("elsewhere")
    scores = ['dataset.target="stars"', 'task.name="regression"', "training.epochs=1"]
    for name, more in (("bilstm", []), ("plain", ["preprocessor=[]", 'tokenizer={name="whitespace"}'])):
        run(read_experiment(tiny(folder), [*scores, f'name="{name}"', *more]), folder / "runs")
    shutil.copyfile(folder / "runs" / "bilstm" / "0001" / "model.onnx", folder / "model.onnx")
    return folder


def test_five_lines_of_python_need_three_packages_and_little_room(folder, tmp_path):
    fetched(sys.executable, "-m", "venv", "env", cwd=tmp_path)
    python = tmp_path / "env" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    fetched(python, "-m", "pip", "install", "--no-compile", *PACKAGES.split(), cwd=tmp_path)
    fetched(python, "-m", "pip", "uninstall", "--yes", "pip", cwd=tmp_path)
    (tmp_path / "caller.py").write_text(f"{PYTHON}import json\nprint(json.dumps(scores.tolist()))\n", encoding="utf-8")
    for _ in range(2):  # the first time Python compiles what it imports
        begun = time.perf_counter()
        got = answers(python, "-I", tmp_path / "caller.py", cwd=folder)
        seconds = time.perf_counter() - begun
    size = sum(path.stat().st_size for path in (tmp_path / "env").rglob("*") if not path.is_symlink())
    print(f"{size / 1e6:.0f} MB, {seconds:.2f} s from start to answer")
    assert got == pytest.approx(wanted(folder / "model.onnx", PYTHON), abs=1e-4)
    assert size < LARGEST
    assert seconds < LONGEST


@pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="needs node and npm")
@pytest.mark.parametrize("package", ["onnxruntime-node", "onnxruntime-web"])
def test_javascript_answers_as_the_run_does(folder, tmp_path, package):
    fetched("npm", "install", "--no-audit", "--no-fund", package, cwd=tmp_path)
    code = JAVASCRIPT.replace("onnxruntime-node", package).replace('"runs/', f'"{folder.as_posix()}/runs/')
    code += "console.log(JSON.stringify([...answers.score.data]));\nprocess.exit(0);\n"
    (tmp_path / "caller.mjs").write_text(code, encoding="utf-8")
    got = answers("node", "caller.mjs", cwd=tmp_path)
    assert got == pytest.approx(wanted(folder / "runs" / "plain" / "0001" / "model.onnx", JAVASCRIPT), abs=1e-4)


@pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="needs node and npm")
def test_javascript_cannot_open_a_file_that_needs_the_extensions(folder, tmp_path):
    fetched("npm", "install", "--no-audit", "--no-fund", "onnxruntime-node", cwd=tmp_path)
    code = JAVASCRIPT.replace('"runs/plain/', f'"{folder.as_posix()}/runs/bilstm/')
    (tmp_path / "caller.mjs").write_text(code, encoding="utf-8")
    done = subprocess.run(["node", "caller.mjs"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode and "ai.onnx.contrib" in done.stderr
