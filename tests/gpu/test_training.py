"""On a GPU training waits for nothing, goes on exactly where it was killed, and predicts what the CPU predicts."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import kerasseq
from kerasseq.backend.select import current, device

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
QUICK = ("training.epochs=1", "evaluation.resamples=100")


def trained(config: Path, *overrides: str) -> tuple[Any, Any]:
    """A model that saw a few batches, and its batches."""
    model, data = kerasseq.build(kerasseq.read_experiment(config, overrides, backend=current()))
    rows = data.examples["train"]
    settings = model.experiment.training
    order = rows.sampler(settings.batch_size, settings.bucket_batches, 0).batches()
    return model, [rows.batch(each, model.engine.lengths) for each in order]


@pytest.mark.skipif(current() != "torch", reason="jax is awaited with each update")
@pytest.mark.parametrize("pooler", ["mean", "attention", "max", "last"])
@pytest.mark.parametrize("units", [16, 160])
def test_an_update_waits_for_nothing(
    tiny: Callable[[Path], Path], tmp_path: Path, pooler: str, units: int, unwaited: Any
) -> None:
    overrides = [f"encoder.units={units}", "encoder.name=lstm", "training.warmup_steps=0", "training.averaging=0.9"]
    config = tiny(tmp_path)
    text = config.read_text(encoding="utf-8").replace('name = "attention"\nunits = 3', f'name = "{pooler}"')
    config.write_text(text, encoding="utf-8")
    model, batches = trained(config, *overrides)
    for batch in batches:  # everything is made, and memory is there
        model.engine.train([batch])
    with unwaited():
        awaited = [model.engine.begin([batch]) for batch in batches]
    assert all(wait().finite for wait in awaited)


@pytest.mark.skipif(current() != "torch", reason="jax computes where its arrays are")
@pytest.mark.parametrize("units", [16, 160])
def test_predictions_are_those_of_the_cpu(tiny: Callable[[Path], Path], tmp_path: Path, units: int) -> None:
    settings = (f"encoder.units={units}", "encoder.layers=2")
    there, batches = trained(tiny(tmp_path), *settings)
    with keras.device("cpu"):
        here, _ = trained(tmp_path / "tiny.toml", *settings)
        here.model.set_weights(there.model.get_weights())
        expected = [here.engine.forward(batch) for batch in batches]
    for batch, one in zip(batches, expected, strict=True):
        two = there.engine.forward(batch)
        assert two.loss == pytest.approx(one.loss, rel=1e-4)
        for name, values in one.outputs.items():
            np.testing.assert_allclose(two.outputs[name], values, atol=1e-4, rtol=1e-4)


def test_bfloat16_trains(tiny: Callable[[Path], Path], tmp_path: Path) -> None:
    model, batches = trained(tiny(tmp_path), "precision=bfloat16", "training.learning_rate=0.03")
    losses = [model.engine.train([batch]).loss for _ in range(15) for batch in batches]
    assert np.mean(losses[-3:]) < 0.9 * np.mean(losses[:3])


def test_two_runs_of_one_seed_are_one(tiny: Callable[[Path], Path], tmp_path: Path) -> None:
    found = []
    config = tiny(tmp_path)
    for out in ("one", "two"):
        run = kerasseq.run(
            config, tmp_path / out, [*QUICK, "encoder.dropout=0.3", "encoder.units=160"], backend=current()
        )
        found.append((run.history.rows, run.model.model.get_weights()))
    assert found[0][0] == found[1][0]
    for one, two in zip(found[0][1], found[1][1], strict=True):
        np.testing.assert_array_equal(one, two)


def test_training_goes_on_exactly_where_it_was_killed(tiny: Callable[[Path], Path], tmp_path: Path) -> None:
    """SIGKILL after the first epoch that is written; then `--resume`; beside a run that nobody stopped."""
    tiny(tmp_path)
    settings = ["--set", "training.epochs=20", "--set", "encoder.dropout=0.3", "--set", "training.stopping_patience=0"]
    environment = os.environ | {"KERASSEQ_BACKEND": current(), "KERASSEQ_QUIET": "1"}

    def command(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "kerasseq", "run", *arguments]

    started = subprocess.Popen(command("tiny.toml", "--out", "killed", *settings), cwd=tmp_path, env=environment)
    written = tmp_path / "killed" / "tiny" / "0001" / "checkpoints" / "last.npz"
    end = time.monotonic() + 300
    while not written.exists() and started.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    started.send_signal(signal.SIGKILL)
    assert started.wait() == -signal.SIGKILL, "it had ended before"
    subprocess.run(command("--resume", "killed/tiny/0001"), cwd=tmp_path, env=environment, check=True)
    subprocess.run(command("tiny.toml", "--out", "whole", *settings), cwd=tmp_path, env=environment, check=True)
    one, two = (tmp_path / out / "tiny" / "0001" for out in ("killed", "whole"))
    assert (one / "history.csv").read_bytes() == (two / "history.csv").read_bytes()
    assert json.loads((one / "environment.json").read_text(encoding="utf-8"))["device"] == device()


@pytest.mark.parametrize("config", ["bilstm_attention", "gru", "tagging", "language_model", "translation", "forecast"])
def test_every_shape_of_task_runs(config: str, tmp_path: Path) -> None:
    run = kerasseq.run(CONFIGS / f"{config}.toml", tmp_path, QUICK, backend=current())
    assert np.isfinite(run.history.rows[-1]["loss"])
