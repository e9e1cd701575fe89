import pytest

from kerasseq.run_directory import RunDirectory
from kerasseq.verify import backends
from kerasseq.verify.backends import NAMES, absent, chosen, reference


@pytest.mark.parametrize(
    ("option", "names"),
    [("torch,jax,onnx", ["torch", "jax", "onnx"]), (" jax ", ["jax"]), ("onnx,jax", ["onnx", "jax"])],
)
def test_names_stand_between_commas(option, names):
    assert chosen(option) == (names, [])


def test_everything_wrong_with_the_names_is_said_at_once():
    _, problems = chosen("torch,onx,torch,theano,,")
    assert problems == [
        "--backends: must name each once, got torch 2 times",
        "--backends: must name each once, got  2 times",
        '--backends: must be some of torch, jax, tensorflow, onnx, got "onx"; did you mean "onnx"?',
        '--backends: must be some of torch, jax, tensorflow, onnx, got "theano"',
        '--backends: must be some of torch, jax, tensorflow, onnx, got ""',
    ]


def test_a_file_alone_has_nobody_to_be_compared_with():
    assert chosen("onnx")[1] == [
        "--backends: must name one to compare onnx with, got onnx alone; --backends torch,onnx"
    ]


def test_what_is_missing_is_said_with_how_to_get_it(tmp_path, monkeypatch):
    run = RunDirectory(tmp_path)
    said = absent("onnx", run)
    assert said == f"onnx: must have {tmp_path}/model.onnx, got none; kerasseq export {tmp_path} --to onnx"
    run.onnx.touch()
    monkeypatch.setattr(backends, "find_spec", lambda name: None)
    assert [absent(name, run).partition("; ")[2] for name in NAMES] == [
        "pip install torch",
        "pip install jax",
        "pip install tensorflow",
        "pip install onnxruntime",
    ]
    monkeypatch.setattr(backends, "find_spec", lambda name: name)
    assert [absent(name, run) for name in NAMES] == ["", "", "", ""]


@pytest.mark.parametrize(
    ("names", "first"), [(["jax", "torch"], "torch"), (["onnx", "jax"], "jax"), (["tensorflow", "jax"], "tensorflow")]
)
def test_the_others_are_compared_with_torch_or_the_first(names, first):
    assert reference(names) == first
