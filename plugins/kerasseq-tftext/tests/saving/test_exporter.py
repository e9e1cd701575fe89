"""From a finished run to a SavedModel that answers as the model does."""

import csv
import importlib.util
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from kerasseq_tftext.saving.exporter import SavedModelExporter
from kerasseq_tftext.tensors import tensor, tensorflow, texts

from kerasseq import load
from kerasseq.exporters.every import subject_of
from kerasseq.pipelines.made_texts import HOSTILE
from kerasseq.plugin import Refused, RunDirectory, Subject, Texts, UsageError

TOML = """
name = "tiny"
[dataset]
name = "table"
train = "rows.csv"
[[preprocessor]]
name = "arabic"
[tokenizer]
name = "word"
max_length = 8
[embedding]
name = "learned"
dimension = 4
[encoder]
name = "gru"
units = 3
[pooler]
name = "attention"
units = 3
[task]
name = "classification"
[training]
epochs = 1
batch_size = 16
[evaluation]
resamples = 100
"""
WORDS = "خدمة ممتازة رديئة الطعام لذيذ بارد كتاب جميل the food was good bad cold".split()
TEXTS = ["خدمة ممتازة", "", "the food was bad " * 5, *HOSTILE]


def kerasseq(*arguments: object) -> Result:
    from kerasseq.commands.main import main

    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def trained(folder: Path, *overrides: str) -> Path:
    """The directory of a finished run."""
    draw = random.Random(0)
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "topic", "target", "stars"])
        for i in range(60):
            text, topic = (" ".join(draw.choices(WORDS, k=n)) + "." for n in (1 + i % 13, 2))
            rows.writerow([text, topic, ["bad", "good", "so-so"][i % 3], i * 7 % 101 / 10])
    (folder / "tiny.toml").write_text(TOML, encoding="utf-8")
    sets = [part for override in (*overrides, "exporter=[]") for part in ("--set", override)]
    done = kerasseq("run", folder / "tiny.toml", "--out", folder / "runs", *sets)
    assert done.exit_code == 0, done.output
    return folder / "runs" / "tiny" / "0001"


def subject(run: Path) -> Subject:
    return subject_of(load(run), RunDirectory(run), Texts(["خدمة", "bad food"]), None, "nobody, 2020")


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("classifier"))


@pytest.fixture(scope="module")
def exported(classifier: Path) -> Path:
    done = kerasseq("export", classifier, "--to", "saved_model")
    assert done.exit_code == 0, done.output
    assert "equal to the model within" in done.output and "needs: tensorflow, tensorflow-text" in done.output
    return classifier / "saved_model"


def test_the_command_line_prints_no_line_of_tensorflow(classifier: Path, tmp_path: Path) -> None:
    command = ["export", str(classifier), "--to", "saved_model", "--out", str(tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, "-c", "from kerasseq.commands.main import main; main()", *command],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path), "HOME": str(Path.home()), "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0 and "tensorflow/" not in done.stderr, done.stderr


def test_texts_go_in_and_labels_come_out(classifier: Path, exported: Path) -> None:
    tf, _ = tensorflow()
    serve = tf.saved_model.load(str(exported)).signatures["serving_default"]
    wanted = load(classifier).predict(TEXTS)
    for size in (1, 7, len(TEXTS)):
        parts = [serve(text=tensor(TEXTS[i : i + size])) for i in range(0, len(TEXTS), size)]
        assert [label for part in parts for label in texts(part["label"])] == wanted["prediction"]
        found = np.concatenate([part["probabilities"].numpy() for part in parts])
        for k, label in enumerate(["bad", "good", "so-so"]):
            np.testing.assert_allclose(found[:, k], wanted[f"score[{label}]"], atol=1e-5)
    assert serve(text=tensor([]))["probabilities"].shape == (0, 3)


def test_bytes_that_are_no_utf_8_have_an_answer(exported: Path) -> None:
    tf, _ = tensorflow()
    serve = tf.saved_model.load(str(exported)).signatures["serving_default"]
    assert np.isfinite(serve(text=tf.constant([b"\xff\xc3 food", b"\xe3\x80"]))["probabilities"].numpy()).all()


def test_the_folder_says_what_it_is(classifier: Path, exported: Path) -> None:
    said = json.loads((exported / "assets.extra" / "kerasseq.json").read_text(encoding="utf-8"))
    environment = json.loads((classifier / "environment.json").read_text(encoding="utf-8"))
    assert said["labels"] == ["bad", "good", "so-so"] and said["task"] == "classification"
    assert said["data"] == environment["data"] and said["components"] == environment["components"]
    assert set(said["needs"]) == {"tensorflow", "tensorflow-text"}
    assert [path.name for path in classifier.glob(".saved_model*")] == []


def test_what_differs_is_not_kept_and_an_older_one_stays(
    classifier: Path, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (exported / "saved_model.pb").read_bytes()
    target = subject(classifier)
    kernel = target.trained.model.get_layer("logits").kernel
    kernel.assign(kernel * 1.5)
    monkeypatch.setattr(
        "kerasseq_tftext.saving.exporter._written",
        lambda run, folder, name: __import__("shutil").copytree(exported, folder),
    )
    with pytest.raises(Refused, match="saved_model: must answer as the model does.*nothing was written"):
        SavedModelExporter().export(target, exported)
    assert (exported / "saved_model.pb").read_bytes() == before
    assert [path.name for path in classifier.glob(".saved_model*")] == []


def test_what_is_no_saved_model_is_not_replaced(classifier: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="must be a new folder or an older SavedModel"):
        SavedModelExporter().export(subject(classifier), tmp_path)
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_what_tensorflow_cannot_open_is_refused_with_the_reason(classifier: Path, tmp_path: Path) -> None:
    target = subject(classifier)
    other = RunDirectory(tmp_path / "run")
    other.path.mkdir()
    other.experiment.write_text("no toml", encoding="utf-8")
    with pytest.raises(Refused, match="out: TensorFlow must be able to say the model, got ConfigError"):
        SavedModelExporter().export(Subject(target.trained, other, target.texts), tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_byte_level_pieces_are_refused_and_no_folder_is_left(tmp_path: Path) -> None:
    run = trained(tmp_path, "tokenizer.name=subword", "tokenizer.vocabulary_size=300")
    done = kerasseq("export", run, "--to", "saved_model")
    assert done.exit_code == 1 and "byte-level BPE, which tensorflow-text has not" in done.output
    assert not (run / "saved_model").exists()


def test_a_pair_with_a_score_and_pieces_of_words(tmp_path: Path) -> None:
    run = trained(
        tmp_path,
        "dataset.target=stars",
        "dataset.text_2=topic",
        "task.name=regression",
        "task.range=[0, 10]",
        "tokenizer.name=wordpiece",
        "tokenizer.truncation=both",
        "encoder.name=lstm",
        'pooler={name="max"}',
    )
    done = kerasseq("export", run, "--to", "saved_model", "--out", tmp_path / "served")
    assert done.exit_code == 0, done.output
    tf, _ = tensorflow()
    serve = tf.saved_model.load(str(tmp_path / "served")).signatures["serving_default"]
    wanted = load(run).predict(TEXTS, TEXTS[::-1])["prediction"]
    found = serve(text=tensor(TEXTS), text_2=tensor(TEXTS[::-1]))["score"].numpy()
    np.testing.assert_allclose(found, wanted, atol=1e-4)


@pytest.mark.skipif(importlib.util.find_spec("sentencepiece") is None, reason="needs the extra sentencepiece")
def test_steps_of_this_plugin_and_pieces_of_sentencepiece_inside_a_run(tmp_path: Path) -> None:
    run = trained(
        tmp_path,
        'preprocessor=[{name="normalize_utf8"},{name="elongation"},{name="sentences"},{name="lectures"}]',
        "tokenizer.name=sentencepiece",
        "tokenizer.vocabulary_size=60",
        "encoder.name=simple_rnn",
        "encoder.bidirectional=true",
        'pooler={name="last"}',
    )
    done = kerasseq("export", run, "--to", "saved_model")
    assert done.exit_code == 0, done.output
