"""Escaping, direction and language of texts, and numbers."""

from hypothesis import given
from hypothesis import strategies as st

from kerasseq.report.markup import Html, direction, html, inline, join, language, number, paragraph, shorten, tag


@given(st.text())
def test_text_never_becomes_markup(text):
    for shown in (html(text), tag("p", text)[3:-4], tag("p", "", title=text)[3:-4], join([text], text)):
        assert "<" not in shown
    written = tag("p", data_label=text)
    assert written.count('"') in (0, 2)


def test_markup_passes_as_it_is():
    assert tag("p", Html("<b>x</b>"), "<i>") == "<p><b>x</b>&lt;i&gt;</p>"


def test_a_text_follows_its_first_letter_unless_most_words_run_the_other_way():
    assert direction("مرحبا") == "auto"
    assert direction("hello") == "auto"
    assert direction("") == "auto"
    assert direction("@user https://t.co/aVeryLongAddress هذا نص عربي قصير") == "rtl"
    assert direction("كتاب means book, and this is English") == "ltr"
    assert direction("שלום hello עולם") == "auto"


def test_arabic_text_says_that_it_is_arabic_unless_the_language_is_known():
    assert language("هذا نص", "") == "ar"
    assert language("هذا نص", "fa") == "fa"
    assert language("a text", "") == ""
    assert paragraph("هذا نص") == '<p class="text" dir="auto" lang="ar">هذا نص</p>'
    assert inline("good") == '<bdi dir="auto">good</bdi>'


def test_a_long_text_is_cut_at_a_space():
    assert shorten("one two three", 9) == "one two …" or shorten("one two three", 9) == "one …"
    assert shorten("x" * 20, 9) == "x" * 9 + " …"
    assert shorten("short") == "short"


def test_numbers_read_well():
    assert [number(v) for v in (0.0, -0.5, 12, 1e6, 2e-5, "text", None, True)] == [
        "0.000",
        "-0.500",
        "12",
        "1,000,000.0",
        "2.0e-05",
        "text",
        "–",
        "True",
    ]
