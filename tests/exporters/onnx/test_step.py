"""A language model as a file that is asked step by step."""

import numpy as np
import onnx
import pytest
from kerasseq_runtime import load
from kerasseq_runtime.searches.greedy_search import GreedySearch
from kerasseq_runtime.searches.sampling import Sampling

from kerasseq.config.read import read_experiment
from kerasseq.embeddings.lookup import clear_padding
from kerasseq.experiment import build
from kerasseq.exporters.exporter import Refused, Subject
from kerasseq.exporters.onnx.exporter import OnnxExporter
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
dimension = 6
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


def untrained(folder, encoder="lstm", tokenizer="character", settings="layers = 1", more="", tied="false", units=5):
    (folder / "texts.txt").write_text("قال الولد نعم. The cat sat\non the 🐈 mat. " * 60, encoding="utf-8")
    text = CONFIG.format(encoder=encoder, tokenizer=tokenizer, settings=settings, more=more, tied=tied, units=units)
    (folder / "c.toml").write_text(text, encoding="utf-8")
    trained, prepared = build(read_experiment(folder / "c.toml"))
    for weight in trained.model.weights:  # a bias and a head that say something
        weight.assign(np.random.default_rng(len(weight.path)).normal(0, 0.5, weight.shape).astype(np.float32))
    return trained, prepared


def exported(trained, samples, folder, precision="float32"):
    path = folder / "model.onnx"
    return path, OnnxExporter(precision).export(Subject(trained, RunDirectory(folder), samples), path)


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


def test_a_smaller_precision_is_refused(tmp_path):
    trained, prepared = untrained(tmp_path)
    with pytest.raises(Refused, match="precision must be float32 for a language model of"):
        exported(trained, prepared.samples["test"], tmp_path, "int8")
