import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasseq.patterns import characters, parse
from kerasseq.tokenizers.word import PATTERN, Word

SPLIT = Word().build().split


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("كَتَبَ الطَّالِبُ، دَرْسَهُ؛ فَهِمْتَ؟", ["كَتَبَ", "الطَّالِبُ", "،", "دَرْسَهُ", "؛", "فَهِمْتَ", "؟"]),
        ("ٱلرَّحْمَٰنِ جمـــيل", ["ٱلرَّحْمَٰنِ", "جمـــيل"]),
        ("don't it’s l'homme dogs'", ["don't", "it’s", "l'homme", "dogs", "'"]),
        ("well-known - a-b", ["well", "-", "known", "-", "a", "-", "b"]),
        ("3.5 ١٢٫٥ 1,000.50 12:30 2024/05/01 5.", ["3.5", "١٢٫٥", "1,000.50", "12:30", "2024/05/01", "5", "."]),
        ("covid19 3D 2nd 50%", ["covid19", "3D", "2nd", "50", "%"]),
        ("see http://x.com/a?b=1. www.x.org!", ["see", "http://x.com/a?b=1", ".", "www.x.org", "!"]),
        ("me@x.org @bob #very_good", ["me@x.org", "@bob", "#very_good"]),
        ("[url],[user] [SEP] [a]", ["[url]", ",", "[user]", "[", "SEP", "]", "[", "a", "]"]),
        ("رائع😂😂❤️👩‍👩‍👧‍👦👍🏽🇪🇬🇸🇦1️⃣", ["رائع", "😂", "😂", "❤️", "👩‍👩‍👧‍👦", "👍🏽", "🇪🇬", "🇸🇦", "1️⃣"]),
        ("می\u200cخواهم", ["می\u200cخواهم"]),
        (":) :-( <3 wait... !!", [":)", ":-(", "<3", "wait", "...", "!", "!"]),
        ("\ufeffa\u200bb\u200f \u00a0\n", ["a", "b"]),
        ("हिन्दी x̂ schön", ["हिन्दी", "x̂", "schön"]),
        ("", []),
    ],
)
def test_words_are_what_people_see_as_words(text: str, tokens: list[str]) -> None:
    assert SPLIT(text) == tokens


TEXT = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
        st.sampled_from(
            [*"aلِ ًـ'’-_.@#:/[]()0٣٫\u200c\u200d\ufe0f😂👍🏽❤🇪\u20e3", "http://", "t.co/", "www.", "don't", "👩‍👩‍👧"]
        ),
    ),
    max_size=15,
).map("".join)


@settings(deadline=None)
@given(TEXT)
def test_nothing_visible_is_lost(text: str) -> None:
    hidden = characters("space") | characters("control") | characters("invisible") | characters("bidi")
    visible = "".join(c for c in text if c not in hidden)
    assert "".join(c for c in "".join(SPLIT(text)) if c not in hidden) == visible


@settings(deadline=None, max_examples=300)
@given(TEXT)
def test_re2_cuts_as_python_does(text: str) -> None:
    re2 = pytest.importorskip("re2")
    assert [m.group() for m in re2.finditer(parse(PATTERN).re2, text)] == SPLIT(text)


LINKED = st.lists(
    st.sampled_from(
        "https:// http t.co/ t.co .com/ x.org www. WWW. a@b. @x.com # _(a) _ ( ) ' ’ . , : ; ! * ~ - / abc X 1 "
        "23 3.5 5/6 ٣ لا é \u0301 \ufe0f \u20e3 ℹ 😂 👍 🏽 \u200d 🇪 🇬 <3 :) [url] [ ] { < … ، = ^ %".split()
    )
    | st.just(" "),
    max_size=9,
).map("".join)


@settings(deadline=None, max_examples=500)
@given(LINKED)
def test_where_nothing_is_ambiguous_the_longest_match_is_the_one_that_is_tried_first(text: str) -> None:
    re2 = pytest.importorskip("re2")
    options = re2.Options()
    options.longest_match = True
    longest = re2.compile(parse(PATTERN).re2, options)
    if not parse(Word().ambiguous).regex.search(text):
        assert [m.group() for m in longest.finditer(text)] == SPLIT(text)


@pytest.mark.parametrize("text", ["see https://t.co/abcمجلة", "ℹabc", "#️⃣abc"])
def test_where_another_match_is_longer_the_text_is_ambiguous(text: str) -> None:
    assert parse(Word().ambiguous).regex.search(text)


def test_the_pattern_that_is_stored_needs_no_table_of_classes() -> None:
    stored = Word().build().to_json()["pattern"]
    assert not re.search(r"\{[a-z]+\}", stored)


@pytest.mark.realdata
def test_real_tweets_lose_nothing_but_spaces(realdata) -> None:  # type: ignore[no-untyped-def]
    lines = (realdata / "ajgt" / "UBC_AJGT_final_shuffled_test.tsv").read_text(encoding="utf-8").splitlines()
    for line in lines:
        assert "".join(SPLIT(line)) == "".join(
            c for c in line if not c.isspace() and c not in "\u200f\u200e\ufeff\u200b"
        )
