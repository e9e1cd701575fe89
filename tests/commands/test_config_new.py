"""`config new` on data of every shape: what it chooses, and that its config and its data pass their checks."""

import json
import math
import re
import tomllib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kerasseq.config.read import read_experiment

WORDS = ["Ann", "saw", "Bo", "in", "Rome", "today", "and", "left", "for", "Oslo", "again", "soon"]
TAGS = {"Ann": "B-PER", "Bo": "B-PER", "Rome": "B-LOC", "Oslo": "B-LOC"}
PARTS = {"Ann": "PROPN", "Bo": "PROPN", "Rome": "PROPN", "Oslo": "PROPN", "saw": "VERB", "left": "VERB"}
SENTENCES = [[WORDS[(i * 5 + j * 7) % 12] for j in range(3 + i % 4)] for i in range(60)]


def lines(row, sentences=SENTENCES, mark="\t"):
    """Columns: `row(place, word)` gives the fields of a token."""
    return "".join("".join(mark.join(row(j, w)) + "\n" for j, w in enumerate(s)) + "\n" for s in sentences)


def tagged(_, word):
    return word, TAGS.get(word, "O")


def conllu(place, word):
    return str(place + 1), word, "_", PARTS.get(word, "X"), PARTS.get(word, "X")[:1], "_", "0", "_", "_", "_"


@pytest.fixture
def made(kerasseq, tmp_path):
    """`made(data, *options)`: the config as tables and as text, after it and its data have passed their checks."""

    def make(data, *options):
        result = kerasseq("config", "new", data, "-o", "new.toml", "--force", *options)
        assert result.exit_code == 0, result.output
        assert kerasseq("config", "check", "new.toml").exit_code == 0
        checked = kerasseq("dataset", "check", "new.toml")
        assert checked.exit_code == 0, checked.output
        text = (tmp_path / "new.toml").read_text(encoding="utf-8")
        return tomllib.loads(text), text

    return make


@pytest.mark.parametrize(
    ("file", "row", "mark", "expected"),
    [
        ("a.txt", tagged, " ", (0, 1)),
        ("a.conll", tagged, "\t", (0, 1)),
        ("a.tsv", tagged, "\t", (0, 1)),
        ("a.unknown", tagged, "\t", (0, 1)),
        ("a.txt", lambda j, w: (TAGS.get(w, "O"), w), "\t", (1, 0)),
        ("a.txt", lambda j, w: (w, PARTS.get(w, "X"), TAGS.get(w, "O")), " ", (0, 2)),
        ("a.txt", lambda j, w: (w, TAGS.get(w, "O"), PARTS.get(w, "X")), " ", (0, 1)),
        ("a.txt", lambda j, w: (str(j + 1), w, PARTS.get(w, "X")), "\t", (1, 2)),
    ],
)
def test_columns_of_tokens_and_tags_are_told_apart_by_what_they_hold(made, tmp_path, file, row, mark, expected):
    (tmp_path / file).write_text("\ufeff" + lines(row, mark=mark), encoding="utf-8")
    tables, text = made(file)
    assert (tables["dataset"]["token_column"], tables["dataset"]["tag_column"]) == expected
    assert (tables["dataset"]["name"], tables["task"]["name"]) == ("tokens", "tagging")
    spans = row(0, "Ann")[expected[1]] == "B-PER"
    assert tables["task"]["head"] == ("crf" if spans else "softmax")
    assert f"12 different: {', '.join(SENTENCES[0][:2])}" in text


def test_a_header_and_remarks_of_columns_are_no_tokens(made, tmp_path):
    (tmp_path / "a.txt").write_text("Word\tTag\n" + lines(tagged), encoding="utf-8")
    tables, text = made("a.txt")
    assert tables["dataset"]["comment"] == "Word\tTag"
    assert "the first line is a header" in text
    assert text.startswith("# Tagging of a.txt: 60 sentences of at most 6 tokens.")
    (tmp_path / "a.txt").write_text("# id 1\n" + lines(tagged), encoding="utf-8")
    assert made("a.txt")[0]["dataset"]["comment"] == "# "


def test_several_columns_that_may_be_the_tags_are_named(kerasseq, made, tmp_path):
    rows = lines(lambda j, w: (w, PARTS.get(w, "X"), PARTS.get(w, "X")[:1]))
    (tmp_path / "a.txt").write_text(rows, encoding="utf-8")
    result = kerasseq("config", "new", "a.txt")
    assert result.exit_code == 2
    assert result.stderr.startswith("a.txt: which column holds the tags cannot be told: --target 1: 3 different: ")
    assert "; --target 2: 3 different: " in result.stderr
    assert made("a.txt", "--target", "2")[0]["dataset"]["tag_column"] == 2
    assert made("a.txt", "--target", "-2")[0]["dataset"]["tag_column"] == 1
    result = kerasseq("config", "new", "a.txt", "--target", "3", "--force")
    assert result.stderr == '--target must be a column of a.txt, counted from 0 to 2, got "3"\n'


def test_parts_of_speech_of_conllu_are_those_that_are_written(made, tmp_path):
    (tmp_path / "a.conllu").write_text("# text\n" + lines(conllu), encoding="utf-8")
    tables, text = made("a.conllu")
    assert tables["dataset"]["part_of_speech"] == "upos"
    assert "or xpos: " in text
    assert made("a.conllu", "--target", "xpos")[0]["dataset"]["part_of_speech"] == "xpos"
    empty = lines(lambda j, w: (*conllu(j, w)[:3], "_", *conllu(j, w)[4:]))
    (tmp_path / "a.txt").write_text(empty, encoding="utf-8")
    tables, _ = made("a.txt")
    assert (tables["dataset"]["format"], tables["dataset"]["part_of_speech"]) == ("conllu", "xpos")


@pytest.mark.parametrize(("words", "names"), [("tokens", "tags"), ("words", "ner_tags"), ("a", "b")])
def test_lists_of_jsonl_are_tokens_and_tags(made, tmp_path, words, names):
    rows = [{"id": "x", names: [tagged(0, w)[1] for w in s], words: s, "n": [1]} for s in SENTENCES]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    tables, _ = made("a.jsonl")
    assert (tables["dataset"]["token_key"], tables["dataset"]["tag_key"]) == (words, names)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"tokens": ["a", "b"], "tags": [0, 1]}, 'a list of tags beside "tokens", texts each; "tags" holds numbers'),
        ({"tokens": ["a", "b"]}, "no other list is as long"),
        ({"tokens": ["a", "b"], "x": ["A", "B"], "y": ["C", "D"]}, "cannot be told: --target x: 2 different: A, B; "),
        ({"x": [1, 2], "y": [[1], [2]]}, "must hold a list of tokens, texts each"),
    ],
)
def test_lists_that_cannot_be_tokens_and_tags_say_why(kerasseq, tmp_path, row, message):
    (tmp_path / "a.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    result = kerasseq("config", "new", "a.jsonl")
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_folder_is_its_files_by_side(kerasseq, made, tmp_path):
    folder = tmp_path / "my set"
    folder.mkdir()
    (folder / "README.md").write_text("words\n", encoding="utf-8")
    more = [["Ann", "Rome"], ["Bo", "soon"]]
    (folder / "x1train.conll").write_text(lines(tagged), encoding="utf-8")
    (folder / "x-DEV.txt").write_text("\ufeff" + lines(tagged, more), encoding="utf-8")
    (folder / "x.test.annotated").write_text(lines(lambda j, w: (w, "B-NEW"), more), encoding="utf-8")
    tables, text = made("my set")
    sides = {"train": "my set/x1train.conll", "validation": "my set/x-DEV.txt", "test": "my set/x.test.annotated"}
    assert sides.items() <= tables["dataset"].items()
    assert tables["name"] == "my-set"
    assert tables["task"]["labels"] == ["B-NEW"]
    assert "split" not in tables
    (folder / "another_train.txt").write_text("", encoding="utf-8")
    result = kerasseq("config", "new", "my set")
    assert "must have one file of the train side, got another_train.txt, x1train.conll; give the file" in result.stderr


def test_a_folder_without_sides_must_hold_one_file(kerasseq, tmp_path):
    (tmp_path / "f").mkdir()
    result = kerasseq("config", "new", "f")
    assert result.stderr == "f: must have a file whose name says train, got no file of data; give the file\n"
    (tmp_path / "f" / "rows.csv").write_text("text,y\n" + "a b,x\nc d,y\n" * 20, encoding="utf-8")
    result = kerasseq("config", "new", "f", "--target", "y", "-o", "-")
    assert tomllib.loads(result.stdout)["dataset"]["train"] == "f/rows.csv"
    (tmp_path / "f" / "more.csv").write_text("text,y\n", encoding="utf-8")
    assert "got more.csv, rows.csv; give the file" in kerasseq("config", "new", "f", "--target", "y").stderr


def test_a_folder_of_tables_has_a_file_a_side(made, tmp_path):
    rows = "".join(f"some words {i % 7} here,{'yn'[i % 2]}\n" for i in range(60))
    (tmp_path / "f").mkdir()
    for name in ("train", "valid", "test"):
        (tmp_path / "f" / f"{name}.csv").write_text(f"text,y\n{rows}", encoding="utf-8")
    tables, _ = made("f", "--target", "y")
    assert tables["dataset"]["validation"] == "f/valid.csv"
    assert "split" not in tables


def test_rare_tags_of_one_file_are_declared(made, tmp_path):
    (tmp_path / "a.txt").write_text(lines(tagged) + "Zed B-RARE\nsaw O\n\n".replace(" ", "\t"), encoding="utf-8")
    tables, _ = made("a.txt")
    assert tables["task"]["labels"] == ["B-RARE"]
    assert tables["split"] == {"validation": 0.1, "test": 0.1}


SEQUENCES = [np.random.default_rng(i).normal(size=(3 + i % 4, 2)).astype(np.float32) for i in range(60)]
TARGETS = {
    "classification": [str("ab"[i % 2]) for i in range(60)],
    "regression": [i / 7 for i in range(60)],
    "tagging": [["up" if value > 0 else "down" for value in rows[:, 0]] for rows in SEQUENCES],
}


def sequences(folder, form, targets):
    """Write the sequences with their targets; gives the name of the file."""
    path = folder / f"moves.{form}"
    if form == "parquet":
        names = {"id": list(range(60)), "motion": [rows.tolist() for rows in SEQUENCES], "target": targets}
        pq.write_table(pa.table(names), path)
    elif form == "npz":
        flat = [item for row in targets for item in row] if isinstance(targets[0], list) else targets
        np.savez(path, flat=np.concatenate(SEQUENCES), lengths=[len(rows) for rows in SEQUENCES], y=np.array(flat))
    else:
        head = "@classLabel true a b" if isinstance(targets[0], str) else "@targetLabel true"
        body = [":".join([",".join(map(str, d)) for d in rows.T]) for rows in SEQUENCES]
        text = "\n".join([head, "@data", *(f"{row}:{target}" for row, target in zip(body, targets, strict=True))])
        path.write_text("\ufeff" + text + "\n", encoding="utf-8")
    return path.name


@pytest.mark.parametrize("form", ["npz", "parquet", "ts"])
@pytest.mark.parametrize("task", ["classification", "regression", "tagging"])
def test_the_targets_of_vectors_say_the_task(made, tmp_path, form, task):
    if (form, task) == ("ts", "tagging"):
        pytest.skip("a .ts has one target a row")
    tables, text = made(sequences(tmp_path, form, TARGETS[task]))
    assert (tables["dataset"]["name"], tables["task"]["name"]) == ("vectors", task)
    assert ("pooler" in tables) == (task != "tagging")
    assert tables["dataset"].get("vectors", "motion") == "motion"
    assert "60 sequences of 3 to 6 steps of 2 numbers" in text
    assert ("# range = [0, 9]" in text) == (task == "regression")


def test_what_vectors_do_not_say_is_asked(kerasseq, made, tmp_path):
    vectors = [rows.tolist() for rows in SEQUENCES]
    classes = TARGETS["classification"]
    pq.write_table(pa.table({"a": vectors, "b": vectors, "one": classes, "two": classes}), tmp_path / "m.parquet")
    error = kerasseq("config", "new", "m.parquet").stderr
    assert error == "m.parquet: which column holds the vectors cannot be told: --text a, --text b\n"
    error = kerasseq("config", "new", "m.parquet", "--text", "a").stderr
    assert error == "m.parquet: which column holds the targets cannot be told: --target one, --target two\n"
    tables, _ = made("m.parquet", "--text", "b", "--target", "two")
    assert (tables["dataset"]["vectors"], tables["dataset"]["target"]) == ("b", "two")
    error = kerasseq("config", "new", "m.parquet", "--text", "a", "--target", "one", "--task", "forecast").stderr
    assert error.startswith("--task must be classification or regression or tagging for sequences of vectors")


def series(days, step="month", extra=""):
    """A csv of a season of 12 on a rising line."""
    stamps = [f"{1990 + i // 12}-{i % 12 + 1:02d}" if step == "month" else str(i) for i in range(days)]
    numbers = [f"{50 + i / 4 + 9 * math.sin(i * math.pi / 6):.3f}" for i in range(days)]
    return "when,sold\n" + "".join(f"{s},{n}{extra}\n" for s, n in zip(stamps, numbers, strict=True))


def test_numbers_in_the_order_of_time_are_forecast(made, tmp_path):
    (tmp_path / "sales.csv").write_text("\ufeff" + series(120), encoding="utf-8")
    tables, text = made("sales.csv")
    assert tables["dataset"] == {"name": "series", "path": "sales.csv", "columns": ["sold"], "time": "when"}
    wanted = {"name": "forecast", "window": 24, "horizon": 10, "season": 12, "base": "season"}
    assert wanted == tables["task"]
    assert "the numbers resemble themselves most 12 steps before, a year" in text
    assert text.startswith("# Forecast of sales.csv: 120 steps of 1 month.")


def test_numbers_without_times_follow_each_other(made, tmp_path):
    rows = "a,b,c\n" + "".join(f"{i % 5},{i * i % 17},1\n" for i in range(200))
    (tmp_path / "n.csv").write_text(rows, encoding="utf-8")
    tables, text = made("n.csv")
    assert tables["dataset"] == {"name": "series", "path": "n.csv", "columns": ["a", "b"]}
    assert '# not among them: "c", the same in every row' in text
    assert "no column of times" in text
    assert made("n.csv", "--target", "b")[0]["dataset"]["columns"] == ["b"]


def test_gaps_are_filled_in_where_they_are_few(made, tmp_path):
    rows = series(120).splitlines()
    (tmp_path / "s.csv").write_text("\n".join(rows[:40] + rows[41:]) + "\n", encoding="utf-8")
    tables, text = made("s.csv")
    assert tables["dataset"]["on_gap"] == "interpolate"
    assert "1 step without a row" in text


def test_days_of_trade_are_taken_as_they_follow_each_other(made, tmp_path):
    import datetime as dt

    days = [dt.date(2024, 1, 1) + dt.timedelta(i) for i in range(280)]
    work = [day for day in days if day.weekday() < 5]
    draw = np.random.default_rng(0).normal(size=len(work)).cumsum()
    rows = "".join(f"{day},{value:.3f}\n" for day, value in zip(work, draw, strict=True))
    (tmp_path / "p.csv").write_text("date,price\n" + rows, encoding="utf-8")
    tables, _ = made("p.csv")
    assert tables["dataset"]["on_gap"] == "keep"
    assert (tables["task"]["window"], tables["task"]["horizon"], tables["task"]["base"]) == (25, 5, "last")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("date,n\n2024-01-01,1\n2024-01-02,2\n", "must have at least 20 steps to learn a forecast from, got 2"),
        ("n\n" + "1\n" * 30, "must have a column of numbers that change, got none"),
        ("date,n\n" + "2024-01-01,1\n2024-01-02,2\n" * 20, "date: must come after 2024-01-02, got 2024-01-01"),
        ("x,kind\n" + "1,setosa\n2,virginica\n" * 20, "--target must name the column to learn, one of x, kind"),
    ],
)
def test_what_is_no_series_says_why(kerasseq, tmp_path, rows, message):
    (tmp_path / "s.csv").write_text(rows, encoding="utf-8")
    result = kerasseq("config", "new", "s.csv")
    assert result.exit_code == 2
    assert message in result.stderr


def test_data_is_given_once(kerasseq, table):
    assert kerasseq("config", "new").stderr.startswith("must be given a file or folder of data")
    assert kerasseq("config", "new", "rows.csv", "--data", "rows.csv").exit_code == 2
    assert kerasseq("config", "new", "rows.csv", "--target", "label").stderr == "wrote rows.toml\n"
    error = kerasseq("config", "new", "rows.csv", "--target", "label", "--task", "forecast", "--force").stderr
    assert error == "--task forecast: does not suit rows.csv, a table with texts\n"


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("conll2000", {"token_column": 0, "tag_column": 2, "head": "crf"}),
        ("arabic_pos", {"token_column": 0, "tag_column": 1, "head": "softmax"}),
        ("wnut17", {"token_column": 0, "tag_column": 1, "head": "crf"}),
        ("ud_english_atis", {"part_of_speech": "upos", "head": "softmax", "labels": ["SYM"]}),
        ("japanese_vowels", {}),
        ("timeseries/airline-passengers.csv", {"window": 24, "horizon": 12, "season": 12, "logarithm": True}),
        ("timeseries/daily-min-temperatures.csv", {"window": 28, "horizon": 7, "on_gap": "interpolate"}),
    ],
)
def test_real_data_of_every_shape_is_understood(made, realdata, data, expected):
    tables, _ = made(realdata / data)
    assert expected.items() <= {**tables["dataset"], **tables["task"]}.items()


SMALL = ["training.epochs=1", "evaluation.resamples=100", "evaluation.baselines=false", "encoder.units=4"]


@pytest.mark.parametrize("shape", ["tokens", "vectors", "series"])
def test_what_is_written_runs(kerasseq, tmp_path, shape):
    (tmp_path / "a.txt").write_text(lines(tagged), encoding="utf-8")
    (tmp_path / "a.csv").write_text(series(90), encoding="utf-8")
    sequences(tmp_path, "npz", TARGETS["regression"])
    more = ["embedding.dimension=4"] if shape == "tokens" else []
    data = {"tokens": "a.txt", "vectors": "moves.npz", "series": "a.csv"}[shape]
    assert kerasseq("config", "new", data, "-o", "new.toml").exit_code == 0
    settings = [part for each in (*SMALL, *more, "exporter=[]") for part in ("--set", each)]
    result = kerasseq("run", "new.toml", *settings)
    assert result.exit_code == 0, result.output
    assert list(tmp_path.glob("runs/*/*/metrics.json"))


AS_PEOPLE_HAVE_THEM = {
    "comma": ("text;score\nنص أول;0,5\nنص ثان;1,5\nنص ثالث;2\n", 'numbers = "comma"', "regression"),
    "percent": ("text,score\n" + "نص أول,5 %\nنص ثان,7 %\nنص ثالث,99 %\n" * 9, 'numbers = "percent"', "classification"),
    "out of": (
        "text,score\n" + "نص أول,7/10\nنص ثان,٨٫٥ / ١٠\nنص ثالث,2/10\n" * 9,
        'numbers = "N/10"    # "8.5/10" is 8.5',
        "regression",
    ),
    "starred": ("text,score\nنص أول,4 نجوم\nنص ثان,5 نجوم\n", 'numbers = "N نجوم"', "regression"),
    "date": ("text,score\nنص أول,7/10/2024\nنص ثان,8/10/2024\n", "# 2 classes: 7/10/2024 (1)", "classification"),
    "stars": ("text,score\nنص أول,1\nنص ثان,1.0\nنص ثالث,2.0\n", "# 2 classes: 1 (2), 2.0 (1)", "classification"),
    "excel": ("sep=;\ntext;score\nنص أول;a\nنص ثان;b\n", 'delimiter = ";"', "classification"),
    "mysql": ('"text","score"\n"he said \\"so\\" twice","a"\n"no","b"\n', r'escape = "\\"', "classification"),
}


@pytest.mark.parametrize("name", AS_PEOPLE_HAVE_THEM)
def test_a_table_is_read_as_people_have_it(kerasseq, tmp_path, monkeypatch, name):
    content, key, task = AS_PEOPLE_HAVE_THEM[name]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.csv").write_text(content, encoding="utf-8")
    result = kerasseq("config", "new", "my.csv", "--target", "score")
    assert result.exit_code == 0, result.output
    written = (tmp_path / "my.toml").read_text(encoding="utf-8")
    assert key in written
    experiment = read_experiment(tmp_path / "my.toml")
    assert experiment.task.name == task
    assert experiment.dataset.build().num_rows > 1


def test_a_point_before_decimals_and_before_thousands_in_one_column_is_refused(kerasseq, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.csv").write_text("text;score\na;0,5\nb;0.555\nc;1.555\n", encoding="utf-8")
    result = kerasseq("config", "new", "my.csv", "--target", "score")
    assert result.exit_code == 1
    assert 'score: must write decimals in one way, got "0.555"' in result.stderr


def test_scores_out_of_ten_have_that_range_and_the_command_says_what_it_read(kerasseq, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"نص رقم {i},{i % 8 + 2}/10\n" for i in range(40))
    (tmp_path / "my.csv").write_text("text,score\n" + rows, encoding="utf-8")
    result = kerasseq("config", "new", "my.csv", "--target", "score")
    rule = '"score" holds numbers in a form of their own: "9/10" is 9, as dataset.numbers = "N/10" says'
    assert result.stderr == f"wrote my.toml\n{rule}; --task classification makes classes of them\n"
    written = (tmp_path / "my.toml").read_text(encoding="utf-8")
    offer = "# range = [0, 10]    # scores are out of 10; with a range no answer leaves it"
    assert offer in written
    (tmp_path / "my.toml").write_text(written.replace("# range", "range"), encoding="utf-8")
    small = ["encoder={name='none'}", "training.epochs=1", "embedding.dimension=4", "wide.limit=50"]
    assert kerasseq("run", "my.toml", *(part for each in small for part in ("--set", each))).exit_code == 0
    _, answer = kerasseq("predict", "runs/my", "نص رقم 3").stdout.splitlines()
    assert 0 <= float(answer.split(",")[1]) <= 10
    result = kerasseq("config", "new", "my.csv", "--target", "score", "--task", "classification", "--force")
    assert "makes classes" not in result.stderr
    assert "# 8 classes: 2 (5)" in (tmp_path / "my.toml").read_text(encoding="utf-8")


def test_a_column_that_nobody_uses_may_hold_anything(kerasseq, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [{"text": f"نص {i}", "label": "ab"[i % 2], "meta": {"by": [i]} if i else None} for i in range(9)]
    (tmp_path / "my.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert kerasseq("config", "new", "my.jsonl", "--target", "label").exit_code == 0
    assert read_experiment(tmp_path / "my.toml").dataset.build().num_rows == 9


def test_some_lines_in_another_encoding_are_named_and_do_not_choose_it(kerasseq, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = [f"نص رقم {i},a\n".encode("cp1256" if i == 5 else "utf-8") for i in range(20)]
    (tmp_path / "my.csv").write_bytes(b"text,label\n" + b"".join(lines))
    result = kerasseq("config", "new", "my.csv", "--target", "label")
    assert result.exit_code != 0
    assert re.search(
        r"my\.csv:7: text: must be utf-8, .*1 of \d+ lines are not utf-8, they read as cp1256", result.stderr
    )
    assert not (tmp_path / "my.toml").exists()


def test_classes_that_read_alike_are_told_and_not_merged(kerasseq, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.csv").write_text("text,label\na b,good\nc d,Good\ne f,bad\ng h,bad\u200f\n", encoding="utf-8")
    result = kerasseq("config", "new", "my.csv", "--target", "label")
    assert 'read alike: "good", "Good"' in result.stderr
    assert "(with U+200F)" in result.stderr
    written = (tmp_path / "my.toml").read_text(encoding="utf-8")
    offer = '# merge = { good = ["Good"], bad = ["bad\\U0000200f"] }'
    assert "# 4 classes" in written and offer in written

    (tmp_path / "my.toml").write_text(written.replace(offer, offer.removeprefix("# ")), encoding="utf-8")
    experiment = read_experiment(tmp_path / "my.toml")
    table = experiment.task.table(experiment.dataset.build(), experiment.split)
    assert table["target"].to_pylist() == ["good", "good", "bad", "bad"]


def test_a_table_without_names_is_noticed_and_told_as_such(kerasseq, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = [f"نص رقم {i};{'yes' if i % 2 else 'no'}\n" for i in range(20)]
    (tmp_path / "my.csv").write_bytes("".join(lines).encode("cp1256"))
    result = kerasseq("config", "new", "my.csv")
    assert result.exit_code == 2
    assert "its first row reads as data, so columns are column_1, column_2; --header reads names" in result.stderr
    assert "kerasseq config new my.csv --target column_2" in result.stderr
    assert kerasseq("config", "new", "my.csv", "--target", "column_2").exit_code == 0
    assert read_experiment(tmp_path / "my.toml").dataset.build().num_rows == 20


def test_how_a_table_is_written_may_be_said(kerasseq, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.csv").write_text("naïve|yes\nplain|no\nso|yes\n", encoding="latin-1")
    ways = ["--encoding", "latin-1", "--delimiter", "|", "--no-header"]
    assert kerasseq("config", "new", "my.csv", "--target", "column_2", *ways).exit_code == 0
    table = read_experiment(tmp_path / "my.toml").dataset.build()
    assert table["text"].to_pylist() == ["naïve", "plain", "so"]
    wrong = kerasseq("config", "new", "my.csv", "--target", "column_2", "--encoding", "utf-8", "--force")
    assert wrong.exit_code != 0 and "--encoding latin-1 reads it" in wrong.stderr
