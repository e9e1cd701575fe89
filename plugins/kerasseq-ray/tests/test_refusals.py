"""What is refused before there is a cluster."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main


@pytest.fixture
def refused(model, texts, tmp_path):
    """`refused(words, code=2)`: what is said; nothing was written."""

    def ask(*words, run=model, source=texts, target=tmp_path / "answers", code=2):
        there = sorted(target.rglob("*")) if target.is_dir() else target.exists()
        line = ["predict", run, "--engine", "ray", "--input", source, "--output", target, *words]
        result = CliRunner().invoke(main, [*map(str, line)])
        assert result.exit_code == code, result.output
        assert there == (sorted(target.rglob("*")) if target.is_dir() else target.exists())
        return result.stderr

    return ask


def test_a_folder_without_parquet(refused, tmp_path):
    (tmp_path / "none").mkdir()
    assert "in which no file ends in .parquet" in refused(source=tmp_path / "none")


def test_a_column_that_one_file_lacks(refused, texts):
    pq.write_table(pa.table({"body": ["a"]}), texts / "odd.parquet")
    said = refused()
    assert 'odd.parquet: must have a column "text", got body; --text names another' in said
    assert said.count("must have a column") == 1
    assert refused("--text", "nothing").count('must have a column "nothing"') == 5


def test_an_output_that_holds_something_else(refused, tmp_path):
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers/notes.txt").write_text("mine")
    assert "must be empty, or hold what this command began, got notes.txt" in refused()
    assert "must be a folder, got the file" in refused(target=tmp_path / "answers/notes.txt")
    (tmp_path / "answers/_manifest.json").write_text(json.dumps({"format": 1}))
    assert "must hold answers to the same, got other model, columns, --rows, files of --input" in refused()
    (tmp_path / "answers/_manifest.json").write_text("{")
    assert "must be what this command began, got a damaged file" in refused()


def test_an_output_inside_the_input(refused, texts):
    assert "--output: must be a folder apart from --input" in refused(target=texts / "answers")
    assert "--output: must be a folder apart from --input" in refused(source=texts / "b", target=texts)


def test_a_cluster_that_is_not_there(refused):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    begun = time.monotonic()
    said = refused("--address", f"127.0.0.1:{port}", code=1)
    assert (
        f"127.0.0.1:{port}: must be the address of a Ray cluster, got connection refused; start one with: ray" in said
    )
    assert time.monotonic() - begun < 60
    assert '--address: must be host:port as ray start --head says it, got "nowhere"' in refused("--address", "nowhere")


def test_a_run_without_a_file_and_a_file_that_is_none(refused, tmp_path):
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"no model")
    assert "bad.onnx: must be a whole ONNX file" in refused(run=bad, code=1)
    assert "nothing there" in refused(run=Path("nowhere.onnx"), code=1)


def test_options_that_do_not_suit_the_model(refused):
    assert "--text-2: must not be given, the model reads single texts" in refused("--text-2", "id")
    assert "--explain" in refused("--explain").splitlines()[-1]


def test_a_study_without_the_plugin_for_studies(monkeypatch, tmp_path):
    from kerasseq_ray import tune

    monkeypatch.setattr(tune, "find_spec", lambda name: None)
    monkeypatch.setattr(tune, "tune", tune._command())
    (tmp_path / "a.toml").touch()
    done = CliRunner().invoke(main, ["tune", str(tmp_path / "a.toml"), "--trials", "3", "--engine", "ray"])
    assert done.exit_code != 0
    said = "tune --engine ray: must have kerasseq-tune, got none; pip install ./plugins/kerasseq-tune"
    assert said in done.stderr
