import time

import pytest

from kerasseq.preprocessors.rules import chain
from kerasseq.preprocessors.social import Hashtags, Links, Mentions
from kerasseq.spec import PreprocessorSpec


def clean(spec: PreprocessorSpec, text: str) -> str:
    return spec.build()([text])[0]


TEXT = "see http://x.com/a, mail me@x.org!"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "see [url], mail [email]!"),
        ({"urls": "remove"}, "see , mail [email]!"),
        ({"urls": "keep"}, "see http://x.com/a, mail [email]!"),
        ({"emails": "remove"}, "see [url], mail !"),
        ({"emails": "keep"}, "see [url], mail me@x.org!"),
        ({"url_token": r"\1 L", "email_token": "E"}, r"see \1 L, mail E!"),
    ],
)
def test_links_and_addresses_are_replaced_removed_or_kept(settings: dict[str, str], expected: str) -> None:
    assert clean(Links(**settings), TEXT) == expected


def test_words_glued_to_a_tweet_link_stay() -> None:
    assert clean(Links(), "مجلة👑https://t.co/fVtn489TUS@nad شكراhttps://t.co/x1جدا") == "مجلة👑[url]@nad شكرا[url]جدا"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@bob hi @amy_1!", "[user] hi [user]!"),
        ("RT @محمد: شكرا@ali", "RT [user]: شكرا[user]"),
        ("@a@b", "[user]"),
        ("me@x.org @ home", "me@x.org @ home"),
        ("@bobشكرا", "[user]شكرا"),
    ],
)
def test_mentions_are_replaced_and_addresses_are_none(text: str, expected: str) -> None:
    assert clean(Mentions(), text) == expected


def test_a_mention_can_be_removed_or_named_otherwise() -> None:
    assert clean(Mentions(action="remove"), "hi @bob!") == "hi !"
    assert clean(Mentions(token="who"), "hi @bob!") == "hi who!"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#very_good", "very good"),
        ("💭#ملكة_الصحراء👑", "💭ملكة الصحراء👑"),
        ("#_a__b #c", "a b c"),
        ("C# and # and snake_case", "C# and # and snake_case"),
        ("＃tag #2024", "tag 2024"),
        ("#كَلِمة_ثانية", "كَلِمة ثانية"),
        ("#a_b_c_d_e_f_g_h_i_j", "a b c d e f g h i j"),
    ],
)
def test_a_hashtag_keeps_its_words(text: str, expected: str) -> None:
    assert clean(Hashtags(), text) == expected


def test_a_hashtag_can_be_replaced_or_removed() -> None:
    assert clean(Hashtags(action="replace"), "so #very_good") == "so [hashtag]"
    assert clean(Hashtags(action="replace", token="T"), "so #very_good") == "so T"
    assert clean(Hashtags(action="remove"), "so #very_good") == "so "


def test_in_the_usual_order_nothing_eats_the_tokens_of_another() -> None:
    usual = chain(spec.build() for spec in (Links(), Mentions(), Hashtags()))
    assert usual(["@a: #b_c http://x.com/#d_e?@f me@x.org"]) == ["[user]: b c [url] [email]"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("www.example.com(مهم)", "(مهم)"),
        ("http://x.com[1] and", "[1] and"),
        ("(see http://x.com/a)", "(see )"),
        ("[http://x.com/a](b)", "[](b)"),
        ("https://x.org/wiki/Foo_(bar), so", ", so"),
        ("(https://x.org/wiki/Foo_(bar))", "()"),
        ("{www.x.org}", "{}"),
        ("http://x.com/_(open", "_(open"),
    ],
)
def test_a_link_leaves_brackets_in_balance_and_their_text(text, left):
    found = clean(Links(urls="remove"), text)
    assert found == left
    assert [found.count(a) - found.count(b) for a, b in ("()", "[]", "{}")] == [
        text.count(a) - text.count(b) for a, b in ("()", "[]", "{}")
    ]


@pytest.mark.parametrize("piece", ["_(", "www._(", "(", "_(a)"])
def test_links_of_many_brackets_take_time_in_proportion(piece):
    def seconds(times):
        started = time.process_time()
        clean(Links(), "http://x.com/" + piece * times)
        return time.process_time() - started

    seconds(10)
    assert min(seconds(20_000) for _ in range(3)) < 20 * max(min(seconds(4_000) for _ in range(3)), 1e-3)
