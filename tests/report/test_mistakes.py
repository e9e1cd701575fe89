"""Errors by length and confidence, and the worst rows."""

import re

import numpy as np
import pytest

from kerasseq.report.mistakes import calibration, length_table, worst_table
from kerasseq.report.page import report_page


@pytest.fixture
def all_wrong(classification, changed):
    """Sixty wrong answers."""
    return changed(classification, prediction=(classification.truth + 1) % 3)


def _cells(table):
    rows = re.findall(r"<tr><th[^>]*>(.*?)</th>(.*?)</tr>", table)
    return [(head, re.findall(r"<td[^>]*>(.*?)</td>", rest)) for head, rest in rows if "<td" in rest]


def test_the_groups_by_length_hold_every_row_once(regression):
    cells = _cells(length_table(regression))
    assert len(cells) == 5
    assert sum(int(values[0]) for _, values in cells) == 40
    lengths = np.array([len(text.split()) for text in regression.texts])
    low, high = map(int, cells[0][0].split(" to "))
    inside = (lengths >= low) & (lengths <= high)
    assert int(cells[0][1][0]) == inside.sum()
    assert float(cells[0][1][1]) == round(regression.losses[inside].mean(), 3)


def test_texts_of_one_length_make_one_group(classification, changed):
    cells = _cells(length_table(changed(classification, texts=["two words"] * 60)))
    wrong = 100 * (classification.truth != classification.prediction).mean()
    assert cells == [("2", ["60", f"{wrong:.1f} %"])]


def test_calibration_compares_what_is_stated_with_what_is_right(classification, changed):
    probabilities = np.tile([0.92, 0.05, 0.03], (60, 1))
    truth = np.where(np.arange(60) < 45, 0, 1)
    table = calibration(changed(classification, probabilities=probabilities, truth=truth, prediction=np.zeros(60, int)))
    assert _cells(table) == [("0.90 to 0.95", ["60", "92.0 %", "75.0 %"])]
    assert "17.0 points apart" in table


def test_a_probability_of_one_has_a_group_and_a_regression_has_none(classification, regression, changed):
    sure = changed(classification, probabilities=np.eye(3)[classification.prediction])
    assert _cells(calibration(sure))[0][0] == "0.95 to 1.00"
    assert calibration(regression) == ""


def test_the_worst_rows_come_first_and_are_twenty_at_most(classification, all_wrong):
    assert worst_table(all_wrong).count("<code>") == 20
    table = worst_table(classification)
    order = [classification.where.index(where) for where in re.findall(r"<code>(.*?)</code>", table)]
    wrong = classification.truth != classification.prediction
    worst = [row for row in (-classification.losses).argsort(kind="stable") if wrong[row]]
    assert order == worst[:20]


@pytest.mark.parametrize("kind", ["classification", "regression"])
def test_rows_that_are_right_are_no_errors(kind, request, changed):
    data = request.getfixturevalue(kind)
    assert worst_table(changed(data, prediction=data.truth)) == ""
    assert "Worst errors" in report_page(data) and "Worst errors" not in report_page(
        changed(data, prediction=data.truth)
    )
    one = data.truth.copy()
    one[3] = one[3] + 1 if kind == "regression" else (one[3] + 1) % len(data.labels)
    table = worst_table(changed(data, prediction=one))
    assert table.count('role="row"') == 2 and "The test row that is wrong." in table


def test_every_text_is_a_paragraph_of_its_own_direction(all_wrong):
    table = worst_table(all_wrong, rows=60)
    assert table.count('dir="auto" lang="ar">ذهب') == 20
    assert table.count('dir="rtl" lang="ar">GPT-4') == 20
    assert table.count('dir="auto">the film') == 19
    assert '<p class="text" dir="auto" lang="ar">السؤال الأول</p><p class="text" dir="auto">the answer</p>' in table


def test_a_text_cannot_leave_its_cell(regression, changed):
    table = worst_table(changed(regression, texts=["</td><script>alert(1)</script>"] * 40))
    assert "<script" not in table
    assert "&lt;script&gt;" in table


def test_the_table_stays_a_table_for_screen_readers(all_wrong):
    table = worst_table(all_wrong)
    assert table.count('role="row"') == 21
    assert table.count('role="cell"') == 100
    assert table.count('role="columnheader"') == 5
