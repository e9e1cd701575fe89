import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.patterns.found import Found

CHARACTERS = list("aب😀\n\x00\u2fff\u3000\U0010ffff\ud800\U000e0001")
TEXTS = st.lists(st.text(st.sampled_from(CHARACTERS), max_size=6), max_size=8)


@given(st.dictionaries(st.sampled_from(CHARACTERS), st.integers(0, 2**63 - 1)), st.sampled_from([0, 4]), TEXTS)
def test_a_text_has_the_bits_of_its_characters(bits: dict[str, int], others: int, texts: list[str]) -> None:
    wanted = []
    for text in texts:
        found = 0
        for character in text:
            found |= bits.get(character, others)
        wanted.append(found)
    assert Found(bits, others)(texts) == wanted


@pytest.mark.parametrize("texts", [[], [""], ["", "a", ""], ["a" * 100_000]])
def test_no_texts_and_empty_ones_have_none(texts: list[str]) -> None:
    assert Found({"a": 1})(texts) == [int("a" in text) for text in texts]
