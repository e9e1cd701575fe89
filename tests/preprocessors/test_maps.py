import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.errors import UsageError
from kerasseq.preprocessors.maps import CharMap, SequenceMap

TEXT = st.text(alphabet="abcdأإ😀🎉é ", max_size=30)


def test_characters_are_mapped_all_at_once() -> None:
    assert CharMap({"a": "b", "b": "a", "أ": "ا", "c": "", "😀": ":)"}).step()("abcأ😀d") == "baا:)d"


def test_a_map_works_again_after_it_has_seen_other_characters() -> None:
    step = CharMap({"a": "b"}).step()
    assert [step(text) for text in ("xyz", "axyz", "a")] == ["xyz", "bxyz", "b"]


@given(
    st.dictionaries(st.sampled_from("abcdأ"), st.text("abcdأ", max_size=2)),
    st.dictionaries(st.sampled_from("abcdأ"), st.text("abcdأ", max_size=2)),
    TEXT,
)
def test_two_maps_in_one_do_what_they_do_in_turn(one: dict[str, str], two: dict[str, str], text: str) -> None:
    first, second = CharMap(one), CharMap(two)
    assert first.then(second).step()(text) == second.step()(first.step()(text))


def naive(table: dict[str, str], text: str) -> str:
    out, at = "", 0
    while at < len(text):
        key = max((k for k in table if text.startswith(k, at)), key=len, default="")
        out += table[key] if key else text[at]
        at += len(key) or 1
    return out


@given(st.dictionaries(st.text("abcdأ😀", min_size=1, max_size=3), st.text("abc", max_size=2)), TEXT)
def test_sequences_are_mapped_longest_first_from_the_left(table: dict[str, str], text: str) -> None:
    assert SequenceMap(table).step()(text) == naive(table, text)


def test_what_a_sequence_gave_is_not_read_again() -> None:
    assert SequenceMap({"ab": "a", "abc": "x"}).step()("abcabb") == "xab"


def test_special_characters_of_sets_are_plain_keys() -> None:
    table = {"]-": "1", "^a": "2", "\\": "3"}
    assert SequenceMap(table).step()("]-^a\\-") == "123-"
    assert CharMap({"]": "1", "^": "2", "\\": "3", "-": "4"}).step()("^]-\\") == "2143"


def test_bad_keys_are_refused() -> None:
    with pytest.raises(UsageError, match="one code point, got 'ab'"):
        CharMap({"ab": "c"})
    with pytest.raises(UsageError, match="must not be empty"):
        SequenceMap({"": "c"})


def test_a_map_does_not_change_when_the_callers_does() -> None:
    table = {"a": "b"}
    rule = CharMap(table)
    table["a"] = "c"
    assert rule.step()("a") == "b"
    assert rule == CharMap({"a": "b"})
    assert hash(rule) == hash(CharMap({"a": "b"}))


@pytest.mark.parametrize("text", ["", "Abc A", "Abاc", "ًًA", "😀A😀", "𝐀x", "xyz", "ا"])
@pytest.mark.parametrize("keys", [{"A": "aa"}, {"ً": "", "ا": "A"}, {"A": "", "𝐀": "A"}, {}])
def test_a_character_map_looks_every_character_up_in_ascii_and_beyond(keys: dict[str, str], text: str) -> None:
    assert CharMap(keys).step()(text) == "".join(keys.get(c, c) for c in text)
