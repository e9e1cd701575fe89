import gzip
import json
import logging

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from kerasseq.datasets.layout import Dialect, escape_of
from kerasseq.datasets.table import Table
from kerasseq.errors import DataError

ROWS = [("a, b", "x"), ('she said "no"', "y"), ("سلامٌ عليكم", "x")]


def table(path, content, **settings):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Table.model_validate_json(json.dumps({"name": "table", "train": str(path), **settings}))


def values(built, *columns):
    return list(zip(*(built.column(c).to_pylist() for c in columns), strict=True))


CSV = 'text,target,other\n"a, b",x,1\n"she said ""no""",y,2\nسلامٌ عليكم,x,3\n'
TSV = 'text\ttarget\na, b\tx\nshe said "no"\ty\nسلامٌ عليكم\tx\n'
JSONL = "".join(json.dumps({"text": t, "target": c, "other": 1}, ensure_ascii=False) + "\n" for t, c in ROWS)


@pytest.mark.parametrize(("name", "content"), [("a.csv", CSV), ("a.tsv", TSV), ("a.jsonl", JSONL)])
@pytest.mark.parametrize("packed", [False, True])
def test_text_formats_read_alike_packed_or_not(tmp_path, name, content, packed):
    data = gzip.compress(content.encode()) if packed else content.encode()
    spec = table(tmp_path / (name + ".gz" * packed), data)
    assert list(spec.problems()) == []
    built = spec.build()
    assert values(built, "text", "target") == ROWS
    first = 1 if "json" in name else 2
    assert built.column("line").to_pylist() == [first, first + 1, first + 2]
    assert built.schema.field("text").type == built.schema.field("target").type == pa.string()
    assert built.schema.field("line").type == pa.int64()


def test_parquet_reads_as_strings(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["a", "b"], "target": [1.0, 2.5], "g": [1, 2]}), path)
    built = Table(train=str(path), group="g").build()
    assert values(built, "text", "target", "group", "line") == [("a", "1", "1", 1), ("b", "2.5", "2", 2)]
    pq.write_table(pa.table({"text": ["a"], "target": [[1]]}), path)
    with pytest.raises(DataError, match=r"a\.parquet:1: target: must hold texts or numbers, got list"):
        Table(train=str(path)).build()
    path.write_bytes(b"PAR1 no")
    with pytest.raises(DataError, match=r"a\.parquet: must be parquet"):
        Table(train=str(path)).build()


def test_numbers_and_booleans_of_json_read_the_same_on_both_paths(tmp_path):
    rows = [{"text": "a", "target": 1.0}, {"text": "b", "target": 2.5}]
    fast = "".join(json.dumps(row) + "\n" for row in rows)
    slow = "\n" + fast
    for content, lines in ((fast, [1, 2]), (slow, [2, 3])):
        built = table(tmp_path / "a.jsonl", content).build()
        assert values(built, "target", "line") == list(zip(["1", "2.5"], lines, strict=True))
    assert table(tmp_path / "a.jsonl", '{"text": "2020-01-01", "target": true}\n').build().column("text")[
        0
    ].as_py() == ("2020-01-01")


def test_a_byte_order_mark_is_read_away(tmp_path):
    for encoding in ("utf-8", "utf-8-sig"):
        built = table(tmp_path / "a.csv", "\ufefftext,target\na,1\n", encoding=encoding).build()
        assert values(built, "text", "target") == [("a", "1")]
    built = table(tmp_path / "a.csv", "text,target\nنص,1\n".encode("utf-16"), encoding="utf-16").build()
    assert values(built, "text") == [("نص",)]


def test_a_file_in_cp1256_reads_with_its_encoding(tmp_path):
    built = table(tmp_path / "a.csv", "text,target\nسلام,1\n".encode("cp1256"), encoding="cp1256").build()
    assert values(built, "text") == [("سلام",)]


def test_bad_rows_are_all_named_with_file_line_and_column(tmp_path):
    content = 'text,target\n"x\ny",1\n\nz,\n,3\nw,4,5\nq\n'
    with pytest.raises(DataError) as caught:
        table(tmp_path / "a.csv", content).build()
    lines = str(caught.value).replace(str(tmp_path) + "/", "").splitlines()
    assert lines[:2] == ["a.csv:5: target: must have a value", "a.csv:6: text: must not be empty"]
    assert lines[2].startswith("a.csv:7: field 3: must be a row of 2 fields, got 3")
    assert lines[3].startswith("a.csv:8: target: must be a row of 2 fields, got 1")
    assert lines[4].startswith("a.csv: 4 of 5 rows cannot be used")


def test_skipped_rows_are_counted_and_logged(tmp_path, caplog):
    content = "text,target\na,1\n,2\nb,\nc,3\n"
    with caplog.at_level(logging.WARNING, "kerasseq.datasets"):
        built = table(tmp_path / "a.csv", content, on_bad_row="skip").build()
    assert values(built, "text", "line") == [("a", 2), ("c", 5)]
    assert built.schema.metadata[b"skipped"] == b"2"
    assert "skipped 2 of 4 rows" in caplog.text
    assert "a.csv:3: text: must not be empty" in caplog.text
    with pytest.raises(DataError, match="2 of 2 rows cannot be used"):
        table(tmp_path / "a.csv", "text,target\n,1\n,2\n", on_bad_row="skip").build()


def test_a_word_for_a_missing_number_is_no_target_among_numbers_and_a_class_among_others(tmp_path):
    spec = table(tmp_path / "a.csv", "text,target\na,1.5\nb,nan\nc,N/A\nd,2\n", on_bad_row="skip")
    built = spec.build()
    assert built.column("target").to_pylist() == ["1.5", "2"]
    assert built.schema.metadata[b"skipped"] == b"2"
    with pytest.raises(DataError, match=r'a\.csv:3: target: must have a value, got "nan" among numbers'):
        table(tmp_path / "a.csv", "text,target\na,1.5\nb,nan\n").build()
    assert table(tmp_path / "a.csv", "text,target\na,good\nb,null\n").build().num_rows == 2


def test_a_key_of_jsonl_may_first_stand_far_below(tmp_path):
    rows = [{"text": str(i), "target": i % 2} for i in range(40)] + [{"text": "last", "target": 1, "group": "g"}]
    spec = table(tmp_path / "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows), group="group")
    assert list(spec.problems()) == []
    with pytest.raises(DataError, match=r"a\.jsonl:1: group: must have a value"):
        spec.build()


def test_only_the_first_twenty_problems_are_listed(tmp_path):
    with pytest.raises(DataError) as caught:
        table(tmp_path / "a.csv", "text,target\n" + ",1\n" * 50).build()
    lines = str(caught.value).splitlines()
    assert len(lines) == 22
    assert lines[20].endswith("and 30 more problems")


def test_problems_of_every_file_come_in_one_error(tmp_path):
    (tmp_path / "b.csv").write_text("text,target\n,1\n")
    spec = table(tmp_path / "a.csv", "text,target\na,\n", test=str(tmp_path / "b.csv"))
    with pytest.raises(DataError, match=r"a\.csv:2: target(.|\n)*b\.csv:2: text"):
        spec.build()


def test_an_unclosed_quote_does_not_swallow_the_rows_below(tmp_path):
    spec = table(tmp_path / "a.csv", 'text,target\na,1\n"x,1\nz,2\nw,3\n', on_bad_row="skip")
    built = spec.build()
    assert values(built, "text", "line") == [("a", 2), ("z", 4), ("w", 5)]
    with pytest.raises(DataError, match=r"a\.csv:3: text: must close the quote"):
        table(tmp_path / "a.csv", 'text,target\na,1\n"x,1\nz,2\nw,3\n').build()


def test_two_stray_quotes_do_not_swallow_the_rows_between(tmp_path):
    content = 'text,target\n"a,1\nb,2\nc,3\n"d,4\ne,5\n'
    built = table(tmp_path / "a.csv", content, on_bad_row="skip").build()
    assert values(built, "text", "line") == [("b", 3), ("c", 4), ("e", 6)]


def test_a_quote_inside_an_unquoted_field_is_a_character(tmp_path):
    assert values(table(tmp_path / "a.csv", 'text,target\n5" disk,1\n').build(), "text") == [('5" disk',)]


def test_quotes_in_tsv_are_read_only_where_all_are_well_formed(tmp_path):
    built = table(tmp_path / "a.tsv", 'text\ttarget\n"Great" he said\t1\n"b"\t2\n').build()
    assert values(built, "text") == [('"Great" he said',), ('"b"',)]
    built = table(tmp_path / "a.tsv", '"text"\t"target"\n"a ""b"""\t1\n"c\td\ne"\t2\n').build()
    assert values(built, "text", "line") == [('a "b"', 2), ("c\td\ne", 3)]
    built = table(tmp_path / "a.tsv", '"text"\t"target"\n"a" b\t1\n').build()
    assert values(built, "text") == [('"a" b',)]
    built = table(tmp_path / "a.tsv", 'text\ttarget\n"b"\t2\n', quotes="none").build()
    assert values(built, "text") == [('"b"',)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_counts(tmp_path, end):
    built = table(tmp_path / "a.csv", end.join(["text,target", "a,1", "b,2", ""])).build()
    assert values(built, "text", "line") == [("a", 2), ("b", 3)]


def test_separators_of_unicode_end_no_line(tmp_path):
    text = "a\u2028b\u0085c"
    assert values(table(tmp_path / "a.csv", f'text,target\n{text},1\n"x\n",2\n').build(), "text")[0] == (text,)
    assert values(table(tmp_path / "a.jsonl", f'{{"text": "{text}", "target": 1}}\n').build(), "text") == [(text,)]


def test_a_very_long_text_is_read_on_the_exact_path_too(tmp_path):
    long = "word " * 60_000
    built = table(tmp_path / "a.csv", f'text,target\n"{long}\n{long}",1\n').build()
    assert len(built.column("text")[0].as_py()) == 2 * len(long) + 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,target\nسلام,1\n".encode("cp1256"), 'a.csv:2: text: must be utf-8, got byte 0xD3 (byte 1 of the line); '
         'encoding = "cp1256" reads the file'),
        ('text,target\n"a\nb",1\ncafé,é\n'.encode("latin-1"), 'a.csv:4: text: must be utf-8, got byte 0xE9 (byte 4 of '
         'the line); encoding = "latin-1" reads the file'),
        ("text,target\nنص,1\n".encode() + b"ok,\xe9\n", "a.csv:3: target: must be utf-8, got byte 0xE9 (byte 4 of the "
         "line); 1 of 4 lines are not utf-8, they read as latin-1: mend them"),
        ("text,target\nنص,1\n".encode("utf-16"), 'a.csv:1: header field 1: must be utf-8, got byte 0xFF (byte 1 of the '
         'line); encoding = "utf-16" reads the file'),
    ],
)  # fmt: skip
def test_a_wrong_encoding_says_line_byte_and_a_better_one(tmp_path, content, message):
    with pytest.raises(DataError) as caught:
        table(tmp_path / "a.csv", content).build()
    assert str(caught.value).replace(str(tmp_path) + "/", "") == message


@pytest.mark.parametrize("content", ["text,target\na,1\n", "text,target\nنص,1\n"])
def test_utf16_without_a_mark_is_refused(tmp_path, content):
    found = dict(table(tmp_path / "a.csv", content, encoding="utf-16").problems())
    assert found["train"].endswith('a.csv: must be utf-16, got no byte-order mark; encoding = "utf-8" reads it')


def test_utf8_read_as_another_encoding_is_refused(tmp_path):
    with pytest.raises(DataError, match=r'a\.csv:2: text: must be cp1256, got .* encoding = "utf-8" reads it'):
        table(tmp_path / "a.csv", "text,target\nنص,1\n", encoding="cp1256").build()


def test_bad_json_says_where(tmp_path):
    content = '{"text": "a", "target": 1}\n{"text": "b", "target":\n[1]\n{"text": ["x"], "target": 1}\n{"text": "c"}\n'
    with pytest.raises(DataError) as caught:
        table(tmp_path / "a.jsonl", content + '{"text": "\\ud800", "target": 1}\n{"text": "d", "target": NaN}').build()
    lines = str(caught.value).replace(str(tmp_path) + "/", "").splitlines()
    assert lines[:6] == [
        "a.jsonl:2: character 24: must be JSON: expecting value",
        "a.jsonl:3: character 1: must be an object, got a list",
        "a.jsonl:4: text: must be a text or a number, got a list",
        "a.jsonl:5: target: must have a value",
        "a.jsonl:6: text: must be whole characters, got half of a surrogate pair",
        "a.jsonl:7: character 1: must be JSON: NaN is no JSON",
    ]


def test_group_weight_and_split_columns_are_read(tmp_path):
    content = "text,target,g,w,s\na,1,x,0.5,Train\nb,2,y,0,dev\nc,3,y,2,TEST\n"
    spec = table(tmp_path / "a.csv", content, group="g", weight="w", split="s")
    assert spec.provides == {"group", "weight", "split"}
    expected = [("x", 0.5, "train"), ("y", 0.0, "validation"), ("y", 2.0, "test")]
    assert values(spec.build(), "group", "weight", "split") == expected


@pytest.mark.parametrize("weight", ["-1", "heavy", "nan", "inf", ""])
def test_a_weight_must_be_a_number_of_at_least_zero(tmp_path, weight):
    with pytest.raises(DataError, match=r"a\.csv:2: w: must be a number of at least 0"):
        table(tmp_path / "a.csv", f"text,target,w\na,1,{weight}\n", weight="w").build()


def test_an_unknown_side_is_refused(tmp_path):
    with pytest.raises(DataError, match=r'a\.csv:2: s: must be train, validation or test, got "later"'):
        table(tmp_path / "a.csv", "text,target,s\na,1,later\n", split="s").build()


def test_several_text_columns_are_joined(tmp_path):
    content = "title,body,target\nT,B,1\n,B,2\nT, ,3\n"
    built = table(tmp_path / "a.csv", content, text=["title", "body"]).build()
    assert built.column("text").to_pylist() == ["T B", "B", "T"]
    with pytest.raises(DataError, match=r"a\.csv:2: title: must not be empty where body is empty too"):
        table(tmp_path / "a.csv", "title,body,target\n,,1\n", text=["title", "body"]).build()


def test_a_pair_has_two_texts(tmp_path):
    spec = table(tmp_path / "a.csv", "q,a,mark\nwhy,because,3\n", text="q", text_2="a", target="mark")
    assert spec.provides == {"text_2"}
    assert values(spec.build(), "text", "text_2", "target") == [("why", "because", "3")]
    with pytest.raises(DataError, match=r"a\.csv:2: a: must not be empty"):
        table(tmp_path / "a.csv", "q,a,mark\nwhy,,3\n", text="q", text_2="a", target="mark").build()


def test_given_files_become_the_split_column(tmp_path):
    (tmp_path / "b.tsv").write_text("text\ttarget\nb\t2\n")
    spec = table(tmp_path / "a.csv", "text,target\na,1\n", test=str(tmp_path / "b.tsv"))
    assert spec.provides == {"split"}
    assert values(spec.build(), "text", "split") == [("a", "train"), ("b", "test")]


def test_rows_without_targets_are_null(tmp_path):
    assert values(table(tmp_path / "a.csv", "text\na\nb\n", target="").build(), "text", "target") == [
        ("a", None),
        ("b", None),
    ]


def test_files_without_a_header(tmp_path):
    spec = table(tmp_path / "a.csv", "1,hello\n2,world\n", header=False, columns=["target", "text"])
    assert values(spec.build(), "text", "target", "line") == [("hello", "1", 1), ("world", "2", 2)]
    spec = table(tmp_path / "a.csv", "1,hello\n2\n", header=False, columns=["target", "text"])
    with pytest.raises(DataError, match=r"a\.csv:2: text: must be a row of 2 fields, got 1"):
        spec.build()


def test_missing_columns_come_with_the_nearest_name(tmp_path):
    spec = table(tmp_path / "a.csv", "texts,score\na,1\n", target="scoer", group="cluster")
    found = dict(spec.problems())
    assert found["text"].endswith('got "text"; did you mean "texts"?')
    assert found["target"].endswith('got "scoer"; did you mean "score"?')
    assert found["group"].endswith('got "cluster"; choose from score, texts')
    with pytest.raises(DataError, match=r"a\.csv:1: scoer: must be a column"):
        spec.build()


def test_a_header_cut_at_semicolons_is_recognised(tmp_path):
    assert dict(table(tmp_path / "a.csv", "text;target\na;1\n").problems())["text"].endswith('set delimiter = ";"')
    assert values(table(tmp_path / "a.csv", "text;target\na;1\n", delimiter=";").build(), "text") == [("a",)]


@pytest.mark.parametrize("delimiter", ["؛", "§"])
def test_a_delimiter_may_be_any_character(tmp_path, delimiter):
    rows = [("text", "target"), ("نصؤ", "1"), (f'"a{delimiter}b"', "2")]
    content = "".join(delimiter.join(row) + "\n" for row in rows)
    built = table(tmp_path / "a.csv", content, delimiter=delimiter).build()
    assert values(built, "text", "target") == [("نصؤ", "1"), (f"a{delimiter}b", "2")]


def test_a_column_that_stands_twice_is_refused(tmp_path):
    assert "stands there 2 times" in dict(table(tmp_path / "a.csv", "text,text,target\na,b,1\n").problems())["text"]


def test_a_missing_file_comes_with_the_nearest_name(tmp_path):
    (tmp_path / "train.csv").write_text("text,target\n")
    found = dict(Table(train=str(tmp_path / "trian.csv")).problems())
    assert found["train"].endswith('did you mean "train.csv"?')
    assert dict(Table(train=str(tmp_path / "train.CSV")).problems())["train"].endswith('did you mean "train.csv"?')
    assert "there is no folder" in dict(Table(train=str(tmp_path / "x" / "a.csv")).problems())["train"]
    assert dict(Table(train="").problems()) == {"train": "must be a file, got an empty path"}
    (tmp_path / "a.dat").write_text("x")
    assert "set format" in dict(Table(train=str(tmp_path / "a.dat")).problems())["train"]


@pytest.mark.parametrize("content", ["", "text,target\n"])
def test_a_file_without_rows_is_refused(tmp_path, content):
    with pytest.raises(DataError, match=r"a\.csv:1: "):
        table(tmp_path / "a.csv", content).build()


def test_a_damaged_gz_says_so(tmp_path):
    whole = gzip.compress(b"text,target\n" + b"a,1\n" * 999)
    spec = table(tmp_path / "a.csv.gz", whole[:-20])
    with pytest.raises(DataError, match=r"a\.csv\.gz: .*ended before"):
        spec.build()


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_a_first_line_may_be_longer_than_what_is_looked_at_first(tmp_path, name):
    text = "كلمة " * 60_000
    lines = {"a.jsonl": json.dumps({"text": text, "target": "x"}) + "\n"}
    lines["a.csv"] = f"text,target,{'c' * 300_000}\n{text},x,\n"
    found = table(tmp_path / name, lines[name])
    assert list(found.problems()) == []
    assert found.build().column("text").to_pylist() == [text]


@pytest.mark.parametrize("place", [12, 20, 30])
def test_a_flipped_byte_in_a_gz_says_so_before_the_rows_are_read(tmp_path, place):
    whole = bytearray(gzip.compress(b"text,target\n" + b"a,1\n" * 9, mtime=0))
    whole[place] ^= 0xFF
    found = dict(table(tmp_path / "a.csv.gz", bytes(whole)).problems())
    assert "a.csv.gz: must be a whole gz file, got a damaged one" in found["train"]


@pytest.mark.parametrize(
    ("name", "content", "hint"),
    [
        ("a.csv", b"", "; the file is empty"),
        ("a.csv", b"\n \n\n", "; the file is empty"),
        ("a.json", b'[["a", 1]]', "; none of its first values of the list is a JSON object"),
        ("a.jsonl", b"text,target\na,1\n", "; none of its first lines is a JSON object"),
        (
            "a.csv",
            b"PK\x03\x04\x14\x00\x06\x00",
            "an Excel workbook or another zip archive; save the sheet as CSV in UTF-8",
        ),
        ("a.csv", b"PAR1\x15\x04\x00", 'a parquet file; set format = "parquet"'),
        ("a.xlsx", b"PK\x03\x04", "/a.csv\", index=False)'"),
        ("a.csv", "text,target\n".encode("utf-16-le"), 'encoding = "utf-16-le" reads it'),
        ("a.csv", "text,target\n".encode("utf-16-be"), 'encoding = "utf-16-be" reads it'),
    ],
)
def test_a_file_that_is_something_else_says_what(tmp_path, name, content, hint):
    found = [message for _, message in table(tmp_path / name, content).problems()]
    assert found
    assert all(message.endswith(hint) for message in found)


def test_a_column_may_be_called_as_a_format_begins(tmp_path):
    assert values(table(tmp_path / "a.csv", "PAR1,text,target\n1,a,x\n").build(), "text") == [("a",)]


def test_lines_of_white_space_above_the_header_are_no_header(tmp_path):
    assert values(table(tmp_path / "a.csv", "\n  \ntext,target\na,1\n").build(), "text", "line") == [("a", 4)]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"encoding": "utf-99"}, "must be an encoding that Python knows"),
        ({"encoding": "idna"}, "must be an encoding that Python knows"),
        ({"delimiter": '"'}, "must be no quote and no line end"),
        ({"delimiter": "\n"}, "must be no quote and no line end"),
        ({"header": False}, "columns must name the columns"),
        ({"columns": ("a",)}, "columns is for files without a header"),
        ({"split": "s", "test": "t.csv"}, "split is a column of one file"),
        ({"text": ("target", "b")}, "must be different columns"),
        ({"text_2": "text"}, "must be different columns"),
        ({"text": ()}, "at least 1 item"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings, message):
    with pytest.raises(ValidationError, match=message):
        Table(train="a.csv", **settings)


def test_paths_start_at_the_folder_of_the_toml(tmp_path):
    spec = Table.model_validate_json('{"train": "a.csv"}', context={"folder": tmp_path})
    assert spec.train == str(tmp_path / "a.csv")
    assert spec.validation == ""


def test_numbers_with_a_comma_or_a_percent_sign_are_read_where_the_settings_say_so(tmp_path):
    comma = table(
        tmp_path / "a.csv", "text;target;w\na;0,5;1,5\nb;1.234,5;2\n", delimiter=";", numbers="comma", weight="w"
    )
    assert values(comma.build(), "target", "weight") == [("0.5", 1.5), ("1234.5", 2.0)]
    percent = table(tmp_path / "b.csv", 'text,target\na,7 %\nb,"12,5%"\nc,100\n', numbers="percent")
    assert values(percent.build(), "target") == [("7",), ("12.5",), ("100",)]
    plain = table(tmp_path / "c.csv", "text,target\na,7%\n")
    assert values(plain.build(), "target") == [("7%",)]


def test_a_point_is_not_both_before_decimals_and_before_thousands(tmp_path):
    content = "text;target;w\na;0,5;1.234\nb;1.234,5;1.125\n"
    settings = {"delimiter": ";", "numbers": "comma", "weight": "w"}
    assert values(table(tmp_path / "a.csv", content, **settings).build(), "target", "weight") == [
        ("0.5", 1234.0),
        ("1234.5", 1125.0),
    ]
    with pytest.raises(DataError, match=r'a\.csv: w: must write decimals in one way, got "0\.5", .* beside "1\.125"'):
        table(tmp_path / "a.csv", content.replace("1.234\n", "0.5\n"), **settings).build()


@pytest.mark.parametrize(
    ("numbers", "rows"),
    [
        ("N/10", ("7/10", "8.5 / 10", "٩/١٠", "3", "7/5", "7/10/2024")),
        ("N★|N stars", ("7★", "8.5 stars", "٩★", "3", "★", "x")),
    ],
)
def test_numbers_out_of_one_or_before_a_word_are_read_and_the_rows_that_do_not_fit_are_named(tmp_path, numbers, rows):
    sound = "".join(f"text {i},{value}\n" for i, value in enumerate(rows[:4]))
    right = table(tmp_path / "a.csv", f"text,target\n{sound}", numbers=numbers)
    assert [float(value) for (value,) in values(right.build(), "target")] == [7, 8.5, 9, 3]
    others = "".join(f"text {i},{value}\n" for i, value in enumerate(rows))
    wrong = table(tmp_path / "b.csv", f"text,target\n{others}", numbers=numbers)
    with pytest.raises(DataError) as caught:
        wrong.build()
    said = numbers.replace("|", " or ")
    assert str(caught.value).splitlines()[:-1] == [
        f'{tmp_path / "b.csv"}:{line}: target: must be a number written {said}, got "{value}"'
        for line, value in zip((6, 7), rows[4:], strict=True)
    ]
    skipped = table(tmp_path / "b.csv", f"text,target\n{others}", numbers=numbers, on_bad_row="skip")
    assert skipped.build().num_rows == 4


def test_a_form_of_numbers_that_says_nothing_is_refused():
    with pytest.raises(ValidationError, match='how a number N is written, "N/10" or "N stars", got "of ten"'):
        Table(train="a.csv", numbers="of ten")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_line_by_which_excel_is_told_the_delimiter_is_no_header(tmp_path, mark):
    spec = table(tmp_path / "a.csv", f"{mark}sep=;\r\ntext;target\r\na;x\r\n", delimiter=";")
    assert list(spec.problems()) == []
    assert values(spec.build(), "text", "target", "line") == [("a", "x", 3)]


def test_quotes_behind_a_backslash_are_read_where_the_settings_say_so(tmp_path):
    content = '"text","target"\n"he said \\"so, so\\" twice","x"\n"two\nlines \\\\","y"\n'
    assert values(table(tmp_path / "a.csv", content, escape="\\").build(), "text", "target", "line") == [
        ('he said "so, so" twice', "x", 2),
        ("two\nlines \\", "y", 3),
    ]
    with pytest.raises(DataError, match=r"or set escape = '\\\\' where it is"):
        table(tmp_path / "a.csv", content).build()


@pytest.mark.parametrize(
    ("row", "escape"),
    [
        (r'"he said \"so\"","x"', "\\"),
        (r'"so \"","x"', "\\"),
        (r'"a folder\","x"', ""),
        (r'"x","a folder\"', ""),
        (r'"""he said \""so\"" twice \""","x"', ""),
    ],
)
def test_a_backslash_before_quotes_escapes_them_only_where_doubled_quotes_do_not_explain_it(row, escape):
    assert escape_of([row.encode()]) == escape
    got = next(Dialect(",", True, escape).rows([row]))
    assert len(got) == 2
