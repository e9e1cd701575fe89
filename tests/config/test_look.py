import math

import pytest

from kerasseq.config.look import Wanted, look
from kerasseq.errors import UsageError

COLUMNS = {
    "id": [str(i) for i in range(40)],
    "title": [f"title {i}" for i in range(40)],
    "body": [f"a longer text about the number {i}, with words" for i in range(40)],
    "score": [f"{i / 4}" for i in range(40)],
    "stars": [str(1 + i % 5) for i in range(40)],
    "label": ["yes", "no", "no", "no"] * 10,
}


def test_the_longest_texts_are_the_text_unless_another_column_is_named():
    assert look(COLUMNS, Wanted("score"), "a.csv").text == "body"
    assert look(COLUMNS, Wanted("score", text="title"), "a.csv").text == "title"
    assert look(COLUMNS, Wanted("score", text_2="body"), "a.csv").text == "title"


@pytest.mark.parametrize(
    ("target", "task", "expected"),
    [
        ("score", "", "regression"),
        ("stars", "", "classification"),
        ("label", "", "classification"),
        ("id", "", "regression"),
        ("stars", "regression", "regression"),
        ("score", "classification", "classification"),
    ],
)
def test_many_different_numbers_are_scores_and_the_rest_classes(target, task, expected):
    assert look(COLUMNS, Wanted(target, task=task), "a.csv").task == expected


def test_scores_have_a_range_and_classes_have_counts():
    scores = look(COLUMNS, Wanted("score"), "a.csv")
    assert (scores.lowest, scores.highest, scores.classes) == (0.0, 9.75, {})
    classes = look(COLUMNS, Wanted("label"), "a.csv")
    assert (classes.classes, math.isnan(classes.lowest)) == ({"no": 30, "yes": 10}, True)


def test_arabic_digits_are_numbers():
    columns = {"text": ["نص", "نص"], "y": ["٣٫٥", "٤"]}
    seen = look(columns, Wanted("y"), "a.csv")
    assert (seen.task, seen.lowest, seen.highest) == ("regression", 3.5, 4.0)


def test_what_is_a_number_here_is_one_in_training():
    columns = {"text": ["one text", "two texts"], "y": ["\u22120.5", "1.5"]}
    assert look(columns, Wanted("y"), "a.csv").lowest == -0.5
    for other in ("1_000", "1e20"):
        assert look({**columns, "y": [other, "1.5"]}, Wanted("y"), "a.csv").task == "classification"


@pytest.mark.parametrize(
    ("text", "share"), [("plain words", 0.0), ("كلمات عربية", 1.0), ("abcd عرب ي", 0.5), ("123 ؟!", 0.0), ("كَلِمَةٌ", 1.0)]
)
def test_the_share_of_arabic_letters(text, share):
    assert look({"text": [text] * 2, "y": ["a", "b"]}, Wanted("y", text="text"), "a.csv").arabic == share


def test_marks_in_the_texts_are_found_by_kind():
    def marks(text):
        return look({"text": [text], "y": ["a"]}, Wanted("y", text="text"), "a.csv").marks

    assert marks("see https://a.b and <b>this</b> by @me #now &amp; me@x.org") == (
        "html",
        "links",
        "mentions",
        "hashtags",
    )
    assert marks("a < b and c > d, 5 @ 3, no 1") == ()


def test_a_mark_in_one_of_many_texts_is_no_reason():
    columns = {"text": ["plain words"] * 1999 + ["see #this"], "y": ["a", "b"] * 1000}
    assert look(columns, Wanted("y"), "a.csv").marks == ()
    columns["text"] = ["plain words"] * 1990 + ["see #this"] * 10
    assert look(columns, Wanted("y"), "a.csv").marks == ("hashtags",)


def test_the_length_is_the_95th_percentile_of_words_and_marks():
    columns = {"text": ["w " * (i + 1) for i in range(100)], "y": ["a", "b"] * 50}
    seen = look(columns, Wanted("y"), "a.csv")
    assert (seen.length, seen.longest) == (95, 100)
    pair = look({**columns, "more": ["x y!"] * 100}, Wanted("y", "text", "more"), "a.csv")
    assert pair.length == 95 + 3 + 1
    marked = look({"text": ["كَلِمَةٌ كَتَبَ"], "y": ["a"]}, Wanted("y"), "a.csv")
    assert marked.length == 2


def test_rows_without_a_target_are_counted():
    assert look({"text": ["a", "b", "c"], "y": ["x", None, " "]}, Wanted("y"), "a.csv").unlabelled == 2


def test_rows_without_a_text_are_counted_once():
    columns = {"a": ["word word", "", "x", " ", "y"], "b": ["z", "z", None, "z", "z"], "y": ["1", "2", "1", None, "2"]}
    assert look(columns, Wanted("y", text="a"), "a.csv").textless == 1
    assert look(columns, Wanted("y", text="a", text_2="b"), "a.csv").textless == 2


@pytest.mark.parametrize(
    ("columns", "wanted", "message"),
    [
        (COLUMNS, Wanted("scor"), '--target must be a column of a.csv, got "scor"; did you mean "score"?'),
        (COLUMNS, Wanted("score", text="bodi"), '--text must be a column of a.csv, got "bodi"; did you mean "body"?'),
        (COLUMNS, Wanted("score", text_2="x"), '--text-2 must be a column of a.csv, got "x"; choose from body, id'),
        (COLUMNS, Wanted("score", group="x"), "--group must be a column of a.csv"),
        (COLUMNS, Wanted("label", task="regression"), 'column "label" must hold numbers, got "yes"'),
        (COLUMNS, Wanted("body", text="body"), "must be different columns"),
        ({"a": ["1", "2"], "y": ["x", "y"]}, Wanted("y"), "no column looks like text"),
        ({"a": [], "y": []}, Wanted("y"), "must have rows, got none"),
        ({"a": ["x"], "y": [""]}, Wanted("y"), 'the target column "y" is empty'),
    ],
)
def test_what_cannot_work_says_why(columns, wanted, message):
    with pytest.raises(UsageError) as caught:
        look(columns, wanted, "a.csv")
    assert message in str(caught.value)
