import gzip
import json
import logging

import pyarrow as pa
import pytest
from pydantic import ValidationError

from kerasseq.datasets.tokens import Tokens
from kerasseq.errors import DataError

SENTENCES = [(["سافر", "خالد", "إلى", "دمشق"], ["O", "B-PER", "O", "B-LOC"]), (["#ok", "!"], ["O", "O"])]


def tokens(path, content, **settings):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Tokens.model_validate_json(json.dumps({"name": "tokens", "train": str(path), **settings}))


def rows(built):
    return list(zip(built.column("tokens").to_pylist(), built.column("target").to_pylist(), strict=True))


def columns(separator, middle=()):
    lines = [
        "".join(separator.join((token, *middle, tag)) + "\n" for token, tag in zip(*sentence, strict=True))
        for sentence in SENTENCES
    ]
    return "\n".join(lines)


def conllu():
    lines = ["# sent_id = 1", "# text = سافر"]
    for sentence in SENTENCES:
        for number, (token, tag) in enumerate(zip(*sentence, strict=True), 1):
            if number == 2:
                lines += ["2-3\tboth" + "\t_" * 8, "2.1\tempty" + "\t_" * 8]
            lines.append(f"{number}\t{token}\tlemma\t{tag}\tX{tag}\t_\t0\troot\t_\t_")
        lines.append("")
    return "\n".join(lines) + "\n"


def jsonl(**keys):
    names = {"tokens": "tokens", "tags": "tags", **keys}
    return "".join(json.dumps({names["tokens"]: a, names["tags"]: b, "id": 1}) + "\n" for a, b in SENTENCES)


FILES = [
    ("a.conll", columns("\t"), {}, [1, 6]),
    ("a.txt", columns(" "), {}, [1, 6]),
    ("a.txt", columns("  "), {"separator": "space"}, [1, 6]),
    ("a.iob", columns("\t", ("x", "y")), {"token_column": -4, "tag_column": 3}, [1, 6]),
    ("a.conllu", conllu(), {}, [3, 10]),
    ("a.jsonl", jsonl(), {}, [1, 2]),
    ("a.txt", jsonl(tokens="words", tags="ner"), {"format": "jsonl", "token_key": "words", "tag_key": "ner"}, [1, 2]),
]


@pytest.mark.parametrize(("name", "content", "settings", "lines"), FILES)
@pytest.mark.parametrize("packed", [False, True])
def test_every_format_gives_the_same_sentences_packed_or_not(tmp_path, name, content, settings, lines, packed):
    data = gzip.compress(content.encode()) if packed else content.encode()
    spec = tokens(tmp_path / (name + ".gz" * packed), data, **settings)
    assert list(spec.problems()) == []
    built = spec.build()
    assert rows(built) == SENTENCES
    assert built.column("line").to_pylist() == lines
    assert built.column_names == ["tokens", "target", "source", "line"]
    assert built.schema.field("tokens").type == built.schema.field("target").type == pa.list_(pa.string())
    assert built.schema.field("line").type == pa.int64()
    assert built.schema.metadata[b"skipped"] == b"0"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.rstrip("\n"),
        lambda text: "\n\n" + text + "\n\n\t\n\ufeff\n",
        lambda text: text.replace("\n\n", "\n\t\n \n"),
        lambda text: "-DOCSTART-\t-X-\n\n" + text.replace("\n\n", "\n-DOCSTART-\tO\n"),
        lambda text: text.replace("خالد", "خالد\ufeff"),
    ],
)
def test_marks_blank_lines_line_ends_and_documents_change_nothing(tmp_path, change):
    assert rows(tokens(tmp_path / "a.conll", change(columns("\t"))).build()) == SENTENCES


def test_a_token_may_hold_blanks_where_tabs_stand_between_columns(tmp_path):
    built = tokens(tmp_path / "a.conll", "New York\tB-LOC\nis\tO\n").build()
    assert rows(built) == [(["New York", "is"], ["B-LOC", "O"])]


def test_comments_are_left_out_where_the_settings_say_how_they_begin(tmp_path):
    content = "# id 1\n# x\tO\nthe\tO\n"
    assert rows(tokens(tmp_path / "a.conll", content, comment="# ").build()) == [(["the"], ["O"])]
    with pytest.raises(DataError, match=r"a\.conll:1: column 2: must have 2 columns as most rows do, got 1"):
        tokens(tmp_path / "a.conll", content).build()


def test_parts_of_speech_are_the_universal_ones_or_the_language_s_own(tmp_path):
    built = tokens(tmp_path / "a.conllu", conllu(), part_of_speech="xpos").build()
    assert rows(built)[0][1] == ["XO", "XB-PER", "XO", "XB-LOC"]


def test_files_of_sides_give_a_split_column(tmp_path):
    (tmp_path / "b.jsonl").write_text(jsonl(), encoding="utf-8")
    spec = tokens(tmp_path / "a.conll", columns("\t"), test=str(tmp_path / "b.jsonl"))
    assert spec.provides == {"split"}
    built = spec.build()
    assert built.column("split").to_pylist() == ["train", "train", "test", "test"]
    assert rows(built) == SENTENCES * 2
    assert [name.rpartition("/")[2] for name in built.column("source").to_pylist()] == ["a.conll"] * 2 + ["b.jsonl"] * 2


def messages(spec, tmp_path):
    with pytest.raises(DataError) as caught:
        spec.build()
    return str(caught.value).replace(str(tmp_path) + "/", "").splitlines()


def test_bad_rows_are_all_named_with_file_line_and_column(tmp_path):
    content = "a\tO\nb\n\nc\t\n\n\tO\nd\tO\tO\n\ne\tO\n"
    assert messages(tokens(tmp_path / "a.conll", content), tmp_path) == [
        "a.conll:2: column 2: must have 2 columns as most rows do, got 1",
        "a.conll:4: column 2: must hold a tag, got nothing",
        "a.conll:6: column 1: must hold a token, got nothing",
        "a.conll:7: column 3: must have 2 columns as most rows do, got 3",
        'a.conll: 3 of 4 sentences cannot be used; on_bad_row = "skip" leaves them out',
    ]


def test_bad_lists_are_all_named_with_file_line_and_key(tmp_path):
    lines = [
        {"tokens": ["a", "b"], "tags": ["O"]},
        {"tokens": [], "tags": []},
        {"tokens": "a b", "tags": [1]},
        {"tokens": ["a", ""], "tags": ["O", None]},
        {"tags": ["O"]},
        {"tokens": ["\ud800"], "tags": ["O"]},
    ]
    content = "".join(json.dumps(line) + "\n" for line in lines) + "[1]\nno\n" + '{"tokens": ["a"], "tags": ["O"]}\n'
    assert messages(tokens(tmp_path / "a.jsonl", content), tmp_path) == [
        "a.jsonl:1: tags: must hold a tag for each of 2 tokens, got 1",
        "a.jsonl:2: tags: must be a list of texts, got an empty one",
        "a.jsonl:2: tokens: must be a list of texts, got an empty one",
        "a.jsonl:3: tags: must be a list of texts, got a number at place 1; write the names, not their numbers",
        "a.jsonl:3: tokens: must be a list of texts, got a text",
        "a.jsonl:4: tags: must be a list of texts, got nothing at place 2",
        "a.jsonl:4: tokens: must hold no empty text, got one at place 2",
        "a.jsonl:5: tokens: must be a list of texts, got nothing",
        "a.jsonl:6: tokens: must hold whole characters, got half of a surrogate pair at place 1",
        "a.jsonl:7: character 1: must be an object, got a list",
        "a.jsonl:8: character 1: must be JSON: expecting value",
        'a.jsonl: 8 of 9 sentences cannot be used; on_bad_row = "skip" leaves them out',
    ]


def test_bad_rows_of_conllu_are_named_by_their_field(tmp_path):
    row = "{}\t{}\tl\t{}\t_\t_\t0\troot\t_\t_\n"
    content = row.format(1, "a", "X") + row.format(3, "b", "X") + "\n" + row.format(1, "", "X") + "\n"
    content += row.format(1, "c", "_") + row.format(1, "d", "X") + "3\te\n"
    assert messages(tokens(tmp_path / "a.conllu", content), tmp_path) == [
        'a.conllu:2: ID: must be 2, got "3"',
        "a.conllu:4: FORM: must hold a token, got nothing",
        'a.conllu:6: UPOS: must hold a tag, got "_"',
        'a.conllu:7: ID: must be 2, got "1"; is a blank line missing before it?',
        "a.conllu:8: column 3: must have 10 columns, got 2",
        'a.conllu: 3 of 3 sentences cannot be used; on_bad_row = "skip" leaves them out',
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.conll", "w\tO\n" * 12), ("a.jsonl", json.dumps({"tokens": ["w"] * 12, "tags": ["O"] * 12}) + "\n")],
)
def test_a_sentence_that_is_far_too_long_is_refused(tmp_path, name, content):
    assert messages(tokens(tmp_path / name, content, longest=11), tmp_path)[0].startswith(f"{name}:1: ")
    assert "at most 11 tokens" in messages(tokens(tmp_path / name, content, longest=11), tmp_path)[0]
    assert tokens(tmp_path / name, content, longest=12).build().num_rows == 1


def test_skipped_sentences_are_counted_and_logged(tmp_path, caplog):
    content = "a\tO\n\nb\n\nc\tO\n"
    with caplog.at_level(logging.WARNING, "kerasseq.datasets"):
        built = tokens(tmp_path / "a.conll", content, on_bad_row="skip").build()
    assert rows(built) == [(["a"], ["O"]), (["c"], ["O"])]
    assert built.schema.metadata[b"skipped"] == b"1"
    assert "skipped 1 of 3 sentences; first: " in caplog.text
    with pytest.raises(DataError, match="1 of 1 sentences cannot be used"):
        tokens(tmp_path / "a.jsonl", '{"tokens": ["a"], "tags": []}\n', on_bad_row="skip").build()


def test_only_the_first_twenty_problems_are_listed_and_every_file_is_named(tmp_path):
    (tmp_path / "b.conll").write_text("a\tO\nb\n", encoding="utf-8")
    spec = tokens(tmp_path / "a.conll", "a\tO\n" * 60 + "b\t\n" * 50, test=str(tmp_path / "b.conll"))
    found = messages(spec, tmp_path)
    assert found[20] == "a.conll: and 30 more problems"
    assert found[22].startswith("b.conll:2: column 2")


def test_a_file_in_another_encoding_is_read_with_it_and_named_without(tmp_path):
    data = columns("\t").encode("cp1256")
    assert rows(tokens(tmp_path / "a.conll", data, encoding="cp1256").build()) == SENTENCES
    with pytest.raises(DataError, match=r'a\.conll:1: character 1: must be utf-8, got byte.*encoding = "cp1256"'):
        tokens(tmp_path / "a.conll", data).build()


def test_a_file_without_sentences_is_refused(tmp_path):
    for name in ("a.conll", "a.conllu", "a.jsonl"):
        with pytest.raises(DataError, match=rf"{name}:1: sentence: must be at least one, got none"):
            tokens(tmp_path / name, "\n\n").build()


def test_problems_are_seen_before_anything_is_read(tmp_path):
    found = dict(tokens(tmp_path / "a.conll", "a b c\n" * 3, tag_column=5).problems())
    assert found["tag_column"].endswith("a.conll, which has 3 columns between spaces, got 5")
    found = dict(tokens(tmp_path / "a.conll", "a\tb\n" * 3, tag_column=-2).problems())
    assert "must be another column than the tokens" in found["tag_column"]
    found = dict(tokens(tmp_path / "a.conll", "one\ntwo\n").problems())
    assert "has 1 columns" in found["tag_column"]
    found = dict(tokens(tmp_path / "a.jsonl", jsonl(), tag_key="tag").problems())
    assert found["tag_key"].endswith('got "tag"; did you mean "tags"?')
    spec = tokens(tmp_path / "a.conll", columns("\t"), test=str(tmp_path / "a.conl"), validation=str(tmp_path / "x/y"))
    found = dict(spec.problems())
    assert found["test"].endswith('a.conl; did you mean "a.conll"?')
    assert "there is no folder" in found["validation"]
    assert dict(Tokens(train="").problems())["train"] == "must be a file, got an empty path"
    with pytest.raises(DataError, match=r"a\.jsonl:1: tag_key: must be a key"):
        tokens(tmp_path / "a.jsonl", jsonl(), tag_key="tag").build()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"token_column": -1}, "token_column and tag_column must be different columns, got -1 for both"),
        ({"token_key": "tags"}, 'token_key and tag_key must be different keys, got "tags" for both'),
        ({"encoding": "utf-9"}, "must be an encoding that Python knows"),
        ({"longest": 0}, "longest"),
    ],
)
def test_settings_that_cannot_be_are_refused(tmp_path, settings, message):
    with pytest.raises(ValidationError, match=message):
        tokens(tmp_path / "a.conll", "", **settings)


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("files", "sentences", "words", "tags"),
    [
        (("conll2000/train.txt", "conll2000/test.txt"), [8936, 2012], 259_104, 23),
        (("arabic_pos/train.txt", "arabic_pos/dev.txt", "arabic_pos/test.txt"), [6174, 786, 704], 282_384, 16),
        # a byte-order mark at the end of a token, another in a line of its own; lines of a lone tab between sentences
        (("wnut17/wnut17train.conll", "wnut17/emerging.dev.conll"), [3394, 1009], 78_463, 13),
        (("wnut17/emerging.test.annotated",), [1287], 23_394, 13),
        (
            ("ud_english_atis/en_atis-ud-train.conllu", "ud_english_atis/en_atis-ud-test.conllu"),
            [4274, 586],
            55_235,
            13,
        ),
    ],
)
def test_real_files_have_the_sentences_that_their_papers_count(realdata, files, sentences, words, tags):
    sides = dict(zip(("train", "validation", "test"), (str(realdata / name) for name in files), strict=False))
    built = Tokens(**sides).build()
    assert sum(sentences) == built.num_rows
    found = [tag for row in built.column("target").to_pylist() for tag in row]
    assert (len(found), len(set(found))) == (words, tags)
    assert not any("\ufeff" in token for row in built.column("tokens").to_pylist() for token in row)
