"""Errors by length and confidence, and the worst rows."""

import re

import numpy as np
import pytest

from kerasseq.corpus.text import Texts
from kerasseq.report.markup import tag
from kerasseq.report.mistakes import Mistakes, calibration, length_table, worst_table


def _mistakes(losses, wrong=None):
    wrong = np.asarray(losses) != 0 if wrong is None else wrong
    return Mistakes(np.asarray(losses), wrong, lambda row: tag("b", "true"), lambda row: tag("b", "said"))


@pytest.fixture
def all_wrong(moods):
    """The worst rows of sixty wrong answers, as many as are asked for."""
    mistakes = _mistakes(np.linspace(1, 2, 60))
    return lambda rows=20: worst_table(moods.samples, moods.where, mistakes, rows=rows)


def _cells(table):
    rows = re.findall(r"<tr><th[^>]*>(.*?)</th>(.*?)</tr>", table)
    return [(head, re.findall(r"<td[^>]*>(.*?)</td>", rest)) for head, rest in rows if "<td" in rest]


def _section(sections, title):
    return dict(sections)[title]


def test_the_loss_of_a_row_is_its_log_loss_or_its_distance(moods, points, classifier, regressor):
    own = moods.predictions.probabilities[np.arange(60), moods.truth]
    losses = classifier(moods.predictions.labels).row_losses(moods.truth, moods.predictions)
    assert losses == pytest.approx(-np.log(own))
    distances = regressor.row_losses(points.truth, points.predictions)
    assert distances == pytest.approx(np.abs(points.predictions.answers - points.truth))


def test_a_probability_of_zero_has_a_finite_loss(moods, classifier):
    task = classifier(moods.predictions.labels)
    certain = task.read({"probabilities": np.eye(3, dtype=np.float32)[(moods.truth + 1) % 3]})
    assert np.isfinite(task.row_losses(moods.truth, certain)).all()


def test_the_groups_by_length_hold_every_row_once(points, regressor):
    losses = np.abs(points.predictions.answers - points.truth)
    table = length_table(points.samples, losses, "mean absolute error")
    cells = _cells(table)
    assert len(cells) == 5
    assert sum(int(values[0]) for _, values in cells) == 40
    lengths = np.array([len(text.split()) for text in points.samples.first])
    low, high = map(int, cells[0][0].split(" to "))
    inside = (lengths >= low) & (lengths <= high)
    assert int(cells[0][1][0]) == inside.sum()
    assert float(cells[0][1][1]) == round(losses[inside].mean(), 3)
    assert table in _section(regressor.sections(points), "Where it is wrong")


def test_texts_of_one_length_make_one_group(moods, classifier, changed):
    wrong = moods.truth != moods.predictions.answers
    tested = changed(moods, samples=Texts(["two words"] * 60))
    table = length_table(tested.samples, wrong.astype(float))
    assert _cells(table) == [("2", ["60", f"{100 * wrong.mean():.1f} %"])]
    assert table in _section(classifier(moods.predictions.labels).sections(tested), "Where it is wrong")


def test_the_words_of_both_texts_of_a_pair_count():
    assert _cells(length_table(Texts(["a b"], ["c"]), np.ones(1))) == [("3", ["1", "100.0 %"])]


def test_calibration_compares_what_is_stated_with_what_is_right():
    table = calibration(np.tile([0.92, 0.05, 0.03], (60, 1)), np.arange(60) < 45)
    assert _cells(table) == [("0.90 to 0.95", ["60", "92.0 %", "75.0 %"])]
    assert "17.0 points apart" in table


def test_a_probability_of_one_has_a_group_and_a_regression_has_none(moods, points, classifier, regressor):
    answers = moods.predictions.answers
    assert _cells(calibration(np.eye(3)[answers], answers == moods.truth))[0][0] == "0.95 to 1.00"
    own = calibration(moods.predictions.probabilities, answers == moods.truth)
    assert own in _section(classifier(moods.predictions.labels).sections(moods), "Where it is wrong")
    assert "stated" not in _section(regressor.sections(points), "Where it is wrong")


def test_the_worst_rows_come_first_and_are_twenty_at_most(moods, all_wrong, classifier):
    assert all_wrong().count("<code>") == 20
    table = _section(classifier(moods.predictions.labels).sections(moods), "Worst errors")
    order = [moods.where.index(where) for where in re.findall(r"<code>(.*?)</code>", table)]
    wrong = moods.truth != moods.predictions.answers
    own = moods.predictions.probabilities[np.arange(60), moods.truth]
    worst = [row for row in np.log(own).argsort(kind="stable") if wrong[row]]
    assert order == worst[:20]


def test_a_class_stands_beside_its_probability_and_a_number_beside_its_distance(
    moods, points, classifier, regressor, changed
):
    labels, truth = moods.predictions.labels, moods.predictions.answers.copy()
    truth[3] = (truth[3] + 1) % 3
    table = _section(classifier(labels).sections(changed(moods, truth=truth)), "Worst errors")
    for place in (truth[3], moods.predictions.answers[3]):
        share = f"{100 * moods.predictions.probabilities[3, place]:.1f} %"
        assert re.search(rf">{labels[place]}</bdi> <small>{share}</small>", table)
    table = _section(regressor.sections(points), "Worst errors")
    row = np.abs(points.predictions.answers - points.truth).argmax()
    cells = re.findall(r"<td[^>]*><span>(.*?)</span></td>", table)[:3]
    values = (points.truth[row], points.predictions.answers[row])
    assert cells == [f"{number:.3f}" for number in (*values, abs(values[0] - values[1]))]


@pytest.mark.parametrize("kind", ["classification", "regression"])
def test_rows_that_are_right_are_no_errors(kind, moods, points, classifier, regressor, changed):
    tested, task = {
        "classification": (moods, classifier(moods.predictions.labels)),
        "regression": (points, regressor),
    }[kind]
    right = tested.predictions.answers
    assert "Worst errors" in dict(task.sections(tested))
    assert "Worst errors" not in dict(task.sections(changed(tested, truth=right)))
    one = right.copy()
    one[3] = one[3] + 1 if kind == "regression" else (one[3] + 1) % 3
    table = _section(task.sections(changed(tested, truth=one)), "Worst errors")
    assert table.count('role="row"') == 2 and "The test row that is wrong." in table


def test_without_an_error_there_is_no_table(moods):
    assert worst_table(moods.samples, moods.where, _mistakes(np.zeros(60))) == ""


def test_every_text_is_a_paragraph_of_its_own_direction(all_wrong):
    table = all_wrong(60)
    assert table.count('dir="auto" lang="ar">ذهب') == 20
    assert table.count('dir="rtl" lang="ar">GPT-4') == 20
    assert table.count('dir="auto">the film') == 19
    assert '<p class="text" dir="auto" lang="ar">السؤال الأول</p><p class="text" dir="auto">the answer</p>' in table


def test_a_text_cannot_leave_its_cell():
    table = worst_table(Texts(["</td><script>alert(1)</script>"] * 40), (), _mistakes(np.ones(40)))
    assert "<script" not in table
    assert "&lt;script&gt;" in table


def test_the_table_stays_a_table_for_screen_readers(all_wrong):
    table = all_wrong()
    assert table.count('role="row"') == 21
    assert table.count('role="cell"') == 100
    assert table.count('role="columnheader"') == 5
