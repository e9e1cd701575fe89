import csv
import io
import json
import os
import shutil
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from kerasseq import experiment as road
from kerasseq.commands.main import main
from kerasseq.config.read import read_experiment
from kerasseq.loading import load
from kerasseq.pipelines.readers import CHUNK
from kerasseq.run_directory import RunDirectory

HEADER = "text,prediction,score,score[bad],score[good],score[so-so]"


def table(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def predictions(run, texts):
    return load(run).predict(texts)["prediction"]


def test_one_text_is_answered_as_from_python(kerasseq, finished):
    result = kerasseq("predict", finished, "خدمة ممتازة 😀")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0] == HEADER
    [row] = table(result.stdout)
    assert row["text"] == "خدمة ممتازة 😀"
    found = load(finished).predict(["خدمة ممتازة 😀"])
    assert row.pop("text") and row.pop("prediction") == found.pop("prediction")[0]
    assert {name: float(value) for name, value in row.items()} == pytest.approx(
        {name: values[0] for name, values in found.items()}, abs=2e-6
    )


def test_json_lines_hold_the_same(kerasseq, finished):
    result = kerasseq("predict", finished, "خدمة", "--format", "jsonl")
    found = load(finished).predict(["خدمة"])
    row = json.loads(result.stdout)
    assert row.pop("text") == "خدمة" and row.pop("prediction") == found.pop("prediction")[0]
    assert row == pytest.approx({name: values[0] for name, values in found.items()}, abs=2e-6)
    assert "خدمة" in result.stdout


def test_line_n_of_standard_input_is_answer_n(kerasseq, finished):
    lines = ["خدمة", "", 'a "quoted", text', "  spaces  ", "\u2028separator\x85", "x\x0cy", "last"]
    result = kerasseq("predict", finished, "-", input="\n".join(lines))
    assert [row["text"] for row in table(result.stdout)] == lines
    assert [row["prediction"] for row in table(result.stdout)] == predictions(finished, lines)
    result = kerasseq("predict", finished, "-", input="\r\n".join([*lines, ""]))
    assert [row["text"] for row in table(result.stdout)] == lines


def test_a_byte_order_mark_is_no_part_of_the_first_text(finished):
    result = CliRunner().invoke(main, ["predict", str(finished), "-"], input="\ufeffخدمة\n".encode())
    assert [row["text"] for row in table(result.stdout)] == ["خدمة"]


@pytest.mark.parametrize(("form", "said"), [("csv", HEADER + "\n"), ("jsonl", "")])
def test_no_lines_get_no_answers(kerasseq, finished, tmp_path, form, said):
    result = kerasseq("predict", finished, "-", "--format", form, input="")
    assert (result.exit_code, result.stdout) == (0, said)
    (tmp_path / "none.csv").write_text("text\n")
    result = kerasseq("predict", finished, "--input", "none.csv", "--format", form)
    assert (result.exit_code, result.stdout) == (0, said)


def test_another_encoding_is_a_line(finished):
    result = CliRunner().invoke(main, ["predict", str(finished), "-"], input="a\nخدمة\n".encode("cp1256"))
    assert result.exit_code == 1
    assert "standard input:2: text: must be utf-8, got byte 0xCE (byte 1 of the line)" in result.stderr
    assert "Traceback" not in result.stderr


def test_what_was_cut_and_unknown_is_counted_on_stderr(kerasseq, finished):
    result = kerasseq("predict", finished, "-", input="خدمة " * 10_000 + "\nمجهول\n\n")
    assert len(table(result.stdout)) == 3
    assert "3 texts, 9 tokens; 1 truncated (33.3%), 1 unknown token (11.1%), 1 empty" in result.stderr


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "parquet"])
def test_the_rows_of_a_table_are_answered_one_by_one(kerasseq, finished, tmp_path, suffix):
    texts = ["خدمة", "", 'the "food", cold', "line\ntwo", "😀"]
    path = tmp_path / f"new.{suffix}"
    if suffix == "parquet":
        pq.write_table(pa.table({"id": range(5), "text": texts}), path)
    elif suffix == "jsonl":
        path.write_text("".join(json.dumps({"id": 1, "text": t}) + "\n" for t in texts))
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter="," if suffix == "csv" else "\t")
            writer.writerows([["id", "text"], *([i, t] for i, t in enumerate(texts))])
    result = kerasseq("predict", finished, "--input", path)
    assert result.exit_code == 0, result.output
    assert [row["text"] for row in table(result.stdout)] == texts
    assert [row["prediction"] for row in table(result.stdout)] == predictions(finished, texts)


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("a.csv", "words,id\nx,1\n", 2, 'must have a column "text", got words, id; --text COLUMN names another one'),
        ("a.csv", "id,texts\nx,1\n", 2, 'a.csv: must have a column "text", got texts, id; --text COLUMN'),
        ("a.csv", "", 2, 'a.csv: must have a column "text"; the file is empty'),
        ("a.csv", "text,text\nx,y\n", 2, 'a.csv: must have each column once, "text" stands there 2 times'),
        ("a.csv", "text\nخدمة\n".encode() + "خدمة\n".encode("cp1256"), 1, "they read as cp1256: mend them"),
        ("a.csv", "text,n\nx,1,2\n", 1, "a.csv:2: field 3: must be a row of 2 fields, got 3"),
        ("a.csv", None, 2, "a.csv: must be a file, got nothing there"),
        ("a.xlsx", "PK", 2, "a.xlsx: has no known suffix"),
    ],
)
def test_what_is_wrong_with_a_table_is_a_line(kerasseq, finished, tmp_path, name, content, code, said):
    if content is not None:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    result = kerasseq("predict", finished, "--input", name)
    assert result.exit_code == code
    assert said in result.stderr and "Traceback" not in result.stderr
    assert result.stderr.count(f"{name}:") == 1 and "encoding =" not in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give a TEXT, or - for standard input, or --input FILE"),
        (["a", "--input", "b.csv"], "give a TEXT, or - for standard input, or --input FILE"),
        (["a", "b"], "give one TEXT, got 2; - or --input FILE for more"),
        (["-", "--second", "b"], "--second stands beside one TEXT"),
        (["a", "--second", "b"], "--second: must not be given, this run reads single texts"),
        (["a", "--backend", "theano"], "--backend must be one of torch, jax"),
        (["bad\udcff"], "TEXT: must be utf-8"),
    ],
)
def test_a_wrong_command_line_is_said(kerasseq, finished, arguments, said):
    result = kerasseq("predict", finished, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_pairs_are_two_texts_everywhere(kerasseq, tiny, tmp_path):
    overrides = ['dataset.text_2="topic"', "training.epochs=1", 'encoder={name="none"}']
    run = road.run(read_experiment(tiny(tmp_path), overrides), tmp_path / "runs").directory.path
    expected = load(run).predict(["خدمة", ""], ["كتاب", ""])
    one = kerasseq("predict", run, "خدمة", "--second", "كتاب")
    lines = kerasseq("predict", run, "-", input="خدمة\tكتاب\n\n")
    (tmp_path / "new.csv").write_text("text,topic\nخدمة,كتاب\n,\n", encoding="utf-8")
    rows = kerasseq("predict", run, "--input", "new.csv")
    assert lines.stdout == rows.stdout
    assert [(r["text"], r["text_2"]) for r in table(rows.stdout)] == [("خدمة", "كتاب"), ("", "")]
    assert [r["prediction"] for r in table(rows.stdout)] == expected["prediction"]
    assert table(one.stdout)[0]["prediction"] == expected["prediction"][0]
    assert kerasseq("predict", run, "خدمة").exit_code == 2
    result = kerasseq("predict", run, "-", input="a\tb\nalone\n")
    assert result.exit_code == 1
    assert "standard input:2: text_2: must stand behind a tab, got one text" in result.stderr
    assert kerasseq("predict", run, "-", input="").stdout.startswith("text,text_2,prediction,")


def test_a_run_that_has_not_ended_its_first_epoch_claims_nothing(kerasseq, finished, tmp_path):
    cut = RunDirectory(tmp_path / "cut")
    cut.path.mkdir()
    for name in ("experiment", "environment", "tokenizer", "task"):
        getattr(cut, name).write_bytes(getattr(RunDirectory(finished), name).read_bytes())
    result = kerasseq("predict", "cut", "خدمة")
    assert result.exit_code == 1
    last = result.stderr.splitlines()[-1]
    assert last == "cut: must hold model.keras; training has not ended, go on with: kerasseq train --resume cut"


@pytest.mark.slow
def test_a_long_input_streams_and_a_reader_that_leaves_ends_it_quietly(finished):
    command = [sys.executable, "-c", "from kerasseq.commands.main import main; main()", "predict", str(finished), "-"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, env=os.environ) as process:
        process.stdin.write("خدمة\n".encode() * CHUNK)
        process.stdin.flush()
        first = process.stdout.readline().decode()
        assert first == HEADER + "\n"  # before the input has ended
        process.stdout.close()
        try:
            process.stdin.write("خدمة\n".encode() * CHUNK * 4)
            process.stdin.close()
        except BrokenPipeError:
            pass
        errors = process.stderr.read().decode()
        process.wait(60)
    assert "Traceback" not in errors and "Broken" not in errors
    assert errors.startswith("onnxruntime, ") and len(errors.splitlines()) == 1


def test_a_run_answers_through_its_exported_file_unless_a_backend_is_asked_for(kerasseq, finished):
    texts = "خدمة ممتازة\n\nthe food was bad bad bad bad bad bad bad bad bad\n\tx\0y\n"
    through_file = kerasseq("predict", finished, "-", input=texts)
    through_keras = kerasseq("predict", finished, "-", "--backend", os.environ["KERAS_BACKEND"], input=texts)
    assert "onnxruntime, " in through_file.stderr and "onnxruntime" not in through_keras.stderr
    for ours, theirs in zip(table(through_file.stdout), table(through_keras.stdout), strict=True):
        assert ours["prediction"] == theirs["prediction"] and ours["text"] == theirs["text"]
        assert float(ours["score"]) == pytest.approx(float(theirs["score"]), abs=1e-5)
    assert through_file.stderr.splitlines()[-1] == through_keras.stderr.splitlines()[-1]  # what was cut and unknown
    assert "1 truncated" in through_file.stderr


ASLEEP = {"keras", "torch", "jax", "tensorflow", "numba", "scipy", "sklearn", "pandas", "pyarrow", "onnx", "tokenizers"}
ASLEEP |= {"matplotlib", "pydantic", "tomllib"}
"""What takes long to import, and answers nothing where there is a model.onnx."""


@pytest.mark.parametrize("what", [".", "model.onnx"])
def test_a_text_is_answered_by_a_file_before_anything_heavy_is_imported(finished, what):
    code = (
        "import sys\nfrom kerasseq.commands.main import main\n"
        f"main({['predict', str(finished / what), 'خدمة']!r}, standalone_mode=False)\n"
        f"print(sorted({ASLEEP!r}.intersection(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "[]"
    assert done.stdout.startswith(HEADER)


def test_a_run_in_a_folder_that_ends_in_onnx_is_a_run(kerasseq, finished, tmp_path):
    shutil.copytree(finished, tmp_path / "bi.onnx")
    result = kerasseq("predict", "bi.onnx", "good")
    assert result.exit_code == 0 and "onnxruntime, bi.onnx/model.onnx" in result.stderr
    (tmp_path / "bi.onnx" / "model.onnx").write_bytes(b"\0")
    result = kerasseq("predict", "bi.onnx", "good")
    assert result.exit_code == 0
    assert "written over; write it again with: kerasseq export bi.onnx; Keras answers" in result.stderr


def test_a_file_alone_answers_with_the_columns_text_and_text_2_of_a_table(kerasseq, finished, tmp_path):
    (tmp_path / "in.csv").write_text("text\nخدمة\n\n", encoding="utf-8")
    result = kerasseq("predict", RunDirectory(finished).onnx, "--input", tmp_path / "in.csv")
    assert result.exit_code == 0, result.output
    assert [row["text"] for row in table(result.stdout)][0] == "خدمة"
    refused = kerasseq("predict", RunDirectory(finished).onnx, "a", "--backend", "torch")
    assert refused.exit_code == 2 and "an exported file has none" in refused.stderr


def test_a_closed_standard_output_ends_quietly(finished, tmp_path):
    lines = "".join(f"خدمة {n}\n" for n in range(4_000))
    command = f"{sys.executable} -m kerasseq predict {finished} - "
    for end, code in ((">&-", 0), ("| head -n 1", 0)):
        done = subprocess.run(["sh", "-c", command + end], input=lines, capture_output=True, text=True)
        assert done.returncode == code
        assert "Error" not in done.stderr and "Traceback" not in done.stderr and "a run failed" not in done.stderr
