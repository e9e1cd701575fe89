"""Loops are compiled by a second process, once, and only those that will be called."""

import os
import subprocess
from pathlib import Path
from typing import Any

import keras
import pytest

if keras.backend.backend() != "torch":
    pytest.skip("compiled loops are for torch", allow_module_level=True)
pytest.importorskip("numba")

import torch

from kerasseq.backend import ahead
from kerasseq.backend.accelerate import accelerate
from kerasseq.backend.compiled import dropout, gru, lstm, packing, products, simple_rnn
from kerasseq.backend.compiled.first import call_once
from kerasseq.backend.torch_graph import Graph
from kerasseq.commands.options import begin
from kerasseq.config.read import read_text


class Begun:
    """Stands for a process; knows what was asked of it."""

    def __init__(self, command: list[str], **_: Any) -> None:
        self.command, self.ended = command, ""

    def wait(self, seconds: float | None = None) -> None:
        if seconds and not self.ended:
            self.ended = "late"
            raise subprocess.TimeoutExpired(self.command, seconds)

    def kill(self) -> None:
        self.ended = "killed"


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Begun]:
    """Where loops are not compiled, on two cores."""
    running: list[Begun] = []
    monkeypatch.setattr(ahead, "_running", running)
    monkeypatch.setattr(ahead, "_is_compiled", lambda kind: False)
    monkeypatch.setattr(ahead, "cores", lambda: 2)
    monkeypatch.setattr(ahead.subprocess, "Popen", Begun)
    return running


def test_the_loops_of_the_encoder_are_compiled_by_one_other_process(begun: list[Begun]) -> None:
    assert ahead.compile_ahead("lstm")
    assert not ahead.compile_ahead("lstm")
    assert begun[0].command[-2:] == ["kerasseq.backend.compiled.first", "lstm"]


@pytest.mark.parametrize("reason", ["no loops", "one core", "unwanted", "compiled"])
def test_nothing_is_begun_without_need(begun: list[Begun], reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if reason == "one core":
        monkeypatch.setattr(ahead, "cores", lambda: 1)
    if reason == "unwanted":
        monkeypatch.setenv("KERASSEQ_COMPILED", "0")
    if reason == "compiled":
        monkeypatch.setattr(ahead, "_is_compiled", lambda kind: True)
    assert not ahead.compile_ahead("none" if reason == "no loops" else "gru")
    assert not begun


@pytest.mark.parametrize(("backend", "precision"), [("torch", "float32"), ("torch", "bfloat16"), ("jax", "float32")])
def test_a_training_asks_for_the_loops_that_it_can_run(
    backend: str, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(ahead, "compile_ahead", asked.append)
    monkeypatch.setattr("kerasseq.backend.select.select", lambda name: None)
    text = '[dataset]\nname = "bundled"\n[encoder]\nname = "gru"\n[task]\nname = "regression"\n'
    begin(backend, read_text(f'name = "a"\nprecision = "{precision}"\n{text}', "a.toml"))
    assert asked == (["gru"] if (backend, precision) == ("torch", "float32") else [])
    begin(backend)
    assert len(asked) <= 1


def test_a_process_that_does_not_end_is_ended(begun: list[Begun]) -> None:
    ahead.compile_ahead("lstm")
    process = begun[0]
    ahead.wait()
    assert process.ended == "killed"
    assert not begun


def test_machine_code_that_is_older_than_its_source_does_not_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "compiled").mkdir()
    source = tmp_path / "compiled" / "lstm.py"
    index = tmp_path / "cache" / "some" / "lstm.backward-99.py311.nbi"
    index.parent.mkdir(parents=True)
    index.write_bytes(b"")
    source.write_text("", encoding="utf-8")
    monkeypatch.setattr(ahead, "__file__", str(tmp_path / "ahead.py"))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert ahead._is_compiled("lstm")
    later = index.stat().st_mtime + 10
    os.utime(source, (later, later))
    assert not ahead._is_compiled("lstm")


@pytest.mark.parametrize(("kind", "made"), [("lstm", keras.layers.LSTM), ("gru", keras.layers.GRU)])
def test_training_calls_nothing_that_was_not_called_before(kind: str, made: Any) -> None:
    call_once(kind)
    loops = [gru.forward, gru.backward, lstm.forward, lstm.backward, simple_rnn.forward, dropout.mask]
    loops += [getattr(module, name) for module in (packing, products) for name in module.__all__]
    before = [len(loop.signatures) for loop in loops]
    tokens = keras.Input((None,), dtype="int64")
    x = keras.layers.Dropout(0.5)(keras.layers.Embedding(9, 4, mask_zero=True)(tokens))
    for _ in range(2):
        x = keras.layers.Bidirectional(made(3, return_sequences=True))(x)
    model = accelerate(keras.Model(tokens, {"y": x}))
    given = torch.tensor([[1, 2, 3, 0]] * 20)
    Graph(model)([given], True)["y"].sum().backward()
    with torch.no_grad():
        Graph(model)([given], False)
    assert [len(loop.signatures) for loop in loops] == before


@pytest.mark.slow
def test_another_process_leaves_machine_code_where_numba_finds_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(ahead, "_is_compiled", lambda kind: False)
    monkeypatch.setattr(ahead, "cores", lambda: 2)
    assert ahead.compile_ahead("simple_rnn")
    ahead.wait()
    assert list(tmp_path.rglob("simple_rnn.backward-*.nbi"))
