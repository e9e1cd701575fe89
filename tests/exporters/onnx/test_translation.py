"""A translation as one file: texts in, texts out by its loop, and its steps for a beam."""

from types import SimpleNamespace

import numpy as np
import onnx
import onnx.helper
import pyarrow as pa
import pytest
from kerasseq_runtime import load
from kerasseq_runtime.errors import RunError, UsageError
from kerasseq_runtime.searches.beam_search import BeamSearch
from kerasseq_runtime.searches.greedy_search import GreedySearch
from kerasseq_runtime.session import open_session

from kerasseq.config.read import read_experiment
from kerasseq.experiment import build
from kerasseq.exporters.exporter import Refused, Subject
from kerasseq.exporters.onnx import translation as writing
from kerasseq.exporters.onnx.exporter import OnnxExporter
from kerasseq.exporters.onnx.sealing import sealed_bytes
from kerasseq.run_directory import RunDirectory
from kerasseq.tasks.translating import Translating

CONFIG = """
name = "translation"
exporter = []
{more}
[dataset]
name = "dates"
rows = 50
[tokenizer]
name = "{tokenizer}"
[embedding]
name = "learned"
dimension = {dimension}
[encoder]
name = "{encoder}"
units = {units}
layers = 1
[decoder]
name = "{decoder}"
units = {written}
{settings}
[task]
name = "translation"
max_length = 9
[search]
name = "beam"
width = 3
"""


def untrained(folder, tokenizer="character", encoder="gru", decoder="gru", settings="", more="", sizes=(6, 4, 7)):
    said = {"tokenizer": tokenizer, "encoder": encoder, "decoder": decoder, "settings": settings, "more": more}
    text = CONFIG.format(**said, **dict(zip(("dimension", "units", "written"), sizes, strict=True)))
    (folder / "c.toml").write_text(text, encoding="utf-8")
    trained, prepared = build(read_experiment(folder / "c.toml"))
    for weight in trained.model.weights:  # a bias and a head that say something
        weight.assign(np.random.default_rng(len(weight.path)).normal(0, 0.5, weight.shape).astype(np.float32))
    return trained, prepared.samples["test"]


def exported(trained, samples, folder, precision="float32", tolerance=1e-5, truth=None):
    path = folder / "model.onnx"
    subject = Subject(trained, RunDirectory(folder), samples, truth)
    return path, OnnxExporter(precision, tolerance).export(subject, path)


def by_keras(trained, samples, search):
    pipeline = trained.task.pipeline
    examples = trained.task.examples(pipeline.encode(samples)[0])
    found = Translating(trained.model, pipeline, search).write(examples, 64)
    return [pipeline.written(ids.tolist()) for ids in found["ids"]]


@pytest.mark.parametrize(
    ("tokenizer", "encoder", "decoder", "settings", "more"),
    [
        ("character", "gru", "gru", "", '[[preprocessor]]\nname = "casefold"'),
        ("subword", "lstm", "lstm", 'attention = "bahdanau"\nlayers = 2', ""),
        ("word", "gru", "lstm", "input_feeding = true", ""),
        ("character", "lstm", "gru", 'attention = "none"', ""),
    ],
    ids=["general", "bahdanau", "input_feeding", "none"],
)
def test_the_file_writes_what_the_model_writes(tmp_path, tokenizer, encoder, decoder, settings, more):
    trained, samples = untrained(tmp_path, tokenizer, encoder, decoder, settings, more)
    path, result = exported(trained, samples, tmp_path)
    assert "equal to the model within" in result.facts["proof"]
    onnx.checker.check_model(onnx.load(path), full_check=tokenizer != "subword")
    model = load(path)
    assert (model.takes, model.translates, model.writes) == ("text", True, False)
    texts = [*samples.first[:], "", "ξ\0 12", "may " * 300]
    asked = trained.task.pipeline.given(texts)
    assert model.predict(texts)["prediction"] == by_keras(trained, asked, BeamSearch(3))
    assert [draft.text for [draft] in model.translate(texts, greedy=True)] == by_keras(trained, asked, GreedySearch())
    several = model.translate(texts[:2], beam=4, n_best=2)
    assert [len(each) for each in several] == [2, 2]
    assert several[0][0].log_probability >= several[0][1].log_probability - 5
    assert model.predict([]) == {"prediction": [], "score": []}


def test_plain_onnxruntime_needs_the_texts_alone(tmp_path):
    trained, samples = untrained(tmp_path)
    path, _ = exported(trained, samples, tmp_path)
    session = open_session(path)
    assert [tensor.name for tensor in session.get_inputs()] == ["text"]
    ids, score = session.run(["ids", "score"], {"text": np.array(samples.first[:], dtype=object)})
    spelled = [trained.task.pipeline.written([i for i in row.tolist() if i]) for row in ids]
    assert spelled == by_keras(trained, samples, GreedySearch())
    assert (score < 0).all() and score.shape == (len(samples),)


def test_encoding_is_counted_and_scores_are_log_probabilities_a_token(tmp_path):
    trained, samples = untrained(tmp_path)
    path, _ = exported(trained, samples, tmp_path)
    answers, counts = load(path).answer(["may", "x" * 2000])
    assert counts["tokens"].tolist()[0] == 3 and counts["truncated"].tolist()[1] > 0
    wanted = trained.answer(trained.task.pipeline.given(["may", "x" * 2000])).predictions.arrays()
    assert answers["score"] == pytest.approx(wanted["score"].tolist(), abs=1e-4)


def test_a_file_that_says_something_else_is_refused_and_nothing_is_written(tmp_path, monkeypatch):
    trained, samples = untrained(tmp_path)
    path = tmp_path / "model.onnx"
    step = writing.step_model

    def wrong(model):
        found, head = step(model)
        return found, SimpleNamespace(kernel=head.kernel, bias=np.array(head.bias) + 0.01 * np.arange(head.vocabulary))

    monkeypatch.setattr(writing, "step_model", wrong)
    with pytest.raises(Refused, match=r"must say what the model says, token \d+ about .* differs by"):
        exported(trained, samples, tmp_path)
    assert not path.exists()


LARGER = (24, 16, 32)


@pytest.mark.parametrize(
    ("precision", "decoder", "settings"),
    [("int8", "gru", ""), ("int8", "lstm", "input_feeding = true"), ("float16", "lstm", 'attention = "bahdanau"')],
)
def test_a_smaller_file_translates_and_says_what_it_changes(tmp_path, precision, decoder, settings):
    trained, samples = untrained(tmp_path, "character", "lstm", decoder, settings, sizes=LARGER)
    whole, _ = exported(trained, samples, tmp_path)
    size = whole.stat().st_size
    truth = trained.task.targets(pa.table({"text": samples.first[:], "target": samples.references[:]}))
    path, result = exported(trained, samples, tmp_path, precision, truth=truth)
    assert path.stat().st_size < (0.6 if precision == "int8" else 0.7) * size
    assert result.facts["proof"].startswith("in float32 equal to the model within")
    assert result.facts["neighbours"].startswith("the same alone and beside others within")
    change = float(result.facts["largest change of an answer"].partition(",")[0])
    assert 0 < change < (0.2 if precision == "int8" else 0.02)
    assert {"size", "speed", "bleu", "chrf"} <= set(result.facts)
    model = load(path)
    assert model.metadata["precision"] == precision
    texts = [*samples.first[:5], ""]
    together = model.predict(texts)
    assert any(together["prediction"]) and together["prediction"][5] == ""
    for row, text in enumerate(texts):
        assert model.predict([text])["score"][0] == pytest.approx(together["score"][row], abs=1e-5)


def test_a_smaller_file_whose_steps_hang_on_their_neighbours_is_refused(tmp_path, monkeypatch):
    trained, samples = untrained(tmp_path, encoder="lstm", sizes=LARGER)

    def by_the_largest_of_all(precision, path, target):
        model = onnx.load(path)
        [output] = [node for node in model.graph.node if "logits" in node.output]
        largest = onnx.helper.make_node("ReduceMax", [output.input[0]], ["largest"], keepdims=0)
        scaled = onnx.helper.make_node("Div", [output.input[0], "largest"], ["logits"])
        nodes = [node for node in model.graph.node if "logits" not in node.output]
        del model.graph.node[:]
        model.graph.node.extend([*nodes, largest, scaled])
        target.write_bytes(sealed_bytes(model))
        return {"weights": "with one scale for all rows"}

    monkeypatch.setattr("kerasseq.exporters.onnx.precision.smaller", by_the_largest_of_all)
    with pytest.raises(Refused, match=r"must say the same alone and beside others, token \d+ about .* differs by"):
        exported(trained, samples, tmp_path, "int8")
    assert not (tmp_path / "model.onnx").exists()


def test_what_lies_within_the_default_is_refused_within_less(tmp_path):
    trained, samples = untrained(tmp_path)
    with pytest.raises(Refused, match="must say what the model says"):
        exported(trained, samples, tmp_path, tolerance=1e-14)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"n_best": 2}, "n_best: must be 1 without a beam, got 2"),
        ({"beam": 2, "n_best": 3}, "n_best: must be at most the width 2, got 3"),
        ({"beam": 2, "greedy": True}, "beam: searches and does not draw"),
        ({"beam": 999}, "search.width: must be at most the .* tokens that may be written, got 999"),
    ],
)
def test_what_cannot_be_asked_is_said(model, asked, said):
    with pytest.raises(UsageError, match=said):
        model.translate(["a"], **asked)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("file")
    trained, samples = untrained(folder)
    return load(exported(trained, samples, folder)[0])


def test_a_file_without_what_it_says_of_its_steps_is_refused(tmp_path):
    trained, samples = untrained(tmp_path)
    path, _ = exported(trained, samples, tmp_path)
    file = onnx.load(path)
    for said in file.metadata_props:
        if said.key == "kerasseq.decoder":
            said.value = said.value.replace("state_1_h", "state_9_h")
    path.write_bytes(sealed_bytes(file))
    with pytest.raises(RunError, match="must have the inputs .* lacks state_9_h"):
        load(path)


def test_the_service_answers_with_texts(model):
    service = pytest.importorskip("kerasseq_serve.model")
    served = service.load(model.path)
    [answer] = served.run([("may", "")])
    assert answer.prediction == model.predict(["may"])["prediction"][0]
    assert served.facts.columns == {"prediction": str, "score": float}
    assert not served.facts.weighs and not served.facts.writes
