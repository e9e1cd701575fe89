"""What training leaves on disk."""

import csv
import io
from pathlib import Path

import keras
import numpy as np

from kerasseq.run_directory import RunDirectory
from kerasseq.training.history import History
from kerasseq.training.records import has_weights, table_text, write_history, write_model


def test_floats_keep_every_digit_and_missing_cells_are_empty() -> None:
    rows = [{"epoch": 1, "loss": 0.1 + 0.2}, {"epoch": 2, "loss": 1 / 3, "text": 'a "b",\nc'}]
    text = table_text(rows)
    assert text.startswith("epoch,loss,text\n1,0.30000000000000004,\n")
    again = list(csv.DictReader(io.StringIO(text)))
    assert (float(again[1]["loss"]), again[1]["text"]) == (1 / 3, 'a "b",\nc')


def test_history_and_timing_are_tables(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    write_history(History([{"epoch": 1, "loss": 0.5}], [{"epoch": 1, "seconds": 2.0}]), run)
    assert run.history.read_text(encoding="utf-8") == "epoch,loss\n1,0.5\n"
    assert run.timing.read_text(encoding="utf-8") == "epoch,seconds\n1,2.0\n"


def test_the_model_is_written_whole_and_exports_of_another_one_go(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    (tmp_path / "model.int8.onnx").touch()
    (tmp_path / "model.plain.keras").touch()
    (tmp_path / "saved_model").mkdir()
    (tmp_path / "verify.json").touch()
    (tmp_path / "component.npz").touch()
    RunDirectory(tmp_path).remember(tmp_path / "component.npz")
    write_model(model, RunDirectory(tmp_path))
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.get_weights()[0], model.get_weights()[0])
    assert [p.name for p in tmp_path.iterdir()] == ["model.keras"]


def test_a_model_is_known_by_its_weights(tmp_path: Path) -> None:
    def model(units: int = 1) -> keras.Model:
        return keras.Sequential([keras.Input((2,)), keras.layers.Dense(units)])

    run, written = RunDirectory(tmp_path), model()
    assert not has_weights(run, written)
    write_model(written, run)
    assert has_weights(run, written)
    assert not has_weights(run, model()) and not has_weights(run, model(2))
    run.model.write_bytes(run.model.read_bytes()[:100])
    assert not has_weights(run, written)
