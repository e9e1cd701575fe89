import pickle

import pytest

from kerasseq.errors import UsageError
from kerasseq.preprocessors.each_word import EachWord
from kerasseq.preprocessors.rules import CharMap, Rules, chain

PIECE, WORD = r"\[[a-z]+\]|[{letter}{mark}{digit}]+", "[a-z]+"


def reversed_word(word: str) -> str:
    return word[::-1]


def test_words_change_and_nothing_else_does() -> None:
    texts = ["abc, def-ghi [url] a1b Abc e\u0301f كتب\n\x00", ""]
    assert EachWord(reversed_word, PIECE, WORD)(texts) == ["cba, fed-ihg [url] a1b Abc e\u0301f كتب\n\x00", ""]


def test_the_function_gets_each_word_once_from_the_left_and_may_give_nothing() -> None:
    seen: list[str] = []

    def note(word: str) -> str:
        seen.append(word)
        return ""

    assert EachWord(note, PIECE, WORD)(["one two [three] one"]) == ["  [three] "]
    assert seen == ["one", "two", "one"]


def test_it_is_a_step_of_python_that_travels() -> None:
    step = EachWord(reversed_word, PIECE, WORD)
    assert not step.portable and step.rules == ()
    joined = pickle.loads(pickle.dumps(chain([Rules([CharMap({"A": "a"})]), step])))
    assert joined(["ABc Abc"]) == ["aBc cba"]


@pytest.mark.parametrize(("piece", "word"), [(r"\w+", WORD), (PIECE, r"\w+")])
def test_a_pattern_that_is_not_portable_is_refused(piece: str, word: str) -> None:
    with pytest.raises(UsageError, match="named classes"):
        EachWord(reversed_word, piece, word)
