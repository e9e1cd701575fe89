import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.preprocessors.lectures import Lectures


def recipe(text: str) -> str:
    """The lectures' steps, written with Python's own classes."""
    text = re.sub(r"https?://\S+|www\.\S+", "", text)
    text = re.sub(r"[0-9٠-٩]", "", text)
    text = re.sub(r"[^\w\s\u0600-\u06FF]", "", text)
    text = re.sub("[إأآ]", "ا", text)
    text = text.replace("ى", "ي").replace("ة", "ه")
    text = re.sub("[\u064b-\u0652\u0640]", "", text)
    return re.sub(r"\s+", " ", text).strip()


ALPHABET = st.one_of(
    st.sampled_from("abz 019٠٩۱إأآٱىةيهـًَّٰ،؟؛.,'-_/:😂❤️\u200d\u200c\ufeff\n\t\x1c\u00a0éﻻک"),
    st.characters(exclude_categories=["Cs"]),
)


@given(st.lists(st.one_of(st.text(ALPHABET, max_size=8), st.sampled_from(["https://x.com/ا", "www.x", "http:/"]))))
def test_the_preset_is_the_recipe(parts: list[str]) -> None:
    text = "".join(parts)
    assert Lectures().build()([text]) == [recipe(text)]


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("I don't", "I dont"),
        ("8/10 3.5", ""),
        ("covid19", "covid"),
        ("good,bad well-known", "goodbad wellknown"),
        ("رائع😂", "رائع"),
        ("http://x.comرائع", ""),
        ("جميل؟ ۱۲", "جميل؟ ۱۲"),
        ("ٱلرحمٰن یک ﻻ", "ٱلرحمٰن یک ﻻ"),
        ("हिन्दी", "हनद"),
        ("Not @bob", "Not bob"),
    ],
)
def test_its_faults_are_the_documented_ones(text: str, lost: str) -> None:
    assert Lectures().build()([text]) == [lost]
