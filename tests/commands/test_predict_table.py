"""`kerasseq predict --input`: tables as others write them, and the rows that come back with their answers."""

import csv
import datetime as dt
import io
import json
import os
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kerasseq.commands import predict as predicting
from kerasseq.loading import load
from kerasseq.run_directory import RunDirectory

TEXTS = ["خدمة ممتازة", "", 'the "food", cold', "line\ntwo", "😀 good"]
ANSWERS = ["prediction", "score", "score[bad]", "score[good]", "score[so-so]"]


def table(text, delimiter=","):
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


@pytest.fixture
def reviews(tmp_path):
    """`reviews.csv`: five texts in a column of another name, with an id that begins with zeros."""
    with (tmp_path / "reviews.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [[f"00{i}", text, "2024-01-01", f"{i},5"] for i, text in enumerate(TEXTS)]
        csv.writer(file).writerows([["id", "review", "day", "stars"], *rows])
    return "reviews.csv"


@pytest.fixture(params=["run", "file"])
def either(request, finished):
    """A run, and its exported file alone."""
    return finished if request.param == "run" else RunDirectory(finished).onnx


def test_the_column_of_the_texts_may_have_another_name(kerasseq, either, finished, reviews):
    result = kerasseq("predict", either, "--input", reviews, "--text", "review")
    assert result.exit_code == 0, result.output
    assert [row["text"] for row in table(result.stdout)] == TEXTS
    assert [row["prediction"] for row in table(result.stdout)] == load(finished).predict(TEXTS)["prediction"]


def test_rows_come_back_with_all_their_columns(kerasseq, either, reviews):
    result = kerasseq("predict", either, "--input", reviews, "--text", "review", "--keep", "all", "-o", "out.csv")
    assert (result.exit_code, result.stdout) == (0, ""), result.output
    assert result.stderr.splitlines()[-1] == "wrote out.csv"
    with open("out.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["id", "review", "day", "stars", *ANSWERS]
    assert [row["id"] for row in rows] == ["000", "001", "002", "003", "004"]
    assert [row["review"] for row in rows] == TEXTS
    assert rows[3]["stars"] == "3,5"


def test_for_a_spreadsheet_no_text_is_a_formula_and_every_other_cell_is_as_it_was(kerasseq, finished, tmp_path):
    texts = ['=HYPERLINK("http://x.org","good")', "+49 30 1234", "-2.5", "@SUM(A1)", "\tgood", "so = so", "خدمة"]
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["text"], *([text] for text in texts)])
    asked = ["predict", RunDirectory(finished).onnx, "--input", "in.csv"]
    plain, shown = (table(kerasseq(*asked, *more).stdout) for more in ([], ["--spreadsheet"]))
    assert [row["text"] for row in plain] == texts
    assert [row["text"] for row in shown] == [
        f"'{text}" if number not in (2, 5, 6) else text for number, text in enumerate(texts)
    ]
    assert [{**row, "text": ""} for row in plain] == [{**row, "text": ""} for row in shown]
    for more in (["--format", "jsonl"], ["--json"], ["-o", "out.parquet"]):
        result = kerasseq(*asked, "--spreadsheet", *more)
        assert (
            result.exit_code == 2 and "--spreadsheet: must be with csv or tsv, which spreadsheets open" in result.stderr
        )


@pytest.mark.parametrize("keep", [["--keep", "stars,id"], ["--keep", "stars", "--keep", "id"], ["--keep", "stars, id"]])
def test_columns_come_in_the_order_that_is_asked_for(kerasseq, finished, reviews, keep):
    result = kerasseq("predict", finished, "--input", reviews, "--text", "review", *keep)
    assert list(table(result.stdout)[0]) == ["stars", "id", *ANSWERS]
    assert table(result.stdout)[2]["stars"] == "2,5"


def test_a_column_whose_name_has_a_comma_is_one(kerasseq, finished, tmp_path):
    (tmp_path / "a.csv").write_text('text,"id,old",id\ngood,7,8\n', encoding="utf-8")
    result = kerasseq("predict", finished, "--input", "a.csv", "--keep", "id,old")
    assert list(table(result.stdout)[0]) == ["id,old", *ANSWERS]


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "parquet"])
def test_the_suffix_says_how_the_file_is_written(kerasseq, finished, reviews, suffix):
    written = f"out.{suffix}"
    result = kerasseq("predict", finished, "--input", reviews, "--text", "review", "--keep", "id,review", "-o", written)
    assert result.exit_code == 0, result.output
    if suffix == "parquet":
        rows = pq.read_table(written).to_pylist()
    elif suffix == "jsonl":
        with open(written, encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
    else:
        with open(written, encoding="utf-8", newline="") as file:
            rows = table(file.read(), "," if suffix == "csv" else "\t")
    assert list(rows[0]) == ["id", "review", *ANSWERS]
    assert [row["id"] for row in rows] == ["000", "001", "002", "003", "004"]
    assert [row["review"] for row in rows] == TEXTS
    scores = load(finished).predict(TEXTS)["score"]
    assert [float(row["score"]) for row in rows] == pytest.approx(scores, abs=2e-6)


def test_values_of_jsonl_and_parquet_keep_their_types(kerasseq, finished, tmp_path):
    rows = [
        {"text": "good", "n": 7, "tags": ["a", "b"], "odd": 1},
        {"text": "bad", "n": None, "odd": "x", "late": True},
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(["", *map(json.dumps, rows), ""]), encoding="utf-8")
    assert kerasseq("predict", finished, "--input", "in.jsonl", "--keep", "all", "-o", "out.jsonl").exit_code == 0
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    for row, told in zip(found, rows, strict=True):
        assert {key: row[key] for key in ("text", "n", "tags", "odd", "late")} == {"tags": None, "late": None, **told}
    assert kerasseq("predict", finished, "--input", "in.jsonl", "--keep", "odd,n", "-o", "odd.parquet").exit_code == 0
    assert pq.read_table("odd.parquet").select(["odd", "n"]).to_pylist() == [
        {"odd": "1", "n": 7},  # several types in a column are texts
        {"odd": "x", "n": None},
    ]
    day = dt.date(2024, 2, 29)
    values = {"text": ["good", "bad"], "day": [day, None], "n": pa.array([1, 2], pa.int8()), "x": [0.5, float("nan")]}
    pq.write_table(pa.table(values), tmp_path / "in.parquet", row_group_size=1)
    assert kerasseq("predict", finished, "--input", "in.parquet", "--keep", "all", "-o", "out.parquet").exit_code == 0
    kept = pq.read_table("out.parquet")
    assert kept.schema.field("n").type == pa.int8() and kept["day"].to_pylist() == [day, None]
    lines = kerasseq("predict", finished, "--input", "in.parquet", "--keep", "day,x", "--format", "jsonl").stdout
    assert [(row["day"], row["x"]) for row in map(json.loads, lines.splitlines())] == [
        ("2024-02-29", 0.5),
        (None, None),
    ]


def test_more_rows_than_are_answered_together_keep_their_places(kerasseq, finished, tmp_path, monkeypatch):
    monkeypatch.setattr("kerasseq.pipelines.readers.reader.CHUNK", 2)
    (tmp_path / "a.csv").write_text("n,text\n" + "".join(f"{n},{'good ' * n}\n" for n in range(7)), encoding="utf-8")
    for written in ("out.parquet", "out.jsonl"):
        assert kerasseq("predict", finished, "--input", "a.csv", "--keep", "n,text", "-o", written).exit_code == 0
    rows = pq.read_table("out.parquet").to_pylist()
    assert [row["n"] for row in rows] == list("0123456")
    assert [row["text"].count("good") for row in rows] == list(range(7))
    assert rows == [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(
    ("encoding", "delimiter", "said"),
    [
        ("cp1256", ";", 'in.csv: read as cp1256, with ";" between columns'),
        ("utf-8", "\t", "in.csv: read with tabs between columns"),
        ("utf-16", "|", 'in.csv: read as utf-16, with "|" between columns'),
        ("utf-8-sig", ",", ""),
    ],
)
def test_a_table_is_read_as_it_is_written(kerasseq, either, tmp_path, encoding, delimiter, said):
    lines = [f"id{delimiter}text", f"1{delimiter}خدمة ممتازة", f"2{delimiter}خدمة رديئة"]
    (tmp_path / "in.csv").write_bytes("\n".join([*lines, ""]).encode(encoding))
    result = kerasseq("predict", either, "--input", "in.csv", "--keep", "all")
    assert result.exit_code == 0, result.output
    assert [(row["id"], row["text"]) for row in table(result.stdout)] == [("1", "خدمة ممتازة"), ("2", "خدمة رديئة")]
    assert result.stderr.splitlines()[1:-1] == ([said] if said else [])


def test_quotes_are_read_as_each_file_writes_them(kerasseq, finished, tmp_path):
    """Neither a run of doubled quotes nor one of quotes behind backslashes asks its way of another file."""
    wanted = 'he said "so, so" twice'
    run = shutil.copytree(finished, tmp_path / "run")
    escaped, doubled = wanted.replace('"', '\\"'), wanted.replace('"', '""')
    toml = RunDirectory(run).experiment
    for setting in ("", "\\"):
        text = toml.read_text(encoding="utf-8")
        toml.write_text(text.replace('escape = ""', f"escape = '{setting}'"), encoding="utf-8")
        for name, field in (("escaped.csv", escaped), ("doubled.csv", doubled)):
            (tmp_path / name).write_text(f'text,mood\n"{field}",good\n', encoding="utf-8")
            assert [row["text"] for row in table(kerasseq("predict", run, "--input", name).stdout)] == [wanted]


def test_what_the_command_line_says_of_a_file_weighs_more_than_its_looks(kerasseq, finished, tmp_path):
    (tmp_path / "in.csv").write_bytes("text;n\na,b;c\né;d\n".encode("latin-1"))
    told = ("predict", finished, "--input", "in.csv", "--keep", "all")
    result = kerasseq(*told, "--encoding", "cp1252", "--delimiter", ";")
    assert [row["text"] for row in table(result.stdout)] == ["a,b", "é"]
    assert "read as" not in result.stderr
    wrong = kerasseq(*told, "--encoding", "utf-8")
    assert wrong.exit_code == 1 and "; --encoding latin-1 reads it" in wrong.stderr
    (tmp_path / "in.tsv").write_bytes(b"text\tn\na\tb\n")
    assert kerasseq("predict", finished, "--input", "in.tsv", "--delimiter", "\\t").exit_code == 0


def test_what_belongs_to_the_training_file_is_not_asked_of_another(kerasseq, finished, tmp_path):
    run = RunDirectory(shutil.copytree(finished, tmp_path / "run"))
    told = run.experiment.read_text(encoding="utf-8")
    names = '["text", "topic", "mood", "liked", "stars", "author", "worth", "side"]'
    told = told.replace("header = true", "header = false").replace("columns = []", f"columns = {names}")
    told = told.replace('encoding = "utf-8"', 'encoding = "cp1256"').replace('delimiter = ""', 'delimiter = ";"')
    run.experiment.write_text(told, encoding="utf-8")
    (tmp_path / "in.csv").write_text("text,mood\nخدمة,bad\nكتاب,good\n", encoding="utf-8")
    result = kerasseq("predict", run.path, "--input", "in.csv")
    assert [row["text"] for row in table(result.stdout)] == ["خدمة", "كتاب"], result.output
    assert "read as utf-8, with commas between columns, with the names of the columns in its first row" in result.stderr
    (tmp_path / "bare.csv").write_bytes("خدمة;x;bad;no;1;a;1;test\n".encode("cp1256"))
    assert [row["text"] for row in table(kerasseq("predict", run.path, "--input", "bare.csv").stdout)] == ["خدمة"]


def test_evaluating_judges_the_table_too(kerasseq, finished, tmp_path):
    rows = [f"{kind} طعام {i};{kind}" for i in range(4) for kind in ("good", "bad", "so-so")]
    (tmp_path / "in.csv").write_bytes("\n".join(["text;mood", *rows, ""]).encode("cp1256"))
    result = kerasseq("evaluate", finished, "--data", "in.csv", "--backend", os.environ["KERAS_BACKEND"])
    assert result.exit_code == 0, result.output
    assert 'in.csv: read as cp1256, with ";" between columns' in result.stderr
    assert "12 test rows" in result.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ["--text", "reviw"],
            'must have a column "reviw", got review, id, day, stars; --text COLUMN names another one',
        ),
        (
            ["--text", "review", "--keep", "ids"],
            'must be a column of reviews.csv, got "ids"; it has id, review, day, sta',
        ),
        (["--text", "review", "--keep", "id,id"], 'must name each column once, got "id" 2 times'),
        (["--text", "review", "--text-2", "id"], "--text-2: must not be given, this run reads single texts"),
        (["--text", "review", "--encoding", "utf8x"], '--encoding: must be an encoding that Python knows, got "utf8x"'),
        (
            ["--text", "review", "--delimiter", ";;"],
            "--delimiter: must be one character, no quote and no line end, got",
        ),
        (["--text", "review", "-o", "reviews.csv", "--force"], "--output must be another file than --input"),
        (["--text", "review", "-o", "out.xlsx"], "--output: must end in .csv, .tsv, .jsonl or .parquet, got out.xlsx"),
        (["--text", "review", "-o", "o.csv", "--format", "csv"], "--format is of what is printed"),
        (["--text", "review", "--force"], "--force overwrites --output FILE, which is not given"),
    ],
)
def test_what_does_not_fit_is_said_before_anything_is_written(kerasseq, finished, reviews, tmp_path, options, said):
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    result = kerasseq("predict", finished, "--input", reviews, *options)
    assert result.exit_code == 2 and said in result.stderr, result.output
    assert result.stdout == ""
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_options_of_a_file_need_one(kerasseq, finished):
    result = kerasseq("predict", finished, "good", "--keep", "all", "--encoding", "utf-8")
    assert result.exit_code == 2 and "--encoding, --keep: is of --input FILE" in result.stderr


def test_a_column_that_has_the_name_of_an_answer_is_not_written_over(kerasseq, finished, tmp_path):
    (tmp_path / "a.csv").write_text("id,text,score\n1,good,9\n", encoding="utf-8")
    result = kerasseq("predict", finished, "--input", "a.csv", "--keep", "all", "-o", "out.csv")
    assert result.exit_code == 2
    assert "would stand beside an answer of that name; rename it in the file, or --keep id,text" in result.stderr
    assert not (tmp_path / "out.csv").exists()


def test_a_file_that_is_there_is_kept_unless_force_is_given_and_no_half_is_written(
    kerasseq, finished, reviews, tmp_path, monkeypatch
):
    told = ("predict", finished, "--input", reviews, "--text", "review", "-o", "out.csv")
    (tmp_path / "out.csv").write_text("mine", encoding="utf-8")
    refused = kerasseq(*told)
    assert refused.exit_code == 2 and "out.csv is already there; --force overwrites it" in refused.stderr

    def fail(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(predicting, "_answer", fail)
        assert kerasseq(*told, "--force").exit_code == 1
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "mine"
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["out.csv", "reviews.csv"]
    assert kerasseq(*told, "--force").exit_code == 0
    assert [row["text"] for row in table((tmp_path / "out.csv").read_text(encoding="utf-8"))] == TEXTS


def test_one_text_and_lines_are_written_to_a_file_too(kerasseq, finished):
    assert kerasseq("predict", finished, "good", "-o", "one.csv").exit_code == 0
    assert kerasseq("predict", finished, "-", "-o", "new/lines.jsonl", input="good\nbad\n").exit_code == 0
    with open("new/lines.jsonl", encoding="utf-8") as file:
        assert [json.loads(line)["text"] for line in file] == ["good", "bad"]
