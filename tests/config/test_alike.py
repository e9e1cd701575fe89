"""Classes that read alike."""

from kerasseq.config.alike import alike, hidden


def test_case_marks_spaces_and_what_nobody_sees_tell_no_names_apart():
    names = ["positive", "Positive", " positive", "positive\u200f", "ｐositive", "negative", "محايد", "مُحايد"]
    assert alike(names) == [names[:5], names[6:]]
    assert alike(["1", "1.0", "not good", "notgood"]) == []


def test_characters_that_nobody_sees_are_named():
    assert hidden("a\u200b\u200f") == " (with U+200B, U+200F)"
    assert hidden("مُحايد") == ""
