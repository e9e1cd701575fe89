"""A language model as a file that is asked step by step."""

import numpy as np
import onnx
import pytest
from keras import ops
from kerasseq_runtime import load
from kerasseq_runtime.searches.greedy_search import GreedySearch
from kerasseq_runtime.searches.sampling import Sampling
from onnxruntime.quantization import QuantType, quantize_dynamic

from kerasseq.config.read import read_experiment
from kerasseq.embeddings.lookup import clear_padding
from kerasseq.experiment import build
from kerasseq.exporters.exporter import Refused, Subject
from kerasseq.exporters.onnx.exporter import OnnxExporter
from kerasseq.exporters.onnx.precision import SMALL
from kerasseq.exporters.onnx.step_proof import prove_steps
from kerasseq.run_directory import RunDirectory

CONFIG = """
name = "step"
exporter = []
{more}
[dataset]
name = "documents"
train = "texts.txt"
[tokenizer]
name = "{tokenizer}"
[embedding]
name = "learned"
dimension = {dimension}
[encoder]
name = "{encoder}"
units = {units}
bidirectional = false
{settings}
[task]
name = "language_model"
bptt = 8
tied = {tied}
"""


def untrained(
    folder, encoder="lstm", tokenizer="character", settings="layers = 1", more="", tied="false", units=5, dimension=6
):
    (folder / "texts.txt").write_text("قال الولد نعم. The cat sat\non the 🐈 mat. " * 60, encoding="utf-8")
    said = {"encoder": encoder, "tokenizer": tokenizer, "settings": settings, "more": more, "tied": tied}
    text = CONFIG.format(**said, units=units, dimension=dimension)
    (folder / "c.toml").write_text(text, encoding="utf-8")
    trained, prepared = build(read_experiment(folder / "c.toml"))
    for weight in trained.model.weights:  # a bias and a head that say something
        weight.assign(np.random.default_rng(len(weight.path)).normal(0, 0.5, weight.shape).astype(np.float32))
    return trained, prepared


def exported(trained, samples, folder, precision="float32", tolerance=1e-5):
    path = folder / "model.onnx"
    return path, OnnxExporter(precision, tolerance).export(Subject(trained, RunDirectory(folder), samples), path)


@pytest.mark.parametrize(
    ("encoder", "tokenizer", "settings", "more"),
    [
        ("lstm", "character", 'layers = 2\nnormalisation = "layer"\nresidual = true', ""),
        ("gru", "word", 'layers = 1\nreset = "before"', '[[preprocessor]]\nname = "casefold"'),
        ("simple_rnn", "subword", 'layers = 1\nactivation = "tanh"', ""),
    ],
)
def test_the_file_writes_what_the_model_writes(tmp_path, encoder, tokenizer, settings, more):
    trained, prepared = untrained(tmp_path, encoder, tokenizer, settings, more)
    path, result = exported(trained, prepared.samples["test"], tmp_path)
    assert "equal to the model within" in result.facts["proof"]
    onnx.checker.check_model(onnx.load(path), full_check=tokenizer != "subword")
    model = load(path)
    prompts = ["The CAT", "", "قال 🐈ξ\0", "the mat. " * 20]
    for search in (Sampling(1.1, 40, 0.95, 0.0, 1.1), GreedySearch()):
        ours = trained.task.writer(trained.model, search).write(prompts, 25, ("nothing", "a"), 3)
        its = model.writer(search).write(prompts, 25, ("nothing", "a"), 3)
        assert [draft.text for [draft] in its] == [draft.text for [draft] in ours]
        apart = [abs(a.log_probability - b.log_probability) for [a], [b] in zip(its, ours, strict=True)]
        assert max(apart) < 1e-3


def test_a_piece_goes_on_where_the_one_before_ended_and_no_rows_are_answered_with_none(tmp_path):
    trained, prepared = untrained(tmp_path)
    path, _ = exported(trained, prepared.samples["test"], tmp_path)
    stepper = load(path).writer(GreedySearch()).stepper
    ids = stepper.text_ids(["The cat sat"])[0]
    whole, _ = stepper.start([ids])
    _, state = stepper.start([ids[:4], ids[:2]])
    pieces, _ = stepper.read([ids[4:]], stepper.take(state, np.array([0])))
    np.testing.assert_allclose(pieces, whole, atol=1e-6)
    none, _ = stepper.start([])
    assert none.shape == (0, stepper.vocabulary_size)


@pytest.mark.parametrize("units", [5, 6])
def test_a_table_that_is_the_softmax_too_is_proved_and_stored_once(tmp_path, units):
    trained, prepared = untrained(tmp_path, tied="true", units=units)
    clear_padding(trained.model.get_layer("embedding"))
    path, result = exported(trained, prepared.samples["test"], tmp_path)
    assert "equal to the model within" in result.facts["proof"]
    size = len(trained.task.pipeline.vocabulary)
    tables = [tuple(each.dims) for each in onnx.load(path).graph.initializer if size in each.dims]
    assert sorted(tables) == [(size,), (size, 6)]
    [[its]] = load(path).writer(GreedySearch()).write(["The cat"], 20)
    [[ours]] = trained.task.writer(trained.model, GreedySearch()).write(["The cat"], 20)
    assert its.text == ours.text


def test_a_file_that_says_something_else_is_not_kept(tmp_path, monkeypatch):
    trained, prepared = untrained(tmp_path)
    from kerasseq.exporters.onnx import step

    kept = step.build_step

    def other(subject):
        file = kept(subject)
        head = trained.model.get_layer("next_token").bias
        head.assign(np.asarray(head) + np.linspace(0, 0.1, head.shape[0], dtype=np.float32))
        return file

    monkeypatch.setattr(step, "build_step", other)
    with pytest.raises(Refused, match="must say what the model says"):
        exported(trained, prepared.samples["test"], tmp_path)
    assert not (tmp_path / "model.onnx").exists()


def test_what_lies_within_the_default_is_refused_within_less(tmp_path):
    trained, prepared = untrained(tmp_path)
    with pytest.raises(Refused, match="must say what the model says"):
        exported(trained, prepared.samples["test"], tmp_path, tolerance=1e-14)


SMALLER = [("int8", "lstm", "false", 16), ("int8", "gru", "true", 24), ("float16", "lstm", "true", 16)]


@pytest.mark.parametrize(("precision", "encoder", "tied", "dimension"), SMALLER)
def test_a_smaller_file_writes_and_says_what_it_changes(kerasseq_main, tmp_path, precision, encoder, tied, dimension):
    trained, prepared = untrained(tmp_path, encoder, tied=tied, units=24, dimension=dimension)
    clear_padding(trained.model.get_layer("embedding"))
    whole, _ = exported(trained, prepared.samples["test"], tmp_path)
    size = whole.stat().st_size
    path, result = exported(trained, prepared.samples["test"], tmp_path, precision)
    assert path.stat().st_size < (0.6 if precision == "int8" else 0.7) * size
    assert result.facts["proof"].startswith("in float32 equal to the model within")
    assert result.facts["neighbours"].startswith("the same alone and beside others within")
    change = float(result.facts["largest change of an answer"].partition(",")[0])
    assert 0 < change < (0.1 if precision == "int8" else 0.01)
    assert "tokens/s, float32" in result.facts["speed"] and ", float32 " in result.facts["perplexity"]
    model = load(path)
    assert model.metadata["precision"] == precision
    drafts = [draft for [draft] in model.generate(["The cat", ""], 25, temperature=0.9, seed=1)]
    assert all(draft.tokens for draft in drafts)
    assert drafts[0] == model.generate(["The cat"], 25, temperature=0.9, seed=1)[0][0]
    asked = kerasseq_main("generate", path, "The cat", "--max-length", 25, "--temperature", 0.9, "--seed", 1)
    assert asked.exit_code == 0 and drafts[0].text.split("\n")[0] in asked.stdout


@pytest.mark.parametrize("tied", ["false", "true"])
def test_a_smaller_file_says_what_the_model_of_rounded_weights_says(tmp_path, tied):
    trained, prepared = untrained(tmp_path, "gru", tied=tied, units=24, dimension=24)
    clear_padding(trained.model.get_layer("embedding"))
    path, _ = exported(trained, prepared.samples["test"], tmp_path, "int8")
    stepper = load(path).writer(GreedySearch()).stepper
    with pytest.raises(Refused, match="must say what the model says"):
        prove_steps("model.onnx", trained, prepared.samples["test"], stepper)
    for weight in trained.model.weights:
        values = ops.convert_to_numpy(weight).astype(np.float64)
        if values.ndim == 2 and values.size >= SMALL:
            axis = 1 if "embeddings" in weight.path else 0
            step = np.maximum(np.abs(values).max(axis=axis, keepdims=True), 1e-30) / 127
            weight.assign((np.rint(values / step) * step).astype(np.float32))
    assert prove_steps("model.onnx", trained, prepared.samples["test"], stepper).largest < 1e-5


def test_a_smaller_file_whose_states_hang_on_their_neighbours_is_refused(tmp_path, monkeypatch):
    trained, prepared = untrained(tmp_path, units=24, dimension=16)

    def dynamic(precision, path, target):
        quantize_dynamic(path, target, ["LSTM", "MatMul"], weight_type=QuantType.QInt8)
        return {"weights": "in int8"}

    monkeypatch.setattr("kerasseq.exporters.onnx.precision.smaller", dynamic)
    with pytest.raises(Refused, match=r"must say the same alone and beside others, token \d+ of .* differs by"):
        exported(trained, prepared.samples["test"], tmp_path, "int8")
    assert not (tmp_path / "model.onnx").exists()
