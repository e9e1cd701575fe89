"""`kerasseq predict` of files that take other rows than texts, made by hand."""

import csv
import io
import json

import numpy as np
import onnx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from onnx import TensorProto, helper, numpy_helper

from kerasseq.pipelines.readers import CHUNK


def table(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def save(path, nodes, sides, constants, **metadata):
    ends = [[helper.make_tensor_value_info(name, kind, axes) for name, (kind, axes) in side.items()] for side in sides]
    held = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(helper.make_graph(nodes, "made", *ends, held), opset_imports=opsets, ir_version=9)
    said = {"format": "1", "version": "0", "name": "made", "pair": "single", "labels": []} | metadata
    said = {f"kerasseq.{key}": v if isinstance(v, str) else json.dumps(v) for key, v in said.items()}
    helper.set_model_props(model, said)
    onnx.save(model, path)
    return path


@pytest.fixture
def tagger(tmp_path):
    """Tags a token as `place`, as `other`, or as `odd` where it does not know it; two of a sentence at most."""
    keys, ids = ["", "the", "food", "Cairo"], [0, 2, 2, 3]
    known = {"keys_strings": keys, "values_int64s": ids, "default_int64": 1}
    nodes = [
        helper.make_node("LabelEncoder", ["tokens"], ["ids"], domain="ai.onnx.ml", **known),
        helper.make_node("Gather", ["names", "ids"], ["tags"]),
        helper.make_node("Min", ["ids", "one"], ["valid"]),
        helper.make_node("ReduceSum", ["valid", "one"], ["all"], keepdims=0),
        helper.make_node("Min", ["all", "two"], ["length"]),
        helper.make_node("Sub", ["all", "length"], ["truncated"]),
        helper.make_node("Equal", ["ids", "one"], ["strange"]),
        helper.make_node("Cast", ["strange"], ["odd"], to=TensorProto.INT64),
        helper.make_node("ReduceSum", ["odd", "one"], ["unknown"], keepdims=0),
    ]
    constants = {"one": np.array([1]), "two": np.array([2]), "names": np.array(["", "odd", "other", "place"], object)}
    counts = dict.fromkeys(["length", "truncated", "unknown"], (TensorProto.INT64, ["batch"]))
    return save(
        tmp_path / "tagger.onnx",
        nodes,
        (
            {"tokens": (TensorProto.STRING, ["batch", "time"])},
            {"tags": (TensorProto.STRING, ["batch", "time"]), **counts},
        ),
        constants,
        task="tagging",
        takes="tokens",
        cut=r"\w+|[^\w\s]",
        columns=[{"name": "prediction", "output": "tags", "pick": "all"}],
        outputs={"tags": ["batch", "time"]},
    )


@pytest.fixture
def mover(tmp_path):
    """Sums each of two numbers over time."""
    return save(
        tmp_path / "mover.onnx",
        [
            helper.make_node("ReduceSum", ["vectors", "one"], ["sums"], keepdims=0),
            helper.make_node("Identity", ["lengths"], ["length"]),
        ],
        (
            {"vectors": (TensorProto.FLOAT, ["batch", "time", 2]), "lengths": (TensorProto.INT64, ["batch"])},
            {"sums": (TensorProto.FLOAT, ["batch", 2]), "length": (TensorProto.INT64, ["batch"])},
        ),
        {"one": np.array([1])},
        task="movement",
        takes="vectors",
        columns=[{"name": "prediction", "output": "sums", "pick": "all"}],
        outputs={"sums": ["batch", 2]},
    )


def test_a_file_of_tokens_answers_each_token_of_a_text(kerasseq, tagger):
    result = kerasseq("predict", tagger, "Cairo!")
    assert result.exit_code == 0, result.output
    assert table(result.stdout) == [{"tokens": "Cairo !", "offsets": "0 5 5 6", "prediction": "place odd"}]
    lines = kerasseq("predict", tagger, "-", "--format", "jsonl", input="the food\n\nthe food, Cairo\n")
    assert [json.loads(line) for line in lines.stdout.splitlines()] == [
        {"tokens": ["the", "food"], "offsets": [[0, 3], [4, 8]], "prediction": ["other", "other"]},
        {"tokens": [], "offsets": [], "prediction": []},
        {
            "tokens": ["the", "food", ",", "Cairo"],
            "offsets": [[0, 3], [4, 8], [8, 9], [10, 15]],
            "prediction": ["other", "other"],
        },
    ]
    said = "3 sentences, 4 tokens; 1 truncated (33.3%), 1 unknown token (25.0%), 1 empty"
    assert lines.stderr.splitlines()[-1] == said
    assert kerasseq("predict", tagger, "-", input="").stdout == "tokens,prediction\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.jsonl", '{"tokens": ["the", "food"]}\n{"tokens": ["Cairo"]}\n'),
        ("rows.conll", "the\nfood\n\nCairo\n"),
        ("tagged.conll", "the X\nfood Y\n\nCairo Z\n"),
    ],
)
def test_sentences_of_tokens_stand_in_files_with_or_without_tags(kerasseq, tagger, tmp_path, name, content):
    (tmp_path / name).write_text(content)
    tagged = kerasseq("predict", tagger, "--input", name)
    assert tagged.exit_code == 0, tagged.output
    assert table(tagged.stdout) == [
        {"tokens": "the food", "prediction": "other other"},
        {"tokens": "Cairo", "prediction": "place"},
    ]


def test_sequences_of_vectors_stand_in_files(kerasseq, mover, tmp_path):
    pq.write_table(pa.table({"vectors": [[[1.0, 2.0], [3.5, 4.0]], [[0.0, 1.0]]]}), tmp_path / "rows.parquet")
    moved = kerasseq("predict", mover, "--input", "rows.parquet")
    assert moved.exit_code == 0, moved.output
    assert table(moved.stdout) == [
        {"row": "1", "length": "2", "prediction": "4.5 6.0"},
        {"row": "2", "length": "1", "prediction": "0.0 1.0"},
    ]
    assert moved.stderr.splitlines()[-1] == "2 sequences, 3 steps; 0 truncated (0.0%), 0 empty"


def test_vectors_are_json_on_the_line(kerasseq, mover):
    one = kerasseq("predict", mover, "[[1, 2], [3, 4]]", "--format", "jsonl")
    assert json.loads(one.stdout) == {"row": 1, "length": 2, "prediction": [4.0, 6.0]}
    lines = kerasseq("predict", mover, "-", input="[[1, 2]]\n[]\n" * (CHUNK // 2 + 1))
    assert [row["row"] for row in table(lines.stdout)] == [str(n + 1) for n in range(CHUNK + 2)]


@pytest.mark.parametrize(
    ("kind", "arguments", "code", "said"),
    [
        ("mover", ["a text"], 1, "TEXT: vectors: must be JSON, a list with a list of numbers for each step, got"),
        ("mover", ["[1, 2]"], 1, "TEXT: vectors: must be JSON, a list with a list of numbers for each step"),
        ("mover", ["[[1, 2, 3]]"], 1, "vectors: must be vectors of 2 numbers, one a step, got 1 x 3 in row 0"),
        ("mover", ["[[1, 2]]", "--second", "b"], 2, "--second: must not be given, this run reads vectors"),
        ("tagger", ["a", "--second", "b"], 2, "--second: must not be given, this run reads tokens"),
        ("tagger", ["bad\udcff"], 2, "TEXT: must be utf-8"),
        ("tagger", ["--input", "none.jsonl"], 2, "none.jsonl: must be a file, got nothing there"),
        ("tagger", ["--input", "rows.jsonl"], 1, "rows.jsonl:2: tokens: must be a list of texts, got a text"),
        ("tagger", ["--input", "rows.jsonl"], 1, "rows.jsonl:3: character 2: must be JSON"),
        ("mover", ["--input", "rows.csv"], 2, "rows.csv: must end in .ts, .npz, .parquet, .arrow or .feather"),
        (
            "mover",
            ["--input", "rows.parquet"],
            2,
            "rows.parquet: vectors: must hold lists of lists of numbers, got int64",
        ),
    ],
)
def test_what_is_no_row_of_another_kind_is_said(kerasseq, request, tmp_path, kind, arguments, code, said):
    (tmp_path / "rows.csv").write_text("vectors\na\n")
    (tmp_path / "rows.jsonl").write_text('{"tokens": ["a"]}\n{"tokens": "a"}\n{\n')
    pq.write_table(pa.table({"vectors": [1]}), tmp_path / "rows.parquet")
    result = kerasseq("predict", request.getfixturevalue(kind), *arguments)
    assert result.exit_code == code, result.output
    assert said in result.stderr and "Traceback" not in result.stderr
    assert result.stdout == ""
