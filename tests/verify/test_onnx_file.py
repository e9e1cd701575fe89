import json
import subprocess
import sys

import numpy as np
import pytest
from onnx import TensorProto, checker, helper, save

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.examples import Examples
from kerasseq.errors import RunError, UsageError
from kerasseq.verify.onnx_file import OnnxFile
from kerasseq.verify.sample import Sample

KNOWN = {"خدمة": 1.5, "bad": -2.0, "": 0.25}


def write(path, labels=(), **facts):
    """A file that knows some texts by heart: their score, or the class of their sign."""
    lookup = {"keys_strings": list(KNOWN), "domain": "ai.onnx.ml"}
    nodes = [
        helper.make_node(
            "LabelEncoder", ["text"], ["score"], values_floats=list(KNOWN.values()), default_float=9.0, **lookup
        )
    ]
    outputs = [helper.make_tensor_value_info("score", TensorProto.FLOAT, ["batch"])]
    if labels:
        named = [labels[int(score > 0)] for score in KNOWN.values()]
        nodes.append(
            helper.make_node("LabelEncoder", ["text"], ["label"], values_strings=named, default_string="?", **lookup)
        )
        nodes.append(helper.make_node("Constant", [], ["axis"], value_ints=[1]))
        nodes.append(helper.make_node("Unsqueeze", ["score", "axis"], ["column"]))
        nodes.append(helper.make_node("Sigmoid", ["column"], ["positive"]))
        nodes.append(helper.make_node("Constant", [], ["one"], value_float=1.0))
        nodes.append(helper.make_node("Sub", ["one", "positive"], ["negative"]))
        nodes.append(helper.make_node("Concat", ["negative", "positive"], ["probabilities"], axis=1))
        outputs = [
            helper.make_tensor_value_info("label", TensorProto.STRING, ["batch"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 2]),
        ]
    text = helper.make_tensor_value_info("text", TensorProto.STRING, ["batch"])
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 4)]
    model = helper.make_model(helper.make_graph(nodes, "known", [text], outputs), opset_imports=opsets, ir_version=9)
    facts = {
        "format": "1",
        "name": "known",
        "version": "0.1.0",
        "task": "classification" if labels else "regression",
        "pair": "single",
        "range": [],
        "unit": {},
        "needs": [],
        "python_steps": [],
        "components": {},
        "data": {},
    } | facts
    facts["labels"] = list(labels)
    said = {f"kerasseq.{k}": v if isinstance(v, str) else json.dumps(v) for k, v in facts.items()}
    helper.set_model_props(model, said)
    checker.check_model(model)
    save(model, path)
    return path


def sample(labels=(), texts=None):
    texts = texts or [list(KNOWN)[i % 3] for i in range(20)]
    rows = Examples({"tokens": Ragged.from_lists([[]] * len(texts))}, np.zeros(len(texts)))
    axes = {"label": ["batch"], "probabilities": ["batch", 2]} if labels else {"score": ["batch"]}
    order = np.random.default_rng(0).permutation(len(texts))
    return Sample(rows, rows, order, {"text": np.array(texts, dtype=object)}, axes, labels=list(labels))


def test_a_score_is_asked_for_in_three_ways(tmp_path):
    found = OnnxFile(write(tmp_path / "model.onnx")).answers(sample())
    assert set(found) == {f"{way}/{name}" for way in ("right", "alone", "reordered") for name in ("score", "covered")}
    for way in ("right", "alone", "reordered"):
        np.testing.assert_array_equal(found[f"{way}/score"], [list(KNOWN.values())[i % 3] for i in range(20)])


def test_classes_are_names_and_a_strange_one_too(tmp_path):
    file = OnnxFile(write(tmp_path / "model.onnx", ["لا", "yes"]))
    found = file.answers(sample(["لا", "yes"]))
    assert found["reordered/label"].tolist() == [["yes", "لا", "yes"][i % 3] for i in range(20)]
    assert found["alone/probabilities"].shape == (20, 2)
    assert file.precision == "float32"
    assert file.answers(sample(["لا", "yes"], ["x"]))["right/label"].tolist() == ["?"]


def test_a_file_of_other_classes_or_none_is_refused(tmp_path):
    file = OnnxFile(write(tmp_path / "model.onnx", ["no", "yes"]))
    with pytest.raises(
        RunError, match=r"model.onnx: must be of the model beside it, with 0 classes, got one with no, yes"
    ):
        file.answers(sample())


def test_a_file_that_leaves_steps_to_python_is_refused(tmp_path):
    path = write(tmp_path / "model.onnx", python_steps=["lemmas"], precision="int8")
    with pytest.raises(UsageError, match="must read texts as they are, got one that leaves lemmas to Python"):
        OnnxFile(path)


def test_what_is_no_model_is_one_line(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"\x00damage")
    with pytest.raises(RunError, match=r"^[^\n]*model.onnx: must be a whole ONNX file, got [^\n]*$"):
        OnnxFile(tmp_path / "model.onnx")


def test_a_file_is_opened_without_torch_and_keras(tmp_path):
    path = write(tmp_path / "model.onnx")
    program = (
        "import sys; from pathlib import Path; from kerasseq.verify.onnx_file import OnnxFile; "
        f"OnnxFile(Path({str(path)!r})); print([name for name in ('torch', 'keras') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "[]\n"
