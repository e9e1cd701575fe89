"""The experiment of a student, before its table is there."""

from pathlib import Path

import pytest

from kerasseq.distill.student import Student, student_experiment
from kerasseq.distill.teachers import Teacher
from kerasseq.distill.texts import Given
from kerasseq.errors import ConfigError, UsageError

CLASSES = Teacher("runs/a/0001", ("no", "yes"), lambda: lambda texts: {})
NUMBER = Teacher("runs/b/0001", (), lambda: lambda texts: {})
GIVEN = Given([f"the text {n}" for n in range(6_000)], None, 0, 0)
LABELLED = Given(["a", "b"], ["no", ""], 0, 0)


def asked(*teachers, given=GIVEN, **settings):
    return student_experiment(Student(teachers, given, Path("big.distilled.csv"), **settings), written=False)


def test_without_a_config_it_is_a_small_network_alone():
    found = asked(CLASSES)
    assert (found.name, found.task.name, found.encoder.name) == ("big-distilled", "classification", "lstm")
    assert (found.encoder.units, found.encoder.layers, found.wide) == (64, 1, None)
    assert [part.name for part in found.preprocessor] == ["unicode", "casefold"]
    assert asked(NUMBER).task.name == "regression"
    assert asked(CLASSES, overrides=["encoder.units=32"]).encoder.units == 32


def test_its_table_is_said_to_be_what_the_teachers_gave():
    dataset = asked(CLASSES).dataset
    assert (dataset.target, dataset.classes, dataset.label) == (("score[no]", "score[yes]"), ("no", "yes"), "")
    assert dataset.train == str(Path("big.distilled.csv").resolve())
    assert dataset.labelled_by == "the model runs/a/0001"
    several = asked(NUMBER, Teacher("m.onnx", (), NUMBER.open)).dataset
    assert (several.target, several.deviation) == ("prediction", "deviation")
    assert several.labelled_by == "the mean of 2 models, runs/b/0001 and m.onnx"
    labelled = asked(CLASSES, given=LABELLED, label_share=0.25).dataset
    assert (labelled.label, labelled.label_share) == ("label", 0.25)
    assert labelled.labelled_by.endswith("; of labelled rows the label has a share of 0.25")


def test_a_config_keeps_all_but_its_data(tmp_path):
    config = tmp_path / "small.toml"
    config.write_text('name = "mine"\n[encoder]\nname = "gru"\nunits = 9\n[task]\nname = "classification"\n')
    found = asked(CLASSES, config=config, temperature=3.0)
    assert (found.name, found.encoder.name, found.encoder.units) == ("mine", "gru", 9)
    assert (found.task.temperature, found.dataset.classes) == (3, ("no", "yes"))
    config.write_text('[dataset]\nname = "table"\ntrain = "gone.csv"\n[task]\nname = "classification"\n')
    assert asked(CLASSES, config=config).dataset.train.endswith("big.distilled.csv")


def test_a_config_of_another_task_and_a_wrong_one_are_refused(tmp_path):
    config = tmp_path / "small.toml"
    config.write_text('[task]\nname = "regression"\n')
    with pytest.raises(ConfigError, match=r'dataset\.target: must be one column for "regression"'):
        asked(CLASSES, config=config)
    config.write_text('[task]\nname = "classification"\n')
    with pytest.raises(UsageError, match=r'task\.name must be "regression", as of the teachers, got "classification"'):
        asked(NUMBER, config=config)
    config.write_text('[task]\nname = "classification"\n[encoder]\nname = "gru"\nunits = 0\n')
    with pytest.raises(ConfigError, match=r"small\.toml:5:1: encoder\.units: must be at least 1, got 0"):
        asked(CLASSES, config=config)
