"""Files that can be served, and files that cannot."""

import importlib.util

import kerasseq_runtime.model as module
import numpy as np
import onnx
import pytest
from kerasseq_serve.errors import ServeError
from kerasseq_serve.model import load
from onnx import TensorProto, helper


def _softmax(*sums):
    powers = np.exp(np.array(sums) - max(sums))
    return powers / powers.sum()


def test_a_classifier_answers_with_label_and_probabilities(models):
    model = load(models["words"], threads=1)
    awful, arabic, empty = model.run([("awful day", ""), ("يوم جميل", ""), ("", "")])
    assert (awful.prediction, arabic.prediction, empty.prediction) == ("bad", "جيد", "bad")
    np.testing.assert_allclose(awful.probabilities, _softmax(2, -0.5, 0), atol=1e-6)
    np.testing.assert_allclose(arabic.probabilities, _softmax(-1, 0, 3), atol=1e-6)
    np.testing.assert_allclose(empty.probabilities, [1 / 3] * 3, atol=1e-6)
    assert model.facts.labels == ("bad", "good", "جيد")


def test_a_regression_answers_with_its_score(models):
    model = load(models["score"])
    assert [answer.prediction for answer in model.run([("w3 w4", ""), ("none", "")])] == [7.0, 0.0]
    assert model.facts.range == (0.0, 5.0)


def test_a_model_of_pairs_reads_both_texts(models):
    (answer,) = load(models["pair"]).run([("fine", "awful")])
    np.testing.assert_allclose(answer.probabilities, _softmax(-3, 3, 0), atol=1e-6)


def test_a_stopped_model_answers_nothing_more(models):
    model = load(models["slow"])
    model.stop()
    with pytest.raises(Exception, match="terminate"):
        model.run([("short", "")])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"format": ""}, "must be a model of `kerasseq export RUN --to onnx`, got one without kerasseq.format"),
        ({"format": "2"}, "kerasseq.format: must be 1, got '2'; a newer kerasseq-serve may read it"),
        ({"python_steps": '["lemmas", "stems"]'}, "got one that leaves lemmas, stems to Python; kerasseq predict"),
        ({"task": "tagging"}, "got metadata that cannot be read .kerasseq.task is 'tagging'"),
        ({"labels": "[1"}, "got metadata that cannot be read"),
        ({"labels": '["a", "a", "b"]'}, "not distinct"),
        ({"labels": '["bad", "good"]'}, "a probability for each of 2 labels, got 3"),
        ({"labels": '["a", "b", "c"]'}, "one of its labels, got 'bad'"),
        ({"pair": "join"}, "must have the string inputs text, text_2, got text$"),
        ({"task": "regression", "labels": "[]"}, "must have the outputs score, got label, probabilities"),
    ],
)
def test_a_file_of_another_format_is_refused_in_one_line(tmp_path, models, changed, message):
    path = tmp_path / "model.onnx"
    file = onnx.load(models["words"])
    for entry in file.metadata_props:
        entry.value = changed.get(entry.key.removeprefix("kerasseq."), entry.value)
    onnx.save(file, path)
    with pytest.raises(ServeError, match=message) as refused:
        load(path)
    assert refused.value.exit_code == 1
    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith(f"{path}: ")


DAMAGED = (
    "must be a whole ONNX file, got one that is cut off or was written over; write it again with: kerasseq export RUN"
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", DAMAGED),
        (b"not a model", DAMAGED),
        pytest.param(None, DAMAGED, id="cut off"),
        pytest.param("nothing", "got nothing there", id="nothing"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, models, content, said):
    path = tmp_path / "model.onnx"
    if content is None:
        whole = models["words"].read_bytes()
        content = whole[: len(whole) // 2]
    if content != "nothing":
        path.write_bytes(content)
    with pytest.raises(ServeError, match=said) as refused:
        load(path)
    assert "\n" not in str(refused.value)


def test_a_folder_is_no_model_file(tmp_path):
    with pytest.raises(ServeError, match="got a folder"):
        load(tmp_path)


def test_a_file_without_metadata_names_what_is_missing(tmp_path, models):
    file = onnx.load(models["words"])
    kept = [entry for entry in file.metadata_props if entry.key != "kerasseq.labels"]
    del file.metadata_props[:]
    file.metadata_props.extend(kept)
    onnx.save(file, tmp_path / "model.onnx")
    with pytest.raises(ServeError, match="kerasseq.labels"):
        load(tmp_path / "model.onnx")


@pytest.fixture
def lower(tmp_path, models):
    """A model whose texts are put into lower case by an operator of onnxruntime-extensions."""
    file = onnx.load(models["words"])
    split = next(node for node in file.graph.node if node.op_type == "StringSplit")
    split.input[0] = "lower"
    file.graph.node.insert(0, helper.make_node("StringLower", ["text"], ["lower"], domain="ai.onnx.contrib"))
    file.opset_import.append(helper.make_opsetid("ai.onnx.contrib", 1))
    for entry in file.metadata_props:
        entry.value = '["onnxruntime-extensions"]' if entry.key == "kerasseq.needs" else entry.value
    onnx.save(file, tmp_path / "lower.onnx")
    return tmp_path / "lower.onnx"


def test_operators_of_the_extensions_are_found(lower):
    model = load(lower)
    assert [answer.prediction for answer in model.run([("AWFUL", ""), ("Fine", "")])] == ["bad", "good"]
    assert model.facts.needs == ("onnxruntime-extensions",)


def test_a_file_that_needs_the_extensions_says_so_where_they_are_missing(lower, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ServeError, match="needs onnxruntime-extensions, got none; pip install"):
        load(lower)


def test_the_metadata_alone_can_ask_for_the_extensions(tmp_path, build, monkeypatch):
    assert importlib.util.find_spec("onnxruntime_extensions")
    path = build(tmp_path / "model.onnx", needs='["onnxruntime-extensions"]')
    load(path)
    monkeypatch.setattr(module, "string_operators", lambda: "")
    with pytest.raises(ServeError, match="needs onnxruntime-extensions"):
        load(path)


def test_a_model_that_cannot_answer_is_found_at_the_start(tmp_path):
    nodes = [helper.make_node("Cast", ["text"], ["score"], to=TensorProto.FLOAT)]
    graph = helper.make_graph(
        nodes,
        "cast",
        [helper.make_tensor_value_info("text", TensorProto.STRING, ["batch"])],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, ["batch"])],
    )
    file = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    facts = {"format": "1", "name": "n", "version": "0", "task": "regression", "labels": "[]", "pair": "single"}
    helper.set_model_props(file, {f"kerasseq.{key}": value for key, value in facts.items()})
    onnx.save(file, tmp_path / "model.onnx")
    with pytest.raises(ServeError, match="must answer a text, got") as refused:
        load(tmp_path / "model.onnx")
    assert "\n" not in str(refused.value)
