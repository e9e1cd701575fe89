"""From what teachers say to a student that says it, too."""

import csv
import random
from types import SimpleNamespace

import numpy as np
import pytest

from kerasseq.corpus.text import Texts
from kerasseq.distill.agreement import agreement
from kerasseq.distill.road import distill
from kerasseq.distill.student import Student
from kerasseq.distill.teachers import Said, Teacher
from kerasseq.distill.texts import Given

SMALL = (
    "training.epochs=20",
    "training.learning_rate=0.02",
    'encoder={name="none"}',
    "evaluation.resamples=100",
    "exporter=[]",
)


def texts(count):
    draw = random.Random(0)
    words = ["good", "fine", "bad", "poor", "the", "a", "food,", 'book"', "\n"]
    return [f"{n} {' '.join(draw.choices(words, k=6))}" for n in range(count)]


def worth(text):
    return sum(text.count(word) for word in ("good", "fine")) - sum(text.count(word) for word in ("bad", "poor"))


def number(shift):
    return Teacher(f"teacher {shift}", (), lambda: lambda said: {"prediction": [worth(text) + shift for text in said]})


def test_a_student_of_two_learns_their_mean_and_its_report_names_them(tmp_path):
    given = Given(texts(150), None, 0, 0)
    student = Student([number(0), number(2)], given, tmp_path / "t.csv", overrides=SMALL)
    told = []
    outcome, [line] = distill(student, tmp_path / "runs", told.append)
    assert told == ["teacher 0 answers 150 texts", "teacher 2 answers 150 texts", f"wrote {tmp_path}/t.csv"]
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == given.texts
    assert [float(row["prediction"]) for row in rows] == [worth(text) + 1 for text in given.texts]
    assert {row["deviation"] for row in rows} == {"1"}
    assert line.startswith("agreement with the teachers on 15 held-out texts: ")
    assert float(line.rpartition("correlation ")[2]) > 0.8
    report = outcome.directory.report.read_text(encoding="utf-8")
    assert "the mean of 2 models, teacher 0 and teacher 2" in report


def said_by(outcome_probabilities, labels=("no", "yes")):
    answers = SimpleNamespace(arrays=lambda: {"probabilities": np.array(outcome_probabilities)})
    task = SimpleNamespace(answer_names=labels)
    return SimpleNamespace(samples=Texts(["b", "a"]), predictions=answers, model=SimpleNamespace(task=task))


def test_agreement_is_told_class_by_class_and_beside_the_labels():
    given = Given(["a", "b", "c"], ["yes", "", "no"], 0, 0)
    said = Said(("yes", "no"), np.array([[0.9, 0.1], [0.6, 0.4], [0.5, 0.5]]))
    lines = agreement(said_by([[0.4, 0.6], [0.7, 0.3]]), given, said)
    assert lines == [
        "agreement with the teachers on 2 held-out texts: the same class of 50.0 %, probabilities 0.300 apart",
        "right about the 1 with a label: the student 0.0 %, the teachers 100.0 %",
    ]


def test_agreement_of_numbers_is_their_distance():
    outcome = SimpleNamespace(
        samples=Texts(["b", "a"]), predictions=SimpleNamespace(arrays=lambda: {"score": np.array([1.0, 3.0])})
    )
    said = Said((), np.array([[2.0], [1.5]]))
    assert agreement(outcome, Given(["a", "b"], ["2.5", ""], 0, 0), said) == [
        "agreement with the teachers on 2 held-out texts: 0.75 apart, correlation 1.000",
        "off from the labels of 1: the student 0.5, the teachers 0.5",
    ]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_label_goes_into_training_by_its_share(tmp_path, share):
    given = Given(texts(60), ["no" if n % 2 else "" for n in range(60)], 0, 0)
    sure = Teacher("sure", ("no", "yes"), lambda: lambda said: {"score[no]": [0.1] * 60, "score[yes]": [0.9] * 60})
    student = Student([sure], given, tmp_path / "t.csv", label_share=share, overrides=[*SMALL, "training.epochs=1"])
    outcome, lines = distill(student, tmp_path / "runs", lambda line: None)
    table = outcome.model.experiment.dataset.build()
    shares = [row["no"] for row in table["distribution"].to_pylist()]
    assert shares == pytest.approx([share + (1 - share) * 0.1 if n % 2 else 0.1 for n in range(60)])
    assert table["target"].to_pylist() == ["no" if n % 2 else "yes" for n in range(60)]
    assert lines[1].startswith("right about the ")
