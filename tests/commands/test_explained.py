"""What weighed, on a terminal: `kerasseq predict --explain`."""

import json

import pytest

from kerasseq.commands.explained import lines
from kerasseq.explanation import Explanation, LinearPart, Part
from kerasseq.loading import load
from kerasseq.run_directory import RunDirectory


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
    assert empty["explanation"] == {"attention": [[]]} and none == []
    assert "2 texts, 3 tokens" in result.stderr


@pytest.mark.parametrize(
    ("run", "arguments", "said"),
    [
        ("file", [], "--explain: must be of a run, got the exported file"),
        ("run", ["--format", "csv"], "got --format csv; jsonl has room for it"),
    ],
)
def test_what_has_no_parts_or_no_room_for_them_is_refused(kerasseq, finished, run, arguments, said):
    place = RunDirectory(finished).onnx if run == "file" else finished
    result = kerasseq("predict", place, "x", "--explain", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


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
