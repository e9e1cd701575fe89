import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kerasseq.config.read import read_experiment
from kerasseq.errors import RunError
from kerasseq.experiment import build, train
from kerasseq.loading import load
from kerasseq.run_directory import RunDirectory
from kerasseq.runtime import load as load_export
from kerasseq.training.origin import LARGEST, check_origin, origin


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> RunDirectory:
    shutil.copytree(finished, tmp_path / "run")
    return RunDirectory(tmp_path / "run")


@pytest.fixture(scope="module")
def other(tiny: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    """A run of the same shape: another seed of the same rows."""
    folder = tmp_path_factory.mktemp("other")
    trained, prepared = build(read_experiment(tiny(folder), ["training.epochs=1", "seed=1"]))
    directory = RunDirectory.create(folder, "other")
    train(trained, prepared, directory)
    return directory


def test_a_model_of_another_seed_is_refused(copy: RunDirectory, other: RunDirectory) -> None:
    shutil.copy(other.model, copy.model)
    with pytest.raises(
        RunError, match=r"experiment.toml: must say the seed that the model.keras beside it was trained"
    ):
        load(copy.path)


def test_classes_in_another_order_are_refused(copy: RunDirectory) -> None:
    labels = json.loads(copy.task.read_text(encoding="utf-8"))
    labels["labels"].reverse()
    copy.task.write_text(json.dumps(labels), encoding="utf-8")
    with pytest.raises(RunError, match=r"task.json: must be the file that the model.keras beside it was trained with"):
        load(copy.path)


def test_a_vocabulary_in_another_order_is_refused(copy: RunDirectory) -> None:
    said = json.loads(copy.tokenizer.read_text(encoding="utf-8"))
    said["vocabulary"][-2:] = said["vocabulary"][:-3:-1]
    copy.tokenizer.write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(RunError, match=r"tokenizer.json: must be the file .*, got another; take both from one run"):
        load(copy.path)


def test_every_file_and_section_that_differs_is_named(copy: RunDirectory) -> None:
    text = copy.experiment.read_text(encoding="utf-8")
    text = text.replace("seed = 0", "seed = 5") + '\n[[preprocessor]]\nname = "lowercase"\n'
    copy.experiment.write_text(text, encoding="utf-8")
    copy.task.write_text(copy.task.read_text(encoding="utf-8") + " ", encoding="utf-8")
    with pytest.raises(RunError) as error:
        check_origin(copy)
    for named in ("must say the preprocessor", "must say the seed", "task.json: must be the file"):
        assert named in str(error.value)


def test_a_section_that_training_did_not_have_is_refused(copy: RunDirectory) -> None:
    with copy.experiment.open("a", encoding="utf-8") as file:
        file.write('\n[search]\nname = "greedy"\n')
    with pytest.raises(RunError, match=r"experiment.toml: must say the search that .*, got another"):
        check_origin(copy)


def test_where_data_lies_and_how_it_is_measured_may_change(copy: RunDirectory) -> None:
    text = copy.experiment.read_text(encoding="utf-8")
    moved = text.replace("rows.csv", "moved.csv").replace("examples = 5", "examples = 2")
    assert moved != text
    copy.experiment.write_text(moved, encoding="utf-8")
    assert load(copy.path).predict(["خدمة"])["prediction"]


def test_more_epochs_are_the_same_run(copy: RunDirectory) -> None:
    before = origin(copy)
    text = copy.experiment.read_text(encoding="utf-8")
    copy.experiment.write_text(text.replace("\nepochs = ", "\nepochs = 1"), encoding="utf-8")
    assert origin(copy) == before


def test_a_model_of_an_earlier_version_says_nothing_and_opens(copy: RunDirectory) -> None:
    rewrite(copy.model, None)
    check_origin(copy)


@pytest.mark.parametrize("content", ["no json", "[]", '{"origin": 3}', "[" * 100_000])
def test_a_model_that_says_something_else_is_refused(copy: RunDirectory, content: str) -> None:
    rewrite(copy.model, content)
    with pytest.raises(RunError, match=r"model.keras: kerasseq.json inside: must be what training wrote"):
        check_origin(copy)


def test_what_a_model_says_is_bounded(copy: RunDirectory) -> None:
    rewrite(copy.model, " " * (LARGEST + 1))
    with pytest.raises(RunError, match=r"kerasseq.json inside must have at most 4,194,304 bytes"):
        check_origin(copy)


def rewrite(path: Path, content: str | None) -> None:
    """Another member, or none."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if name != "kerasseq.json"}
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in members.items():
            archive.writestr(name, value)
        if content is not None:
            archive.writestr("kerasseq.json", content)


# === Exports ===


def test_an_export_of_another_model_is_refused_in_a_run_and_opens_elsewhere(copy: RunDirectory, tmp_path: Path) -> None:
    shutil.copy(copy.onnx, tmp_path / "model.onnx")
    with copy.model.open("ab") as file:
        file.write(b"other weights")
    with pytest.raises(
        RunError, match=r"model.onnx: must be of the model.keras beside it, got a file of another model"
    ):
        load_export(copy.onnx)
    assert load_export(tmp_path / "model.onnx").predict(["خدمة"])["prediction"]


def test_a_model_of_a_later_format_says_which_version_wrote_it(copy: RunDirectory) -> None:
    rewrite(copy.model, json.dumps({"format": "2", "version": "9.1.0"}))
    with pytest.raises(RunError, match=r"model.keras: format must be 1, .*, got '2'; kerasseq 9.1.0 wrote it"):
        load(copy.path)
