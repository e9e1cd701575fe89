"""What weighed, on a terminal: `kerasseq predict --explain`."""

import csv
import io
import json
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from kerasseq.commands import predict as predicting
from kerasseq.commands.explained import lines
from kerasseq.config.read import read_experiment
from kerasseq.experiment import run
from kerasseq.explanation import Explanation, LinearPart, Part, WeighedWord
from kerasseq.loading import load
from kerasseq.run_directory import RunDirectory
from kerasseq.runtime import load as load_file


def test_the_words_stand_behind_their_weights_and_arabic_ones_are_isolated(kerasseq, finished):
    result = kerasseq("predict", finished, "خدمة the food", "--explain")
    assert result.exit_code == 0, result.output
    text, prediction, head, *words = result.stdout.splitlines()
    [[row]] = load(finished).attention(["خدمة the food"])
    assert text == "text: \u2068خدمة the food\u2069"
    assert prediction.startswith("prediction: ")
    assert head == "attention:"
    shown = [(f"\u2068{word}\u2069" if word == "خدمة" else word, weight) for word, weight in row]
    assert words == [f"     {weight:.3f}  {word}" for word, weight in sorted(shown, key=lambda pair: -pair[1])] + [""]


def test_json_has_every_weight_in_the_order_of_the_text(kerasseq, finished):
    result = kerasseq("predict", finished, "-", "--explain", "--format", "jsonl", input="خدمة the food\n\n")
    first, empty = map(json.loads, result.stdout.splitlines())
    [words, none] = load(finished).attention(["خدمة the food", ""])[0]
    assert [word for word, _ in first["explanation"]["attention"][0]] == [word for word, _ in words]
    assert [w for _, w in first["explanation"]["attention"][0]] == pytest.approx([w for _, w in words], abs=1e-6)
    assert empty["explanation"] == {"attention": [[]], "words": []} and none == []
    assert [(word["word"], word["start"], word["end"]) for word in first["explanation"]["words"]] == [
        ("خدمة", 0, 4),
        ("the", 5, 8),
        ("food", 9, 13),
    ]
    assert "2 texts, 3 tokens" in result.stderr


@pytest.fixture(scope="module")
def plain(tiny, tmp_path_factory):
    """A finished run of neither n-grams nor attention."""
    folder = tmp_path_factory.mktemp("plain")
    return run(read_experiment(tiny(folder), ['pooler={name="mean"}']), folder / "runs").directory.path


def explanations(result):
    assert result.exit_code == 0, result.output
    return [json.loads(line)["explanation"] for line in result.stdout.splitlines()]


def test_a_run_and_its_file_weigh_words_alike(kerasseq, plain):
    texts = "خدمة ممتازة the food\n\nbad\n" + "cold food " * 30 + "\n"
    backend = os.environ["KERAS_BACKEND"]
    asked = ["-", "--explain", "--format", "jsonl"]
    by_keras = kerasseq("predict", plain, *asked, "--backend", backend, input=texts)
    by_file = kerasseq("predict", RunDirectory(plain).onnx, *asked, input=texts)
    by_run = kerasseq("predict", plain, *asked, "--explain-by", "occlusion", input=texts)
    assert "onnxruntime, " in by_file.stderr and "onnxruntime, " in by_run.stderr
    assert "onnxruntime, " not in by_keras.stderr
    for ours, theirs, same in zip(*map(explanations, (by_keras, by_file, by_run)), strict=True):
        assert list(ours) == ["words"]
        assert same == theirs
        names = ("word", "start", "end", "method", "field")
        assert [[word[n] for n in names] for word in ours["words"]] == [[w[n] for n in names] for w in theirs["words"]]
        weights = [[word["weight"] for word in found["words"]] for found in (ours, theirs)]
        assert weights[0] == pytest.approx(weights[1], abs=1e-4)
    assert [len(found["words"]) for found in explanations(by_file)] == [4, 0, 1, 60]
    assert any(abs(word["weight"]) > 1e-5 for word in explanations(by_file)[0]["words"])


def test_what_an_answer_loses_without_a_word_stands_before_it_the_most_first(kerasseq, plain):
    text = "خدمة the food was bad and cold and bad and good and cold"
    result = kerasseq("predict", RunDirectory(plain).onnx, text, "--explain")
    assert result.exit_code == 0, result.output
    _, prediction, head, *words = result.stdout.splitlines()
    [found] = load_file(RunDirectory(plain).onnx).explain([text])
    assert head == f"the probability of {found.answer['prediction']} loses without a word:"
    assert prediction == f"prediction: {found.answer['prediction']} {found.answer['score']:.3f}"
    heavy = sorted(found.words, key=lambda word: -abs(word.weight))
    shown = [line.split() for line in words[:10]]
    assert [word for _, word in shown] == [f"\u2068{w.word}\u2069" if w.word == "خدمة" else w.word for w in heavy[:10]]
    assert [float(number) for number, _ in shown] == pytest.approx([w.weight for w in heavy[:10]], abs=6e-4)
    assert all(number[0] in "+-" for number, _ in shown)
    assert words[10].endswith("  or less: 3 others") and words[11:] == [""]


def test_one_option_says_how_and_what_is_not_there_is_refused(kerasseq, plain, finished):
    alone = kerasseq("predict", finished, "the food", "--explain-by", "occlusion")
    assert alone.exit_code == 0 and "loses without a word:" in alone.stdout and "attention" not in alone.stdout
    both = kerasseq("predict", finished, "the food", "--explain-by", "attention", "--explain")
    assert both.stdout == kerasseq("predict", finished, "the food", "--explain").stdout
    for place, method, said in (
        (RunDirectory(plain).onnx, "attention", "--explain-by: must be occlusion of a file, got attention, which"),
        (plain, "wide", "the method must be one of occlusion for this run, got wide"),
        (plain, "gradients", "'gradients' is not one of 'wide', 'attention', 'occlusion'"),
    ):
        refused = kerasseq("predict", place, "x", "--explain-by", method)
        assert refused.exit_code == 2 and said in refused.stderr, refused.output


def test_a_table_has_what_weighed_beside_each_answer_in_every_form(kerasseq, plain, tmp_path, monkeypatch):
    monkeypatch.setattr(predicting, "FEW", 2)  # several parts
    texts = ['خدمة, "ممتازة"', "", "the food", "bad"]
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "text"], *([n, text] for n, text in enumerate(texts))])
    asked = ["predict", RunDirectory(plain).onnx, "--input", "in.csv", "--keep", "id", "--explain"]
    printed = kerasseq(*asked, "--format", "csv")
    assert printed.exit_code == 0, printed.output
    for name in ("out.csv", "out.tsv", "out.jsonl", "out.parquet"):
        assert kerasseq(*asked, "-o", name).exit_code == 0
    found = [each.as_json() for each in load_file(RunDirectory(plain).onnx).explain(texts)]
    assert printed.stdout == Path("out.csv").read_text(encoding="utf-8")
    for name, delimiter in (("out.csv", ","), ("out.tsv", "\t")):
        text = Path(name).read_text(encoding="utf-8")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
        assert [row["id"] for row in rows] == ["0", "1", "2", "3"]
        assert [json.loads(row["explanation"]) for row in rows] == found
    rows = [json.loads(line) for line in Path("out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["explanation"] for row in rows] == found
    assert [json.loads(text) for text in pq.read_table("out.parquet")["explanation"].to_pylist()] == found
    one = json.loads(kerasseq(*asked, "--json").stdout)["answers"]
    assert [row["explanation"] for row in one] == found


def test_a_table_without_rows_has_the_columns_all_the_same(kerasseq, plain, finished, tmp_path):
    (tmp_path / "in.csv").write_text("text\n", encoding="utf-8")
    for place in (RunDirectory(plain).onnx, finished):
        result = kerasseq("predict", place, "--input", "in.csv", "--explain", "--format", "csv")
        assert result.exit_code == 0, result.output
        assert result.stdout.splitlines()[0].split(",")[-1] == "explanation"


def test_words_that_are_not_weighed_are_counted(kerasseq, plain):
    texts = "cold food " * 150 + "\nbad\n" + "bad " * 201 + "\n"
    result = kerasseq("predict", RunDirectory(plain).onnx, "-", "--explain", "--format", "jsonl", input=texts)
    assert [found.get("left_out", 0) for found in explanations(result)] == [100, 0, 1]
    assert "not weighed: 101 words in 2 texts of more than 200 words" in result.stderr
    lines = kerasseq("predict", RunDirectory(plain).onnx, "-", "--explain", input=texts).stdout
    assert "not weighed: 100 words of stretches that weigh less\n" in lines
    assert "not weighed" not in kerasseq("predict", RunDirectory(plain).onnx, "bad", "--explain").stderr


def test_the_words_of_a_pair_stand_below_the_text_that_they_are_of():
    words = [
        WeighedWord("a", 0, 1, 0.25, "occlusion"),
        WeighedWord("b", 2, 3, -0.5, "occlusion"),
        WeighedWord("c", 0, 1, 1e-5, "occlusion", "text_2"),
    ]
    row = {"text": "a b", "text_2": "c", "prediction": 3.5}
    found = Explanation({"prediction": 3.5}, words=tuple(words))
    assert list(lines({**row, "explanation": found}))[3:] == [
        "the number loses without a word of text:",
        "    -0.500  b",
        "    +0.250  a",
        "the number loses without a word of text_2:",
        "  +1.0e-05  c",
    ]


def test_the_parts_of_an_answer_are_a_line_each_whatever_stands_in_a_text():
    linear = LinearPart(0.75, 0.9, "n-grams", ((" good ", 0.5), ("\x1b]0;x\x07a\nb", -0.25)), 0.125, -1.0)
    found = Explanation({"prediction": "yes", "score": 0.5}, Part(0.25, 0.1), linear, ((("w", 1.0),) * 12,))
    row = {"text": "a\r\n\u202eb", "prediction": "yes", "score": 0.5, "explanation": found}
    assert list(lines(row)) == [
        "text: a b",
        "prediction: yes 0.500",
        "answer: 0.25 of the network (alone 0.100) and 0.75 of the n-grams (alone 0.900)",
        "n-grams in the logit of yes:",
        "    +0.500  \u2423good\u2423",
        "    -0.250  ]0;xa b",
        "    +0.125  all others",
        "    -1.000  without any",
        "attention:",
        *["     1.000  w"] * 10,
        "     2.000  all others",
    ]
