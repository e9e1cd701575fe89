"""The verb `kerasseq serve`; skips where kerasseq is not installed."""

import dataclasses
import json
import subprocess
import sys

import pytest
from kerasseq_serve.settings import Settings, flag


@pytest.fixture
def invoke():
    """Calls `kerasseq` with arguments."""
    main = pytest.importorskip("kerasseq.commands.main", reason="kerasseq is not installed; it is no requirement").main
    from click.testing import CliRunner

    return lambda *arguments: CliRunner().invoke(main, arguments)


@pytest.fixture
def served(monkeypatch):
    """What the verb would serve, instead of serving it."""
    from kerasseq_serve import start

    calls = []
    monkeypatch.setattr(start, "start", lambda path, settings: calls.append((path, settings)) or 0)
    return calls


def test_the_verb_has_an_option_for_each_setting(invoke):
    shown = invoke("serve", "--help")
    assert shown.exit_code == 0
    assert {flag(field.name) for field in dataclasses.fields(Settings)} <= set(shown.output.split())


def test_a_file_and_a_run_are_served_with_the_settings_of_the_line(invoke, served, tmp_path):
    run = tmp_path / "runs" / "0001"
    run.mkdir(parents=True)
    (run / "experiment.toml").touch()
    (run / "model.onnx").touch()
    assert invoke("serve", str(run / "model.onnx"), "--port", "0", "--log-json").exit_code == 0
    assert invoke("serve", str(run)).exit_code == 0
    assert invoke("serve", str(run.parent), "--max-wait", "2.5").exit_code == 0
    assert served == [
        (run / "model.onnx", Settings(port=0, log_json=True)),
        (run / "model.onnx", Settings()),
        (run / "model.onnx", Settings(max_wait=2.5)),
    ]


def test_a_run_without_a_model_file_says_how_to_get_one(invoke, tmp_path):
    (tmp_path / "experiment.toml").touch()
    done = invoke("serve", str(tmp_path))
    assert done.exit_code == 2
    assert "kerasseq export" in done.output
    assert len(done.output.splitlines()) == 1


def test_a_file_that_cannot_be_served_is_one_line_and_1(invoke, tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"x")
    done = invoke("serve", str(tmp_path / "model.onnx"))
    assert done.exit_code == 1
    assert "must be a whole ONNX file" in done.output
    assert len(done.output.splitlines()) == 1


def test_listing_the_verb_imports_no_server(invoke):
    code = (
        "import json, sys\n"
        "from kerasseq.commands.main import main\n"
        "main(['--help'], standalone_mode=False)\n"
        "main(['serve', '--help'], standalone_mode=False)\n"
        "print(json.dumps([m for m in sys.modules if '.' not in m]), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    imported = json.loads(done.stderr.strip().splitlines()[-1])
    assert not {"keras", "torch", "onnxruntime", "fastapi", "uvicorn", "numpy"}.intersection(imported)
