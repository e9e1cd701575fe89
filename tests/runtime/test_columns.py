import json

import numpy as np
import pytest

from kerasseq.runtime.columns import AnswerColumn, answer_columns, as_columns, class_columns

ARRAYS = {
    "label": np.array(["good", "bad"], dtype=object),
    "probabilities": np.array([[0.25, 0.75], [0.9999999, 0.0000001]], dtype=np.float32),
    "place": np.array([3, -1], dtype=np.int32),
    "tags": [np.array(["B", "I"], dtype=object), np.array([], dtype=object)],
    "weights": [np.array([1 / 3, 2 / 3], dtype=np.float32), np.array([], dtype=np.float32)],
}


def column(output, pick="all"):
    [values] = as_columns((AnswerColumn("some", output, pick),), ARRAYS).values()
    return values


def test_classes_are_a_prediction_its_score_and_one_score_each():
    columns = class_columns(["bad", "good"])
    assert [c.name for c in columns] == ["prediction", "score", "score[bad]", "score[good]"]
    assert as_columns(columns, ARRAYS) == {
        "prediction": ["good", "bad"],
        "score": [0.75, 1.0],
        "score[bad]": [0.25, 1.0],
        "score[good]": [0.75, 0.0],
    }


def test_the_whole_value_the_largest_number_or_one_of_them_is_picked():
    assert column("probabilities") == [[0.25, 0.75], [1.0, 0.0]]
    assert column("probabilities", "largest") == [0.75, 1.0]
    assert column("probabilities", 1) == [0.75, 0.0]


def test_one_value_a_step_is_a_list_a_row():
    assert column("tags") == [["B", "I"], []]
    assert column("weights") == [[0.333333, 0.666667], []]


@pytest.mark.parametrize(("output", "kind"), [("label", str), ("place", int)])
def test_strings_and_whole_numbers_stay_what_they_are(output, kind):
    assert [type(value) for value in column(output)] == [kind, kind]


def test_numbers_have_six_decimals_and_are_pythons():
    assert column("probabilities", 0) == [0.25, 1.0]
    assert {type(value) for value in column("probabilities", 0)} == {float}


def test_values_are_what_json_can_say():
    columns = [AnswerColumn(name, name) for name in ARRAYS]
    assert json.loads(json.dumps(as_columns(columns, ARRAYS))) == as_columns(columns, ARRAYS)


def test_no_rows_have_columns_of_no_rows():
    none = {"label": np.array([], dtype=object), "probabilities": np.zeros((0, 2))}
    assert as_columns(class_columns(["a", "b"]), none) == {
        "prediction": [],
        "score": [],
        "score[a]": [],
        "score[b]": [],
    }


def test_columns_come_back_from_the_metadata_of_a_file():
    columns = (*class_columns(["bad", 'g"oo]d']), AnswerColumn("tags", "tags"))
    assert answer_columns(json.loads(json.dumps([c.as_json() for c in columns]))) == columns
