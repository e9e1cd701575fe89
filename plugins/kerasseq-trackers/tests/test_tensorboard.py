"""Runs in TensorBoard, read back by its own reader."""

import json
import math
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from kerasseq_trackers.tensorboard import TensorBoard

import kerasseq
from kerasseq.plugin import Results, Tracked
from kerasseq.testing import parametrize_with_checks

pytest.importorskip("tensorboard", reason='pip install "./plugins/kerasseq-trackers[tensorboard]"')
pytestmark = pytest.mark.filterwarnings("ignore:.*:DeprecationWarning:tensorboard.*")


def read(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder))
    found.Reload()
    return found


def scalars(found, tag):
    return [(event.step, event.value) for event in found.Scalars(tag)]


def text(found, tag):
    return [event.tensor_proto.string_val[0].decode() for event in found.Tensors(tag)]


@parametrize_with_checks([TensorBoard(name="tensorboard")])
def test_it_keeps_the_rules_of_a_tracker(spec, check):
    check(spec)


def test_what_a_run_told_is_what_tensorboard_reads(config):
    overrides = ['tracker=[{name="kerasseq-trackers/tensorboard", folder="board"}]']
    outcome = kerasseq.run(config, config.parent / "runs", overrides)
    found = read(config.parent / "board" / "tiny" / "0001")
    rows = outcome.history.rows
    for tag, name in (("train/loss", "loss"), ("validation/loss", "validation_loss")):
        assert scalars(found, tag) == [(row["epoch"], pytest.approx(row[name], rel=1e-6)) for row in rows]
    for score in outcome.scores:
        if score.value is not None:
            assert scalars(found, f"test/{score.name}") == [(2, pytest.approx(score.value, rel=1e-6))]
    majority = next(score for score in outcome.baselines["majority"] if score.name == "accuracy")
    assert scalars(found, "majority/accuracy") == [(2, pytest.approx(majority.value, rel=1e-6))]
    assert '| preprocessor[0].name | `"kerasseq/html"` |' in text(found, "settings")[0]
    assert text(found, "card")[0] == outcome.directory.card.read_text(encoding="utf-8")
    assert "report.html`" in text(found, "files")[0]


def test_settings_and_the_end_are_what_the_tab_of_hyperparameters_reads(tmp_path):
    from tensorboard.plugins.hparams import api_pb2, metadata

    tracker = TensorBoard(name="tensorboard").build()
    settings = {"seed": 7, "training.restore_best": True, "encoder.name": "lstm", "task.labels": ["a", "b"]}
    tracker.start(Tracked("x", "x/0001", tmp_path, settings))
    tracker.end(Results({"accuracy": 0.5}))
    found = read(tmp_path).SummaryMetadata
    begun = metadata.parse_session_start_info_plugin_data(found(metadata.SESSION_START_INFO_TAG).plugin_data.content)
    told = {key: value for key, value in begun.hparams.items()}
    assert (told["seed"].number_value, told["training.restore_best"].bool_value) == (7, True)
    assert (told["encoder.name"].string_value, json.loads(told["task.labels"].string_value)) == ("lstm", ["a", "b"])
    ended = metadata.parse_session_end_info_plugin_data(found(metadata.SESSION_END_INFO_TAG).plugin_data.content)
    assert ended.status == api_pb2.STATUS_SUCCESS


def test_a_run_that_goes_on_is_one_run_and_a_cut_end_harms_nothing(tmp_path):
    first = TensorBoard(name="tensorboard").build()
    first.start(Tracked("x", "x/0001", tmp_path, {}))
    first.epoch(1, {"loss": 3.0})
    first.file.write_bytes(first.file.read_bytes() + b"\x01\x02")  # as a kill may leave it
    second = TensorBoard(name="tensorboard").build()
    second.start(Tracked("x", "x/0001", tmp_path, {}, resumed=True))
    second.epoch(2, {"loss": 2.0, "validation_f1": math.nan})
    second.stop("failed", "RunError: diverged")
    found = read(tmp_path)
    assert scalars(found, "train/loss") == [(1, 3.0), (2, 2.0)]
    assert math.isnan(scalars(found, "validation/f1")[0][1])
    assert text(found, "ended") == ["failed RunError: diverged"]


def test_pictures_are_shown(tmp_path):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 3, 2, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0\0\0\0" * 2)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    (tmp_path / "curve.png").write_bytes(png)
    (tmp_path / "wrong.png").write_bytes(b"no picture")
    tracker = TensorBoard(name="tensorboard").build()
    tracker.start(Tracked("x", "x/0001", tmp_path, {}))
    tracker.end(Results(artifacts=(tmp_path / "curve.png", tmp_path / "wrong.png")))
    [image] = read(tmp_path).Images("pictures/curve")
    assert (image.width, image.height, image.encoded_image_string) == (3, 2, png)


def test_writing_events_imports_neither_tensorflow_nor_torch(tmp_path):
    code = (
        "import sys, pathlib\n"
        "from kerasseq_trackers.tensorboard import TensorBoard\n"
        "from kerasseq.plugin import Tracked\n"
        f"place = pathlib.Path({str(tmp_path)!r})\n"
        "tracker = TensorBoard(name='tensorboard').build()\n"
        "tracker.start(Tracked('x', 'x/0001', place, {'seed': 0})); tracker.epoch(1, {'loss': 1.0})\n"
        "print(sorted({'tensorflow', 'torch', 'keras', 'jax'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_without_the_extra_the_warning_says_what_to_install(config, monkeypatch, caplog):
    for name in [name for name in sys.modules if name.startswith("tensorboard")] + ["kerasseq_trackers.events"]:
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    overrides = ['tracker=[{name="kerasseq-trackers/tensorboard"}]', "training.epochs=1", "evaluation.baselines=false"]
    outcome = kerasseq.run(config, config.parent / "runs", overrides)
    assert outcome.scores
    said = [record.getMessage() for record in caplog.records if "left out" in record.getMessage()]
    assert len(said) == 1 and 'pip install "./plugins/kerasseq-trackers[tensorboard]"' in said[0]


def test_the_config_of_the_readme_is_one(config):
    page = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    [block] = re.findall(r"```toml\n(.*?)```", page, re.S)
    config.write_text(config.read_text(encoding="utf-8") + block, encoding="utf-8")
    told = kerasseq.read_experiment(config).tracker
    assert [(type(spec).__name__, spec.name) for spec in told] == [("TensorBoard", "tensorboard"), ("MLflow", "mlflow")]
    assert told[1].experiment == "reviews"
