import html
import time
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.preprocessors.html import Html
from kerasseq.preprocessors.rules import Rules


@cache
def built(**settings: bool) -> Rules:
    return Html(**settings).build()


def clean(text: str, **settings: bool) -> str:
    return built(**settings)([text])[0]


@pytest.mark.parametrize(
    "text",
    [
        "a < b and c > d",
        "if a<b and c>d",
        "i <3 you",
        "<unk> <user> <url>",
        "x <- y -> z",
        "1<2>0",
        "<",
        "a <b",
        "R&D AT&T &nosuch; &amp",
    ],
)
def test_what_only_looks_like_html_is_text(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one<br />two<BR>three<br/>", "one two three "),
        ("un<b>believ</b>able", "unbelievable"),
        ("<p class='x'>مرحبا</p>", " مرحبا "),
        ('<a href="http://x.com?a>b" target=_blank>link</a>!', "link!"),
        ("<img src=x.png alt='a > b' hidden/>", " "),
        ("<input disabled>", " "),
        ("<h1>t</h1\n>", " t "),
        ("a<!-- b -- <i> -->c", "a c"),
        ("<!DOCTYPE html>a", " a"),
        ("a<script type='x'>if (a<b) {}</script>b<style>p {}\n</style >c", "a b c"),
    ],
)
def test_tags_go_and_blocks_leave_a_space(text: str, expected: str) -> None:
    assert clean(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "&amp; &lt; &quot; &nbsp; &eacute;",
        "&#39; &#039; &#0039; &#x27;",
        "&#1575;&#x627;",
        "&#128512; &#x1F600; &#x1f600;",
        "&#8217; &#146; &hellip;",
    ],
)
def test_entities_are_read_as_pythons_html_module_reads_them(text: str) -> None:
    assert clean(text) == html.unescape(text)


def test_entities_are_read_once_and_after_the_tags() -> None:
    assert clean("&lt;b&gt; &amp;lt;") == "<b> &lt;"


def test_each_half_can_be_turned_off() -> None:
    assert clean("<b>a</b> &amp;", tags=False) == "<b>a</b> &"
    assert clean("<b>a</b> &amp;", entities=False) == "a &amp;"


@given(
    st.lists(
        st.sampled_from(["<", ">", "b", "br", " ", "/", "=", '"', "'", "a", "&", "amp", ";", "#39", "<!--"]),
        max_size=30,
    )
)
def test_a_text_without_closing_bracket_and_semicolon_is_left_alone(parts: list[str]) -> None:
    text = "".join(parts).replace(">", "").replace(";", "")
    assert clean(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "<a " * 5_000,
        "<" * 50_000,
        "<b x=" * 5_000,
        "&" * 50_000,
        "<a href='" * 3_000,
        "<!--" * 20_000,
        "<script>" * 9_000,
    ],
)
def test_hostile_text_takes_no_hostile_time(text: str) -> None:
    clean("")
    begin = time.process_time()
    assert len(clean(text)) <= len(text)
    assert time.process_time() - begin < 2


def test_a_long_script_goes_whole() -> None:
    assert clean(f"a<script>{'if (a<b) x(); ' * 20_000}</script>b") == "a b"
