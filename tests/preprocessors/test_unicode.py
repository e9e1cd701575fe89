import time
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.patterns import characters
from kerasseq.preprocessors.unicode import Casefold, Unicode, Whitespace

PLAIN = Unicode().build()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ﻻ ﷲ ﺍﻟﻌﺮﺑﻴﺔ", "لا الله العربية"),
        ("ａｂｃ ﬁ ² ½ …", "abc fi 2 1⁄2 ..."),
        ("e\u0301 o\u0323\u0302 o\u0302\u0323", "é ộ ộ"),
        ("ا\u0654 ا\u0655 ا\u0653 و\u0654 ي\u0654 ى\u0654 ی\u0654", "أ إ آ ؤ ئ ئ ئ"),
        (unicodedata.normalize("NFD", "أَحمد سُئِلَ"), "أَحمد سُئِلَ"),
        ("a\u200bb\u2060c\ufeffd\u00ade\x00f", "abcdef"),
        ("\u202bمرحبا\u202c \u2067x\u2069\u200f\u061c", "مرحبا x"),
        ("می\u200cخواهم", "میخواهم"),
        ("م\u200dن\ufe0f", "من"),
        ("हिन्दी ไทย שָׁלוֹם كَتَبَ", "हिन्दी ไทย שָׁלוֹם كَتَبَ"),
        ("´ ™ ‼ ℹ", "´ ™ ‼ ℹ"),
    ],
)
def test_each_character_is_written_one_way(text: str, expected: str) -> None:
    assert PLAIN([text]) == [expected]


@pytest.mark.parametrize(
    "emoji",
    [
        "❤️",
        "👩‍👩‍👧‍👦",
        "👩🏽‍🚀",
        "🏳️‍🌈",
        "🇪🇬",
        "1️⃣",
        "👩‍❤️‍👨",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ],
)
def test_emoji_stay_as_they_are_wherever_they_stand(emoji: str) -> None:
    assert PLAIN([f"{emoji}", f"مرحبا{emoji}{emoji}a"]) == [emoji, f"مرحبا{emoji}{emoji}a"]


def test_joiners_and_selectors_beside_emoji_go() -> None:
    assert PLAIN(["\u200d😂\u200d", "a\ufe0f😂\u200d b", "1\ufe0f"]) == ["😂", "a😂 b", "1"]


@pytest.mark.parametrize(
    ("settings", "text", "expected"),
    [
        ({"composition": False, "compatibility": False}, "e\u0301 ا\u0654", "e\u0301 ا\u0654"),
        ({"compatibility": False}, "ﻻ ａ", "ﻻ ａ"),
        ({"invisible": False}, "a\u200bb\x00", "a\u200bb\x00"),
        ({"bidi": False}, "a\u200fb", "a\u200fb"),
        ({"zwnj": "space"}, "می\u200cخواهم", "می خواهم"),
        ({"zwnj": "keep"}, "می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_each_option_turns_off_its_own_part(settings: dict[str, object], text: str, expected: str) -> None:
    assert Unicode(**settings).build()([text]) == [expected]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cf", "Cn", "So", "Mn", "Mc"]), max_size=20))
def test_text_without_marks_signs_and_accents_comes_out_as_nfkc(text: str) -> None:
    special = characters("emoji") | characters("invisible")
    text = "".join(c for c in text if c not in special and unicodedata.normalize("NFKC", c)[:1] != " ")
    if not any("\u1100" <= c <= "\u11ff" or "\u3130" <= c <= "\u318f" or "\uffa0" <= c <= "\uffdc" for c in text):
        assert PLAIN([text]) == [unicodedata.normalize("NFKC", text)]


@given(st.text(alphabet="aeAا\u0654\u0653وﻻ\u064e\u0301\u0302\u200d\ufe0f❤👩 \u200f", max_size=12))
def test_doing_it_twice_changes_nothing_more(text: str) -> None:
    once = PLAIN([text])
    assert PLAIN(once) == once


def test_case_is_folded_in_every_script() -> None:
    assert Casefold().build()(["Straße ΣΊΣΥΦΟΣ Ёлка مرحبا Ⓜ"]) == ["strasse σίσυφοσ ёлка مرحبا Ⓜ"]


def test_white_space_becomes_single_spaces_and_the_ends_are_trimmed() -> None:
    squeeze = Whitespace().build()
    text = " \ta\u00a0b  c\r\n\nd\u3000\u2029"
    assert squeeze([text, "", "  "]) == ["a b c d", "", ""]
    assert squeeze([text]) == [" ".join(text.split())]


def test_line_ends_and_both_ends_can_stay() -> None:
    assert Whitespace(lines="keep").build()([" a \r\n \n b  c\u2028d"]) == ["a\nb c\nd"]
    assert Whitespace(trim=False).build()(["  a  "]) == [" a "]


@pytest.mark.parametrize("lines", ["join", "keep"])
def test_long_white_space_takes_no_hostile_time(lines: Any) -> None:
    squeeze = Whitespace(lines=lines).build()
    begin = time.process_time()
    assert squeeze([" " * 50_000 + "a" + " \t" * 50_000 + "b"]) == ["a b"]
    assert time.process_time() - begin < 2
