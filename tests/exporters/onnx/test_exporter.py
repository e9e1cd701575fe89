import json
import os
import subprocess
import sys

import numpy as np
import onnx.helper
import onnx.numpy_helper
import pytest

from kerasseq import experiment as road
from kerasseq.config.read import read_experiment
from kerasseq.corpus.text import Texts
from kerasseq.exporters.every import export_all, subject_of
from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.onnx.exporter import OnnxExporter
from kerasseq.exporters.onnx.model import build
from kerasseq.exporters.onnx.spec import Onnx
from kerasseq.loading import load
from kerasseq.pipelines.made_texts import HOSTILE
from kerasseq.run_directory import RunDirectory
from kerasseq.runtime import load as load_file

TEXTS = ["خدمة ممتازة", "", "the food was bad " * 5, "a\0b", *HOSTILE]


def subject(run, texts=("خدمة", "bad food", "good"), truth=None):
    directory = RunDirectory(run)
    return subject_of(load(run), directory, Texts(list(texts)), truth, "nobody, 2020")


def trained_run(tiny, folder, *overrides):
    return road.run(read_experiment(tiny(folder), overrides), folder / "runs").directory


def agree(directory, texts, second=()):
    """The file and Keras say the same to each of these texts."""
    ours, theirs = load_file(directory.onnx).predict(texts, second), load(directory.path).predict(texts, second)
    assert list(ours) == list(theirs)
    for name, values in theirs.items():
        if name == "prediction" and isinstance(values[0], str):
            assert ours[name] == values
        else:
            assert ours[name] == pytest.approx(values, abs=2e-5)


def test_a_run_leaves_a_file_that_answers_as_the_model_does(finished):
    agree(RunDirectory(finished), TEXTS)


def test_the_file_says_what_it_is(finished):
    said = load_file(RunDirectory(finished).onnx).metadata
    environment = json.loads(RunDirectory(finished).environment.read_text(encoding="utf-8"))
    assert said["task"] == "classification" and said["labels"] == ["bad", "good", "so-so"]
    assert said["data"] == environment["data"] and said["components"] == environment["components"]
    assert said["needs"] == ["onnxruntime-extensions"] and said["python_steps"] == []
    assert (said["name"], said["pair"], said["precision"], said["format"]) == ("tiny", "single", "float32", "1")


def test_the_report_says_how_it_was_proved(finished):
    page = RunDirectory(finished).report.read_text(encoding="utf-8")
    assert "model.onnx" in page and "equal to the model within" in page


def test_the_graph_holds_a_real_recurrent_node_with_lengths(finished):
    [node] = [n for n in onnx.load(RunDirectory(finished).onnx).graph.node if n.op_type in ("GRU", "LSTM", "RNN")]
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    assert node.op_type == "GRU" and attributes["direction"] == b"bidirectional"
    assert attributes["linear_before_reset"] == 1 and node.input[4]


def test_the_same_run_gives_the_same_file_again(finished, tmp_path):
    path = tmp_path / "again.onnx"
    directory = RunDirectory(finished)
    before = onnx.load(directory.onnx)
    OnnxExporter().export(subject(finished), path)
    after = onnx.load(path)
    assert after.graph.SerializeToString() == before.graph.SerializeToString()


@pytest.mark.once
def test_another_backend_writes_the_same_bytes(finished, tmp_path):
    other = {"torch": "jax", "jax": "torch"}[os.environ["KERAS_BACKEND"]]
    pytest.importorskip(other)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("KERAS_", "KERASSEQ_B"))}
    command = ["export", str(finished), "--backend", other, "--out", str(tmp_path / "other.onnx")]
    call = [sys.executable, "-c", "from kerasseq.commands.main import main; main()", *command]
    done = subprocess.run(call, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "other.onnx").read_bytes() == RunDirectory(finished).onnx.read_bytes()


@pytest.mark.once
def test_a_run_whose_words_are_spelled_answers_words_that_training_lacks(tiny, tmp_path):
    parts = "[{name='learned',dimension=3},{name='subword',dimension=4,layer_norm=true}]"
    directory = trained_run(
        tiny,
        tmp_path,
        f"embedding={{name='concatenate',parts={parts}}}",
        "exporter=[{name='onnx'},{name='torch'}]",
        "evaluation.baselines=false",
        "training.epochs=1",
    )
    assert directory.torch.exists()
    agree(directory, [*TEXTS, "والممتازات لذيذة", "foods goodness qqq", "قق"])
    answers = load(directory.path).predict(["wood", "قق"])  # neither is known; food and good share ood
    numbers = [values for values in answers.values() if isinstance(values[0], float)]
    assert numbers and any(abs(spelled - bare) > 1e-5 for spelled, bare in numbers)


@pytest.mark.once
@pytest.mark.parametrize(("pair", "match", "embedding"), [("join", "none", "learned"), ("esim", "subwords", "subword")])
def test_a_run_on_pairs_with_a_score(tiny, tmp_path, pair, match, embedding):
    directory = trained_run(
        tiny,
        tmp_path,
        'dataset.text_2="topic"',
        'dataset.target="stars"',
        'task.name="regression"',
        "task.range=[0, 10]",
        f'task.pair="{pair}"',
        f'task.match="{match}"',
        f'embedding.name="{embedding}"',
        'encoder.name="lstm"',
        "evaluation.baselines=false",
        'tokenizer.truncation="both"',
    )
    agree(directory, TEXTS, TEXTS[::-1])
    said = load_file(directory.onnx).metadata
    assert said["pair"] == pair and said["range"] == [0, 10] and said["unit"]["deviation"] > 0


def test_what_differs_is_not_written_and_the_first_text_is_named(finished, tmp_path, monkeypatch):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"older")
    target = subject(finished)
    file = build(target)

    def tampered(subject):
        for constant in file.model.graph.initializer:
            values = onnx.numpy_helper.to_array(constant)
            if values.dtype == np.float32 and values.ndim == 2:
                constant.CopyFrom(onnx.numpy_helper.from_array(values * np.float32(1.01), constant.name))
        return file

    monkeypatch.setattr("kerasseq.exporters.onnx.exporter.build", tampered)
    with pytest.raises(
        Refused, match=r"must answer as the model does, \d of 3 texts differ.*'خدمة'.*nothing was written"
    ):
        OnnxExporter().export(target, path)
    assert path.read_bytes() == b"older" and [p.name for p in tmp_path.iterdir()] == ["model.onnx"]


def test_a_file_that_says_another_label_than_its_likeliest_is_not_kept(finished, tmp_path, monkeypatch):
    from kerasseq.exporters.onnx import exporter

    def turned(subject):
        file = build(subject)
        for node in file.model.graph.node:
            if node.op_type == "ArgMax":
                node.op_type = "ArgMin"
        return file

    monkeypatch.setattr(exporter, "build", turned)
    said = r"texts differ.*: the model said [a-z-]+ \(.*\), it said label [a-z-]+, probabilities"
    with pytest.raises(Refused, match=rf"^model\.onnx: must answer as the model does, .* {said}"):
        OnnxExporter().export(subject(finished), tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_run_goes_on_without_a_file_that_is_refused_and_says_so(finished, tmp_path, monkeypatch):
    def refuse(*_):
        raise Refused("model.onnx: must answer as the model does, 1 of 3 texts differ")

    monkeypatch.setattr("kerasseq.exporters.onnx.exporter.prove", refuse)
    directory = RunDirectory(tmp_path)
    directory.onnx.write_bytes(b"of older weights")
    target = subject_of(load(finished), RunDirectory(finished), Texts(["a"]), None, "")
    target = type(target)(target.trained, directory, target.samples)
    said = export_all(target, [Onnx()])
    assert said == {"model.onnx": "not written: model.onnx: must answer as the model does, 1 of 3 texts differ"}
    assert not directory.onnx.exists()


PYTHON_STEP = """
from kerasseq.preprocessors.rules import Preprocessor
from kerasseq.spec import PreprocessorSpec
class Built(Preprocessor):
    def __call__(self, texts):
        return [" ".join(reversed(text.split())) for text in texts]
class Backwards(PreprocessorSpec):
    def build(self):
        return Built()
"""


@pytest.mark.once
def test_a_step_that_is_arbitrary_python_is_named_and_left_to_python(tiny, tmp_path, install, kerasseq_main):
    install("turn", {"preprocessor": ["backwards = turn:Backwards"]}, {"turn.py": PYTHON_STEP})
    toml = tiny(tmp_path)
    text = toml.read_text(encoding="utf-8").replace(
        "[tokenizer]", '[[preprocessor]]\nname = "backwards"\n[[preprocessor]]\nname = "arabic"\n[tokenizer]', 1
    )
    toml.write_text(text, encoding="utf-8")
    directory = road.run(read_experiment(toml), tmp_path / "runs").directory
    model = onnx.load(directory.onnx)
    assert {p.key: p.value for p in model.metadata_props}["kerasseq.python_steps"] == '["backwards"]'
    with pytest.raises(Exception, match="leaves backwards to Python"):
        load_file(directory.onnx)
    result = kerasseq_main("predict", directory.path, "خدمة ممتازة")
    assert result.exit_code == 0 and "Keras answers" in result.stderr


@pytest.mark.once
def test_a_plugin_writes_its_own_step(tiny, tmp_path, install):
    step = PYTHON_STEP.replace("reversed(text.split())", "text.split()") + (
        "    def to_onnx(self, built, graph, *inputs):\n"
        "        from kerasseq.patterns import parse\n"
        '        text = graph.strings.replace(*inputs, parse("[\\t\\n\\r ]+"), " ")\n'
        '        return graph.strings.replace(text, parse("{start} | {end}"), "")\n'
    )
    install("turn", {"preprocessor": ["backwards = turn:Backwards"]}, {"turn.py": step})
    toml = tiny(tmp_path)
    text = toml.read_text(encoding="utf-8").replace(
        "[tokenizer]", '[[preprocessor]]\nname = "backwards"\n[tokenizer]', 1
    )
    toml.write_text(text, encoding="utf-8")
    directory = road.run(read_experiment(toml), tmp_path / "runs").directory
    assert load_file(directory.onnx).metadata["python_steps"] == []
    agree(directory, ["  a  b ", "خدمة\n ممتازة"])


@pytest.mark.once
def test_a_tokenizer_without_a_form_leaves_ids_to_the_file(tiny, tmp_path, monkeypatch):
    from kerasseq.tokenizers.word import Word

    monkeypatch.setattr(Word, "to_onnx", lambda self, built, graph, *inputs: NotImplemented)
    directory = trained_run(tiny, tmp_path)
    model = onnx.load(directory.onnx)
    assert [i.name for i in model.graph.input] == ["tokens"]
    assert {p.key: p.value for p in model.metadata_props}["kerasseq.python_steps"] == '["word"]'


@pytest.mark.once
@pytest.mark.parametrize(("encoder", "said"), [("lstm", "1 LSTM"), ("gru", "1 GRU"), ("simple_rnn", "1 RNN")])
def test_int8_says_what_it_stores_and_what_it_costs(tiny, tmp_path, encoder, said):
    directory = trained_run(tiny, tmp_path, f'encoder.name="{encoder}"', "encoder.units=64", "embedding.dimension=64")
    exporter = OnnxExporter("int8")
    trained = load(directory.path)
    texts, truth = ["خدمة ممتازة", "the food was bad"] * 8, np.array([1, 0] * 8)
    target = subject_of(trained, directory, Texts(texts), truth, "")
    exported = exporter.export(target, exporter.path(directory))
    assert exported.path.name == "model.int8.onnx"
    stored, _, computed = exported.facts["weights"].removeprefix("stored in int8: ").partition("; ")
    assert {*stored.split(", ")} == {"1 Gather", said, "2 MatMul"} and computed == "computed in float32"
    assert {"size", "speed", "accuracy", "f1_macro", "largest change of an answer"} <= set(exported.facts)
    assert exported.path.stat().st_size < 0.6 * directory.onnx.stat().st_size
    file = load_file(exported.path)
    assert file.metadata["precision"] == "int8" and len(file.predict(TEXTS)["prediction"]) == len(TEXTS)


@pytest.mark.once
def test_float16_halves_the_weights_and_changes_answers_little(tiny, tmp_path):
    directory = trained_run(tiny, tmp_path, "encoder.units=64", "embedding.dimension=64")
    exporter = OnnxExporter("float16")
    target = subject_of(load(directory.path), directory, Texts(TEXTS), None, "")
    exported = exporter.export(target, exporter.path(directory))
    assert exported.path.stat().st_size < 0.75 * directory.onnx.stat().st_size
    assert 0 < float(exported.facts["largest change of an answer"]) < 1e-3
    ours, theirs = load_file(exported.path).predict(TEXTS), load_file(directory.onnx).predict(TEXTS)
    assert ours["score"] == pytest.approx(theirs["score"], abs=1e-3)
