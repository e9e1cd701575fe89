import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasseq.patterns import parse, shapes

LINKS = ["http", "https", "://", "t.co", "/a", "www", ".", "ftp", "x.com", " ", "é", "(b)", "_"]


def found(pattern: str, text: str) -> list[str]:
    return parse(pattern).regex.findall(text)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see http://x.com/a.", ["http://x.com/a"]),
        ("(https://x.com/a?b=1&c=2)", ["https://x.com/a?b=1&c=2"]),
        ("HTTPS://X.COM!", ["HTTPS://X.COM"]),
        ("https://t.co/abcمجلة", ["https://t.co/abc"]),
        ("https://ar.wikipedia.org/wiki/القاهرة،", ["https://ar.wikipedia.org/wiki/القاهرة"]),
        ("www.example.org, t.co/ab ftp://h/f", ["www.example.org", "t.co/ab", "ftp://h/f"]),
        ('<a href="http://x.com">', ["http://x.com"]),
        ("end.Next and/or 3.5 http:// www.", []),
        ("rating 8/10 a.b/c", []),
    ],
)
def test_links_end_where_people_think_they_end(text: str, links: list[str]) -> None:
    assert found(shapes.LINK, text) == links


@given(st.text("htpsHTWwf:/.-@1 \u00e9", max_size=24) | st.lists(st.sampled_from(LINKS), max_size=4).map("".join))
@settings(max_examples=300, deadline=None)
def test_the_sign_of_links_stands_in_every_link(text: str) -> None:
    for link in found(shapes.LINK, text):
        assert found(shapes.LINK_SIGN, link)


def test_emails_are_found_and_mentions_are_none() -> None:
    assert found(shapes.EMAIL, "a.b+c@mail.example.org. @user x@y") == ["a.b+c@mail.example.org"]


@pytest.mark.parametrize(
    "emoji",
    [
        "😂",
        "❤️",
        "👍🏽",
        "👩‍👩‍👧‍👦",
        "👩🏽‍🚀",
        "🏳️‍🌈",
        "🇪🇬",
        "1️⃣",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ],
)
def test_an_emoji_is_one_piece(emoji: str) -> None:
    assert found(shapes.EMOJI, f"a{emoji}b{emoji}") == [emoji, emoji]


def test_neighbouring_emoji_come_apart() -> None:
    assert found(shapes.EMOJI, "🇪🇬🇸🇦😂😂") == ["🇪🇬", "🇸🇦", "😂", "😂"]


def test_anycase_spells_both_cases() -> None:
    assert shapes.anycase("br1") == "[Bb][Rr]1"
