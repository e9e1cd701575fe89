import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.config.positions import positions, repeats

TEXT = """name = "x"
encoder.units = 3
"odd key" = 1
list = [ { a = 1 }, { a = 2 } ]

[training]   # a comment
  epochs = 3
نص = 1

[[preprocessor]]
name = "html"
[[preprocessor]]
name = "arabic"
out = { b = 1, c.d = 2 }
[preprocessor.more]
x = 1
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("name", (1, 1)),
        ("encoder.units", (2, 1)),
        ("encoder", (2, 1)),
        ("odd key", (3, 1)),
        ("list[1].a", (4, 23)),
        ("list[0]", (4, 10)),
        ("training", (6, 1)),
        ("training.epochs", (7, 3)),
        ("preprocessor[0]", (10, 1)),
        ("preprocessor[1].name", (13, 1)),
        ("preprocessor[1].out.b", (14, 9)),
        ("preprocessor[1].out.c.d", (14, 16)),
        ("preprocessor[1].more.x", (16, 1)),
    ],
)
def test_every_key_has_its_line_and_column(path, place):
    assert positions(TEXT)[path] == place


def test_columns_count_characters_not_bytes():
    assert positions('a = { "ب" = 1, c = 2 }\n')["a.c"] == (1, 16)


def paths(value, prefix=""):
    for key, inner in value.items():
        path = f"{prefix}{key}"
        yield path
        if isinstance(inner, dict):
            yield from paths(inner, f"{path}.")


keys = st.text("abcdefg", min_size=1, max_size=3)
leaves = st.integers(0, 9) | st.text("xyz", max_size=3)
tables = st.dictionaries(
    keys, leaves | st.dictionaries(keys, leaves | st.dictionaries(keys, leaves), max_size=3), max_size=4
)


@given(tables)
def test_every_key_that_tomllib_reads_has_a_position_and_stands_there(value):
    import tomli_w

    text = tomli_w.dumps(value)
    found = positions(text)
    lines = text.split("\n")
    assert not list(repeats(text))
    for path in paths(tomllib.loads(text)):
        line, column = found[path]
        assert path.split(".")[-1] in lines[line - 1][column - 1 :] or path in found


@given(st.text("ab=[]{}.\"'\n# 1,", max_size=40))
def test_of_no_text_it_says_a_place_that_is_not_there(text):
    lines = text.split("\n")
    places = [*positions(text).values(), *((line, column) for _, _, line, column in repeats(text))]
    assert all(1 <= line <= len(lines) and 1 <= column <= len(lines[line - 1]) for line, column in places), places
