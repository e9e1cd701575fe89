import json
import shutil

import pytest

from kerasseq.config.read import read_experiment
from kerasseq.errors import ConfigError, RunError
from kerasseq.experiment import build, run
from kerasseq.loading import load
from kerasseq.run_directory import RunDirectory


@pytest.fixture
def copy(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "run")
    return RunDirectory(tmp_path / "run")


def test_the_folder_of_an_experiment_opens_its_newest_run(finished):
    assert load(finished.parent).predict(["خدمة"]) == load(finished).predict(["خدمة"])


def test_no_run_is_said_so(tmp_path):
    with pytest.raises(RunError, match=r"must be a run directory with an experiment.toml"):
        load(tmp_path)


def test_a_run_opens_where_its_data_is_gone(tiny, tmp_path):
    outcome = run(read_experiment(tiny(tmp_path), ["training.epochs=1", 'encoder={name="none"}']), tmp_path)
    (tmp_path / "rows.csv").unlink()
    assert load(outcome.directory.path).predict(["خدمة"])["prediction"]


# === Damage ===


@pytest.mark.parametrize("content", [b"", b"no zip", "half"])
@pytest.mark.parametrize("name", ["model", "tokenizer", "task", "experiment"])
def test_a_damaged_file_is_named(copy, name, content):
    path = getattr(copy, name)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if content == "half" else content)
    with pytest.raises((RunError, ConfigError)) as error:
        load(copy.path)
    assert path.name in str(error.value)
    assert len(str(error.value).splitlines()) <= 8


def test_a_model_with_a_flipped_byte_is_refused(copy):
    whole = bytearray(copy.model.read_bytes())
    whole[whole.find(b"config.json") + 60] ^= 0xFF
    copy.model.write_bytes(whole)
    with pytest.raises(RunError, match=r"model.keras: must be a model that Keras can open"):
        load(copy.path)


@pytest.mark.parametrize("value", [[], {}, {"labels": 3}, "text", None])
def test_a_task_that_says_something_else_is_refused(copy, value):
    copy.task.write_text(json.dumps(value))
    with pytest.raises(RunError, match=r"task.json: must be what training wrote"):
        load(copy.path)


@pytest.mark.parametrize("names", [["model"], ["tokenizer"], ["task"], ["tokenizer", "model"]])
def test_a_missing_file_is_named(copy, names):
    for name in names:
        getattr(copy, name).unlink()
    with pytest.raises(RunError) as error:
        load(copy.path)
    assert all(getattr(copy, name).name in str(error.value) for name in names)


def test_a_tokenizer_of_another_run_is_refused(copy):
    value = json.loads(copy.tokenizer.read_text(encoding="utf-8"))
    value["vocabulary"].append("دخيل")
    copy.tokenizer.write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(RunError, match=r"model.keras: must be of the tokenizer beside it, \d+ tokens against \d+"):
        load(copy.path)


def test_a_damaged_file_does_not_pour_its_content_into_the_message(copy):
    path = copy.tokenizer
    path.write_bytes(path.read_bytes()[:400] + b"\xff")
    with pytest.raises(RunError, match="must be a tokenizer.json, got a file that is cut off or was written over"):
        load(copy.path)


@pytest.mark.parametrize("labels", [["bad"], ["bad", "good", "so-so", "more"]])
def test_a_task_with_another_number_of_classes_is_refused(copy, labels):
    copy.task.write_text(json.dumps({"labels": labels}))
    needs = rf"needs logits \(None, {len(labels)}\), got logits \(None, 3\)"
    with pytest.raises(RunError, match=rf"model.keras: must be of the task.json beside it, which {needs}"):
        load(copy.path)


def test_a_model_of_another_task_is_refused(copy, tiny, tmp_path):
    other, _ = build(read_experiment(tiny(tmp_path), ["dataset.target=stars", "task.name=regression"]))
    other.model.save(copy.model)
    needs = r"needs logits \(None, 3\), got score and attention alone"
    with pytest.raises(RunError, match=rf"model.keras: must be of the task.json beside it, which {needs}"):
        load(copy.path)
