import doctest
import importlib

import numpy as np
import pytest
from kerasseq_runtime.columns import AnswerColumn, answer_columns, as_columns, class_columns, decimals_of


def test_what_json_holds_is_read_back():
    columns = class_columns(["a", "ب"])
    assert answer_columns([column.as_json() for column in columns]) == columns
    small = AnswerColumn("prediction", "score", decimals=12)
    assert answer_columns([small.as_json()]) == (small,)
    assert "decimals" not in AnswerColumn("prediction", "score").as_json()


def test_numbers_of_a_small_unit_keep_their_digits():
    arrays = {"score": np.array([3.1234567e-7, -2e-9], np.float32)}
    column = AnswerColumn("prediction", "score", decimals=decimals_of(3e-7))
    assert as_columns([column], arrays) == {"prediction": [3.12346e-7, -2e-9]}


def test_values_are_plain_whole_numbers_stay_whole_and_others_have_six_decimals():
    arrays = {
        "label": np.array(["a", "b"], dtype=object),
        "shares": np.array([[0.12345678, 0.8], [1.0, 0.0]], np.float32),
        "steps": [np.array([[1, 2]]), np.zeros((0, 2), np.int64)],
    }
    wanted = [AnswerColumn("prediction", "label"), AnswerColumn("most", "shares", "largest")]
    wanted += [AnswerColumn("first", "shares", 0), AnswerColumn("steps", "steps")]
    assert as_columns(wanted, arrays) == {
        "prediction": ["a", "b"],
        "most": [0.8, 1.0],
        "first": [0.123457, 1.0],
        "steps": [[[1, 2]], []],
    }
    exact = as_columns(wanted[2:3], arrays, number=float)
    assert exact == {"first": [float(np.float32(0.12345678)), 1.0]}


@pytest.mark.parametrize(
    "name", ["kerasseq_runtime.columns", "kerasseq_runtime.inputs.texts", "kerasseq_runtime.inputs.tokens"]
)
def test_the_examples_give_what_they_say(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted and not found.failed
