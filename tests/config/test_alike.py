"""Classes that read alike."""

import tomllib

from kerasseq.config.alike import alike, hidden, inline, like, merges


def test_case_marks_spaces_and_what_nobody_sees_tell_no_names_apart():
    names = ["positive", "Positive", " positive", "positive\u200f", "ｐositive", "negative", "محايد", "مُحايد"]
    assert alike(names) == [names[:5], names[6:]]
    assert alike(["1", "1.0", "not good", "notgood"]) == []


def test_characters_that_nobody_sees_are_named():
    assert hidden("a\u200b\u200f") == " (with U+200B, U+200F)"
    assert hidden("مُحايد") == ""


def test_a_map_keeps_the_most_frequent_name_of_those_that_hide_nothing():
    counts = {"good\u200f": 9, "Good": 2, "good": 5, "bad": 3, "مُحايد": 1, "محايد": 1}
    assert merges(counts) == {"good": ["good\u200f", "Good"], "مُحايد": ["محايد"]}


def test_a_map_is_one_line_of_toml_in_which_nothing_is_hidden():
    merge = {"a b": ['"quoted"', "tab\tin"], "محايد": ["مُحايد\u200b", "\U000e0001x"], "plain-1": ["\\"]}
    line = inline(merge)
    assert tomllib.loads(f"merge = {line}") == {"merge": merge}
    assert "\n" not in line and "\u200b" not in line and "\U000e0001" not in line


def test_what_a_name_reads_like_is_said_with_what_it_hides():
    assert like("good\u200f", ["bad", "good"]) == ' (with U+200F), which reads like "good"'
    assert like("good", ["bad", "good\u200f"]) == ', which reads like "good\u200f" (with U+200F)'
    assert like("good", ["good", "bad"]) == like("well", ["good"]) == ""
