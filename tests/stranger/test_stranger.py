"""A distribution with a dataset and a task of its own goes the whole road, without an edit outside of its package."""

import contextlib
import csv
import http.client
import importlib
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import keras
import pytest
from click.testing import CliRunner

from kerasseq.commands import plugin_check
from kerasseq.commands.main import main
from kerasseq.testing import backend_checks, checking

HERE = Path(__file__).parent
CONFIG = """
name = "till"
[dataset]
name = "receipts"
path = "till.txt"
[embedding]
name = "learned"
dimension = 4
[encoder]
name = "gru"
units = 4
layers = 1
[task]
name = "marks"
[split]
validation = 0.2
test = 0.2
[training]
epochs = 2
batch_size = 16
learning_rate = 0.05
[evaluation]
resamples = 100
"""
ITEMS = ["milk", "bread", "tea", "salt", "rice"]
RECEIPTS = [
    f"{1 + i % 7}/amount pieces/unit {ITEMS[i % 5]}/item" + f" and/other {i % 3}/amount {ITEMS[i % 4]}/item" * (i % 3)
    for i in range(80)
]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The distribution, installed beside the rest, and a folder with its data and a config; gives the folder."""
    site, folder = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("till")
    shutil.copytree(HERE / "receipts", site / "receipts", ignore=shutil.ignore_patterns("__pycache__"))
    info = site / "receipts-0.3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: receipts\nVersion: 0.3\n", encoding="utf-8")
    points = "[kerasseq.datasets]\nreceipts = receipts.dataset:Receipts\n"
    points += "[kerasseq.tasks]\nmarks = receipts.marks:Marks\n"
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
    (folder / "till.txt").write_text("\n".join(RECEIPTS) + "\n", encoding="utf-8")
    (folder / "till.toml").write_text(CONFIG, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(site))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep))
        patch.delenv("KERASSEQ_PLUGINS", raising=False)
        patch.chdir(folder)
        importlib.invalidate_caches()
        yield folder
    for module in [name for name in sys.modules if name.partition(".")[0] == "receipts"]:
        del sys.modules[module]


def kerasseq(*arguments):
    """The command line in this process."""
    result = CliRunner().invoke(main, list(map(str, arguments)))
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def run(world):
    """Its finished run."""
    kerasseq("run", "till.toml", "--backend", keras.backend.backend())
    return world / "runs" / "till" / "0001"


@pytest.mark.once
def test_its_config_and_its_data_are_checked(world):
    assert "dataset receipts, embedding learned" in kerasseq("config", "check", "till.toml").stdout
    assert "words on 80 receipts" in kerasseq("dataset", "check", "till.toml").stdout


@pytest.mark.once
def test_it_keeps_the_rules_of_its_kinds(world, monkeypatch):
    monkeypatch.setattr(plugin_check, "_steps", lambda found: checking.steps(found.kind, found.qualified))
    monkeypatch.setattr(backend_checks, "BACKENDS", ())  # verify asks both, below
    said = kerasseq("plugins", "check", "receipts").stdout
    assert "check_task_onnx" in said and "2 components, none failed" in said, said
    skipped = {line.split()[1].rstrip(":") for line in said.splitlines() if line.startswith("  skipped")}
    assert skipped == {"defaults", "check_backends"}, said


def test_its_run_is_measured_and_reported_in_its_own_words(run):
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["main"] == "whole"
    assert set(metrics["scores"]) == {"whole", "words"}
    assert set(metrics["baselines"]) == {"most frequent mark"}
    assert metrics["scores"]["words"]["value"] > 0.4
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "Receipts that are wholly right" in page
    assert "Marks the words of receipts." in (run / "MODEL_CARD.md").read_text(encoding="utf-8")
    components = json.loads((run / "environment.json").read_text(encoding="utf-8"))["components"]
    assert components["task"] == {"name": "receipts/marks", "version": "0.3"}
    with (run / "predictions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 16
    assert {"words", "target", "prediction"} <= set(rows[0])


def test_an_interrupted_run_of_it_ends_as_one_that_was_not(world, run):
    kerasseq("train", "till.toml", "--backend", keras.backend.backend(), "--set", "training.epochs=1", "--out", "cut")
    cut = world / "cut" / "till" / "0001"
    kerasseq("train", "--resume", cut, "--set", "training.epochs=2")
    assert (cut / "history.csv").read_text(encoding="utf-8") == (run / "history.csv").read_text(encoding="utf-8")


def test_it_predicts_from_a_text_from_its_own_files_and_from_both_of_its_forms(world, run):
    (world / "new.txt").write_text("2 pieces milk\n\n3 tea\n", encoding="utf-8")
    answers = {}
    for name, arguments in {"file": [], "keras": ["--backend", keras.backend.backend()]}.items():
        said = kerasseq("predict", run, "--input", "new.txt", "--format", "jsonl", *arguments).stdout
        answers[name] = [json.loads(line)["prediction"] for line in said.splitlines()]
    assert answers["file"] == answers["keras"]
    assert [len(row) for row in answers["file"]] == [3, 0, 2]
    table = csv.DictReader(io.StringIO(kerasseq("predict", run, "2 pieces tea").stdout))
    assert len(next(table)["prediction"].split()) == 3


@pytest.mark.once
def test_its_file_is_kept_with_a_proof_and_made_again_as_it_was(run):
    said = kerasseq("export", run, "--to", "onnx", "--out", "again.onnx").output
    assert "on 16 test receipts and 12 made ones, batches 0, 1, 3, 64" in said, said
    assert Path("again.onnx").read_bytes() == (run / "model.onnx").read_bytes()


@pytest.mark.slow  # of a task of ours, test_verify.py asks it
@pytest.mark.both
def test_every_backend_and_its_file_give_the_same_answers(run, same_process):
    kerasseq("verify", run, "--backends", "torch,jax,onnx")
    proof = json.loads((run / "verify.json").read_text(encoding="utf-8"))
    assert proof["ok"], proof


@pytest.mark.once
def test_two_runs_of_it_are_compared(world, run, same_process):
    copy = shutil.copytree(run, world / "other" / "till" / "0001")
    said = kerasseq("compare", run, copy, "--out", "both").stdout
    assert "whole" in said
    found = json.loads((world / "both" / "comparison.json").read_text(encoding="utf-8"))
    assert len(found["models"]) == 2


@pytest.mark.once
def test_it_is_served(run):
    pytest.importorskip("kerasseq_serve")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "kerasseq", "serve", str(run / "model.onnx"), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as server:
        try:
            answer = _ask(port, {"texts": ["2 pieces milk", "tea"]}, server)
        finally:
            server.terminate()
            server.wait(20)
    assert [len(row["prediction"]) for row in answer] == [3, 1]


def _ask(port, body, server):
    for _ in range(200):
        try:
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            asked.request("POST", "/predict", json.dumps(body), {"Content-Type": "application/json"})
            with contextlib.closing(asked), asked.getresponse() as got:
                assert got.status == 200, got.read()
                return json.loads(got.read())["predictions"]
        except ConnectionRefusedError:
            asked.close()
            assert server.poll() is None, server.stdout.read()
            time.sleep(0.1)
    raise AssertionError("the server did not start")
