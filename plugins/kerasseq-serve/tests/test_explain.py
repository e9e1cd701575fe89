import pytest
from kerasseq_serve.errors import Refused
from kerasseq_serve.explain import variants, weights, words
from kerasseq_serve.model import Answer


def test_each_word_is_left_out_with_the_space_behind_it():
    text = (" a  bb\nc", "")
    found = words(text, 10)
    assert [(word.word, word.start) for word in found] == [("a", 1), ("bb", 4), ("c", 7)]
    assert variants(text, found) == [text, (" bb\nc", ""), (" a  c", ""), (" a  bb\n", "")]


def test_the_words_of_both_texts_of_a_pair_are_left_out():
    text = ("يوم جميل", "fine 🙂")
    found = words(text, 10)
    assert [(word.field, word.word) for word in found] == [
        ("text", "يوم"),
        ("text", "جميل"),
        ("text_2", "fine"),
        ("text_2", "🙂"),
    ]
    assert variants(text, found)[1:] == [
        ("جميل", "fine 🙂"),
        ("يوم ", "fine 🙂"),
        ("يوم جميل", "🙂"),
        ("يوم جميل", "fine "),
    ]


def test_a_text_without_words_has_only_itself():
    assert variants((" \n", ""), words((" \n", ""), 10)) == [(" \n", "")]


def test_too_many_words_are_refused():
    assert len(words(("a a a", ""), 3)) == 3
    with pytest.raises(Refused, match="at most 3 words to be explained, got 4; .*--max-words") as refused:
        words(("a a", "a a"), 3)
    assert refused.value.status == 422


def test_weights_follow_the_label_that_the_whole_text_got():
    answers = [Answer("b", (0.25, 0.75)), Answer("a", (0.625, 0.375)), Answer("b", (0.125, 0.875))]
    assert weights(answers, ("a", "b")) == [0.375, -0.125]
    assert weights([Answer(3.0), Answer(1.0), Answer(3.5)], ()) == [2.0, -0.5]
