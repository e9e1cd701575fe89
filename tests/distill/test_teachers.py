"""Which runs and files may label texts, and what they say together."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from kerasseq.distill.teachers import Teacher, ask, find_teachers
from kerasseq.errors import UsageError

GOLDEN = Path(__file__).parents[1] / "golden"
MOODS, PAIRS = GOLDEN / "moods", GOLDEN / "stars"
LABELS = ("bad", "good", "so-so")


def saying(labels, columns):
    return Teacher("one", labels, lambda: lambda texts: columns)


def test_a_run_and_its_exported_file_say_the_same():
    run, file = find_teachers([MOODS, MOODS / "model.onnx"])
    assert run.labels == file.labels == LABELS
    said = [ask([teacher], ["خدمة ممتازة", "bad", ""], lambda line: None) for teacher in (run, file)]
    assert said[0].means.shape == (3, 3)
    np.testing.assert_allclose(said[0].means, said[1].means, atol=2e-6)
    np.testing.assert_allclose(said[0].means.sum(axis=1), 1, atol=1e-12)
    assert said[0].deviations is None


def test_probabilities_are_averaged_class_by_class_in_the_order_of_the_first():
    one = saying(("a", "b"), {"prediction": ["a", "b"], "score": [1, 1], "score[a]": [0.8, 0], "score[b]": [0.2, 1]})
    other = saying(("b", "a"), {"prediction": ["b", "b"], "score": [1, 1], "score[b]": [0.6, 1], "score[a]": [0.4, 0]})
    told = []
    said = ask([one, other], ["x", "y"], told.append)
    assert said.labels == ("a", "b")
    np.testing.assert_allclose(said.means, [[0.6, 0.4], [0, 1]])
    assert told == ["one answers 2 texts"] * 2


def test_numbers_are_averaged_and_come_with_their_deviation():
    teachers = [saying((), {"prediction": values}) for values in ([1.0, 5.0], [3.0, 5.0])]
    said = ask(teachers, ["x", "y"], lambda line: None)
    assert said.means.tolist() == [[2], [5]]
    assert said.deviations.tolist() == [[1], [0]]
    assert ask(teachers[:1], ["x", "y"], lambda line: None).deviations is None


def test_everything_that_cannot_teach_is_named_at_once(tmp_path):
    other = Path(shutil.copytree(MOODS, tmp_path / "other"))
    (other / "task.json").write_text('{"labels": ["no", "yes"]}')
    damaged = Path(shutil.copytree(MOODS, tmp_path / "damaged"))
    (damaged / "task.json").write_text("{")
    with pytest.raises(UsageError) as caught:
        find_teachers([MOODS, PAIRS, PAIRS / "model.onnx", other, damaged, tmp_path / "none", MOODS])
    assert str(caught.value).splitlines() == [
        f"{PAIRS}: must give a text a class or a number, got regression of pairs of texts",
        f"{PAIRS}/model.onnx: must give a text a class or a number, got one that takes pair and answers prediction",
        f"{damaged}/task.json: must be what training wrote, got a file that is cut off or was written over",
        f"{tmp_path}/none: must be a run directory with an experiment.toml; see `ls runs`",
        f"{other}: must say what {MOODS} says, one of bad, good, so-so, got one of no, yes",
        f"{MOODS}: must be given once, got it 2 times",
    ]


def test_a_number_is_no_class(tmp_path):
    numbers = Path(shutil.copytree(MOODS, tmp_path / "numbers"))
    toml = (numbers / "experiment.toml").read_text(encoding="utf-8")
    start = toml.index("labels = []")
    toml = toml[:start] + toml[toml.index("dropout", start) :]
    toml = toml.replace("kerasseq/classification", "kerasseq/regression")
    (numbers / "experiment.toml").write_text(toml, encoding="utf-8")
    (numbers / "task.json").write_text('{"mean": 1.0, "deviation": 1.0}')
    with pytest.raises(UsageError, match=r"must say what .*moods says, one of bad, good, so-so, got a number$"):
        find_teachers([MOODS, numbers])
