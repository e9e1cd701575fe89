import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.errors import UsageError
from kerasseq.patterns import literal, parse


@pytest.mark.parametrize(
    "pattern",
    [
        r"\w+",
        r"\d",
        r"\s",
        r"\bword\b",
        r"[\w]",
        r"\Aa",
        r"\u0627",
        r"\1a",
        r"(a)\1",
        "(?i)a",
        "(?:(?i)a)",
        "(?=a)b",
        "(?!a)b",
        "(?<=a)b",
        "(?<!a)b",
        "(?P<n>a)",
        "(?>a)",
        "a++",
        "a*+b",
        "a?+b",
        "a.b",
        "^a",
        "a$",
        "a{1001}",
        "[[:alpha:]]",
        "[a-]",
        "[-a]",
        "[{letter}-z]",
        "[a&&b]",
        "[a",
        "[]",
        "a]",
        "{word}",
        "[{word}]",
        "a}",
        "(a",
        "a)",
        "*a",
        r"\_",
        "a\\",
        "",
        "a*",
        "a|",
        "{start}",
        "{start}|{end}",
        "(?:a?)(?:b?)",
    ],
)
def test_what_is_not_portable_is_refused(pattern: str) -> None:
    with pytest.raises(UsageError, match="pattern") as caught:
        parse(pattern)
    assert repr(pattern) in str(caught.value)


def test_a_refusal_says_where_and_what_to_write_instead() -> None:
    with pytest.raises(UsageError, match=r"must use named classes such as \{letter\}.*at character 2"):
        parse(r"ab\d")


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("{start}a|b{end}", "aab\n", ["a"]),
        ("b{end}", "ab", ["b"]),
        ("[{letter}{mark}]+", "كَتَبَ!été x̂", ["كَتَبَ", "été", "x̂"]),
        ("[^{letter}]+", "a1 b", ["1 "]),
        ("[a-c\\-\\]]+", "a-]d", ["a-]"]),
        ("a{2}", "aaaaa", ["aa", "aa"]),
        ("a{2,}?", "aaaaa", ["aa", "aa"]),
        ("a{1,3}", "aaaaa", ["aaa", "aa"]),
        ("<[^>]*?>", "<a><b>", ["<a>", "<b>"]),
        ("\\n|\\t", "a\n\tb", ["\n", "\t"]),
        ("{digit}+", "12 ١٢ १२", ["12", "١٢", "१२"]),
        ("\\{{letter}\\}", "{a}", ["{a}"]),
        ("(?:ab|a)(?:c|bcd)", "abcd", ["abc"]),
    ],
)
def test_python_and_re2_read_a_pattern_alike(pattern: str, text: str, matches: list[str]) -> None:
    re2 = pytest.importorskip("re2")
    parsed = parse(pattern)
    assert [m[0] for m in parsed.regex.finditer(text)] == matches
    assert [m.group() for m in re2.finditer(parsed.re2, text)] == matches


def test_the_expanded_form_is_a_pattern_of_the_same_meaning() -> None:
    parsed = parse("{start}[{letter}_]+|{digit}{end}")
    again = parse(parsed.expanded)
    assert "{letter}" not in parsed.expanded
    assert (again.python, again.re2) == (parsed.python, parsed.re2)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_a_literal_matches_itself_in_both_engines(text: str) -> None:
    re2 = pytest.importorskip("re2")
    parsed = parse(literal(text))
    assert re.fullmatch(parsed.python, text)
    assert re2.fullmatch(parsed.re2, text)
