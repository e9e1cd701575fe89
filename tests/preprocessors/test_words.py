import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.errors import UsageError
from kerasseq.preprocessors.words import CLOSE, OPEN, MapWords, Squeeze

TEXT = st.text(alphabet="abآلاً '’-_.!😀" + OPEN + CLOSE, max_size=40)
WORDS = {"a": "", "ab": "x y", "لا": "no", "a-b": "\\1", "b'a": "q", "aa": ""}


def by_replacements(rule: MapWords | Squeeze, text: str) -> str:
    for replace in rule.replacements():
        text = replace.step()(text)
    return text


def test_words_are_looked_up_whole() -> None:
    step = MapWords({"the": "", "of": "", "n't": "not"}).step()
    assert step("the theme of state-of-the-art, do n't (the)") == " theme  state-of-the-art, do not ()"


def test_marks_belong_to_their_word() -> None:
    assert MapWords({"من": ""}).step()("من مِن منا") == " مِن منا"


@given(TEXT)
def test_replacements_do_what_the_word_map_does(text: str) -> None:
    rule = MapWords(WORDS)
    assert by_replacements(rule, text) == rule.step()(text)


@given(TEXT)
def test_a_word_map_whose_keys_have_apostrophes_skips_no_text_it_should_change(text: str) -> None:
    rule = MapWords({"b'a": "q", "a’b": ""})
    assert by_replacements(rule, text) == rule.step()(text)


def test_a_key_that_is_no_word_is_refused() -> None:
    with pytest.raises(UsageError, match="one word, got 'a b'"):
        MapWords({"a b": ""})


@given(st.text("abا!-]😀", max_size=40), st.integers(1, 4))
def test_a_run_is_cut_to_what_is_kept(text: str, keep: int) -> None:
    expected, run = "", 0
    for i, c in enumerate(text):
        run = run + 1 if i and text[i - 1] == c else 1
        expected += c if run <= keep or c not in "abا!-]" else ""
    rule = Squeeze("abا!-]", keep)
    assert rule.step()(text) == expected
    assert by_replacements(rule, text) == expected


def test_more_than_nine_characters_need_more_than_one_replacement() -> None:
    rule = Squeeze("abcdefghijklmnopqrs", 2)
    assert len(rule.replacements()) == 3
    assert by_replacements(rule, "aaabbbsss") == "aabbss"


@pytest.mark.parametrize(("characters", "keep"), [("", 2), ("a", 0)])
def test_a_squeeze_of_nothing_is_refused(characters: str, keep: int) -> None:
    with pytest.raises(UsageError, match="squeeze"):
        Squeeze(characters, keep)
