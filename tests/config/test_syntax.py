import pytest

from kerasseq.config.syntax import parse, read_file
from kerasseq.errors import ConfigError


def message(text):
    with pytest.raises(ConfigError) as caught:
        parse(text, "a.toml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = lstm\n", 'a.toml:1:5: must be TOML: invalid value, got lstm; a text needs quotes: "lstm"'),
        ("a = lstm # why\n", 'a.toml:1:5: must be TOML: invalid value, got lstm; a text needs quotes: "lstm"'),
        ("\na = True\n", "a.toml:2:5: must be TOML: invalid value, got True; write true"),
        ("a = “x”\n", 'a.toml:1:5: must be TOML: invalid value, got “x”; write straight quotes: "x"'),
        ("a =", "a.toml:1:4: must be TOML: invalid value; a value must follow the ="),
        (
            'a = "C:\\Users"\n',
            "a.toml:1:10: must be TOML: invalid hex value; in double quotes \\ starts an escape: write a path with /, "
            "or in single quotes",
        ),
        ("a: 1\n", "a.toml:1:2: must be TOML: expected '=' after a key in a key/value pair; write key = value"),
        ('a = "x\n', "a.toml:1:7: must be TOML: illegal character '\\n'; a text ends with its quote on the same line"),
        (
            "a = 1 2\n",
            "a.toml:1:7: must be TOML: expected newline or end of document after a statement, got 2; "
            "one setting a line",
        ),
        ("a = [1,\n2\n", "a.toml:2:2: must be TOML: unclosed array"),
        ("[e\n", "a.toml:1:3: must be TOML: expected ']' at the end of a table declaration"),
        ('{"a": 1}', "a.toml:1:1: must be TOML: invalid statement"),
    ],
)
def test_a_syntax_error_says_where_and_what_to_write(text, expected):
    assert message(text) == expected


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a = 1\nb = 2\na = 3\n", ["a.toml:3:1: a: is given twice; first on line 1"]),
        ("[e]\nu = 1\n[t]\n[e]\nv = 1\n", ["a.toml:4:1: e: is given twice; first on line 1"]),
        (
            "[e]\nu = 1\n[t]\nx = 1\nx = 2\n[e]\nu = 1\n",
            [
                "a.toml:5:1: t.x: is given twice; first on line 4",
                "a.toml:6:1: e: is given twice; first on line 1",
                "a.toml:7:1: e.u: is given twice; first on line 2",
            ],
        ),
        ("e.u = 1\ne.u = 2\n", ["a.toml:2:1: e.u: is given twice; first on line 1"]),
        ('[p]\nname = "a"\n[[p]]\nname = "b"\n', ["a.toml:3:1: p: must be [[p]] everywhere; line 1 says otherwise"]),
        ("e = { u = 1, u = 2 }\n", ["a.toml:1:14: e.u: is given twice; first on line 1"]),
    ],
)
def test_what_is_given_twice_is_named_with_both_lines(text, lines):
    assert message(text).splitlines() == lines


@pytest.mark.parametrize("lists", ["range = [0, 10]\n", 'text = ["a", "b"]\n', "rows = [{ a = 1 }, { a = 2 }]\n"])
def test_a_list_elsewhere_hides_no_syntax_error(lists):
    said = 'a.toml:3:9: must be TOML: invalid value, got abc; a text needs quotes: "abc"'
    assert message(f"[t]\n{lists}units = abc\n") == said


def test_a_list_and_tables_of_one_name_are_told_apart():
    assert message('p = []\n[[p]]\nname = "a"\n') == ("a.toml:2:1: p: must be [[p]] everywhere; line 1 says otherwise")


def test_one_and_several_tables_of_one_name_are_told_apart():
    assert message('[[p]]\nname = "a"\n[p]\nname = "b"\n').startswith("a.toml:3:1: p")


def test_absurd_values_are_refused_and_do_not_crash():
    assert message("\na = " + "9" * 5000) == "a.toml:2:1: holds a number with too many digits"
    assert "lists inside lists" in message("a = " + "[" * 5000)


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbfa = 1\n")
    assert parse(read_file(tmp_path / "a.toml"), "a") == {"a": 1}


def unreadable(path):
    with pytest.raises(ConfigError) as caught:
        read_file(path)
    return str(caught.value).removeprefix(str(path))


def test_what_cannot_be_read_says_why(tmp_path):
    (tmp_path / "bilstm.toml").write_text("a = 1", encoding="utf-8")
    (tmp_path / "empty.toml").write_text(" \n", encoding="utf-8")
    (tmp_path / "wide.toml").write_bytes("a = 1".encode("utf-16"))
    (tmp_path / "old.toml").write_bytes(b"# one\nb = 1 # caf\xe9\n")
    assert unreadable(tmp_path / "bilstn.toml") == f': there is no such file; did you mean "{tmp_path}/bilstm.toml"?'
    assert unreadable(tmp_path / "x" / "a.toml") == f": there is no such file; there is no folder {tmp_path}/x"
    assert (
        unreadable(tmp_path)
        == ": must be a TOML file, got a directory; it holds bilstm.toml, empty.toml, old.toml, wide.toml"
    )
    assert unreadable(tmp_path / "empty.toml") == ": is empty; `kerasseq config new FILE` writes one"
    assert unreadable(tmp_path / "wide.toml") == ": must be UTF-8, got UTF-16; save it again as UTF-8"
    assert unreadable(tmp_path / "old.toml") == ":2:12: must be UTF-8, got byte 0xE9; save it again as UTF-8"
    assert "cannot be read: " in unreadable(str(tmp_path / "a\0b"))
