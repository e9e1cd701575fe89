"""A GPU is asked for by name, and missed in a sentence; both ways to cuDNN are timed, here on the CPU."""

import pytest
import torch
from click.testing import CliRunner
from kerasseq_bench import routes
from kerasseq_bench.layers.card import arrived
from kerasseq_bench.layers.report import page
from kerasseq_bench.layers.workers import _hidden

from kerasseq.commands.main import main


@pytest.fixture(autouse=True)
def no_card(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def test_without_a_gpu_the_bench_says_so_and_writes_nothing(tmp_path):
    done = CliRunner().invoke(main, ["bench", "layers", "--device", "cuda", "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "--device: must be cpu where torch sees no GPU of NVIDIA, got cuda (torch " in done.output
    assert not (tmp_path / "out").exists()
    done = CliRunner().invoke(routes.main, ["--out", str(tmp_path / "routes.md")])
    assert done.exit_code == 2 and "sees no GPU" in done.output


def test_both_ways_to_cudnn_are_timed(tmp_path):
    out = tmp_path / "routes.md"
    arguments = ["--device", "cpu", "--units", "4", "--rounds", "1", "--batch", "3", "--time", "5", "--out", str(out)]
    done = CliRunner().invoke(routes.main, arguments)
    assert done.exit_code == 0, done.output
    lines = [line for line in out.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert [line.split("|")[1].strip() for line in lines] == ["milliseconds", "lstm 4", "gru 4", "rnn_tanh 4"]
    assert all(float(cell) > 0 for line in lines[1:] for cell in line.split("|")[2:6])


def test_the_page_names_the_card_and_the_processes_may_use_it():
    machine = {"processor": "P", "cores": 2, "threads": 1, "system": "S", "python": "3", "versions": {}}
    assert "on NVIDIA X, CUDA 13; P, 2 cores" in page(machine | {"card": "NVIDIA X, CUDA 13"}, [])
    assert "\n\nP, 2 cores" in page(machine, [])
    assert _hidden("cpu")["CUDA_VISIBLE_DEVICES"] == ""
    assert "CUDA_VISIBLE_DEVICES" not in _hidden("cuda") and "JAX_PLATFORMS" not in _hidden("cuda")
    arrived()  # nothing to wait for
