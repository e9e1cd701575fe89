"""Weights in fewer bits: what they are rounded to, what stays small in memory, answers that hang on no neighbour."""

# B batch, T time, V rows of a table, D numbers of one, U units, K outputs

import numpy as np
import onnx
import onnx.numpy_helper
import onnxruntime as ort
import pytest
from keras import ops

from kerasseq import experiment as road
from kerasseq.config.read import read_experiment
from kerasseq.corpus.text import Texts
from kerasseq.exporters.every import subject_of
from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.onnx import precision as storing
from kerasseq.exporters.onnx.exporter import OnnxExporter, answers, unproved
from kerasseq.exporters.onnx.precision import smaller
from kerasseq.exporters.onnx.sealing import sealed_bytes
from kerasseq.exporters.proof import prove
from kerasseq.loading import load
from kerasseq.onnx_graph.graph import Graph
from kerasseq.pipelines.made_texts import HOSTILE
from kerasseq.run_directory import RunDirectory
from kerasseq.runtime import load as load_file

V, D, U, K = 40, 12, 16, 20
TEXTS = ["خدمة ممتازة", "", "the food was bad " * 5, "good", "رديئة bad 😀", *HOSTILE]


def drawn(*shape, seed=0):
    """Weights whose rows and columns are of very different sizes."""
    random = np.random.default_rng(seed)
    sizes = np.multiply.outer(np.geomspace(0.01, 1, shape[-2]), np.geomspace(0.1, 1, shape[-1]))
    return (random.normal(size=shape) * sizes).astype(np.float32)


def written(graph, folder, precision):
    """The file of a graph, and the smaller one."""
    whole, small = folder / "whole.onnx", folder / "small.onnx"
    whole.write_bytes(sealed_bytes(graph.model({"kerasseq.precision": "float32"})))
    return smaller(precision, whole, small)["weights"], whole, small


def constants(path):
    return {each.name: onnx.numpy_helper.to_array(each) for each in onnx.load(path).graph.initializer}


def computed(path, outputs, **feeds):
    return ort.InferenceSession(path).run(outputs, feeds)


def rounded(weights, axis):
    """Each number to the nearest of 255 steps between minus and plus the largest along an axis; in float64."""
    weights = np.asarray(weights, dtype=np.float64)
    step = np.maximum(np.abs(weights).max(axis=axis, keepdims=True), 1e-30) / 127
    return np.rint(weights / step) * step


def network(rows=V, width=D):
    """A table, an LSTM, products with its last state and with the table."""
    graph = Graph()
    ids = graph.input("ids", "int64", ["batch", "time"])
    table = graph.weights(drawn(rows, width, seed=1))
    vectors = graph.node("Gather", table, ids, axis=0)
    layer = (drawn(1, 4 * U, width, seed=2), drawn(1, 4 * U, U, seed=3), drawn(1, 8 * U, seed=4))
    steps = graph.node("Transpose", vectors, perm=[1, 0, 2])
    _, state, _ = graph.nodes("LSTM", steps, *map(graph.weights, layer), outputs=3, hidden_size=U)
    last = graph.node("Squeeze", state, graph.constant([0], np.int64))
    product = graph.node("MatMul", last, graph.weights(drawn(U, K, seed=5)))
    graph.output("vectors", "float32", ["batch", "time", width], vectors)
    graph.output("product", "float32", ["batch", K], product)
    graph.output("alike", "float32", ["batch", rows], graph.node("Gemm", vectors_of(graph, vectors), table, transB=1))
    return graph


def vectors_of(graph, vectors):
    """Of the first step, `(B, D)`."""
    return graph.node("Gather", vectors, graph.constant(np.int64(0)), axis=1)


IDS = np.array([[3, 0, 39], [7, 7, 1]])


@pytest.mark.once
def test_a_number_is_a_half_of_a_step_of_its_row_away_at_most(tmp_path):
    said, whole, small = written(network(), tmp_path, "int8")
    assert said == "stored in int8: 1 Gather, 1 Gemm, 1 LSTM, 1 MatMul; computed in float32"
    table = rounded(drawn(V, D, seed=1), 1)
    [vectors, alike] = computed(small, ["vectors", "alike"], ids=IDS)
    np.testing.assert_allclose(vectors, table[IDS], rtol=1e-6)
    np.testing.assert_allclose(alike, table[IDS[:, 0]] @ table.T, rtol=1e-4, atol=1e-6)
    kept = constants(small)
    [cells] = [v for name, v in kept.items() if name.endswith("numbers") and v.shape == (1, 4 * U, D)]
    assert cells.dtype == np.int8 and np.abs(cells).max(axis=2).min() == 127  # of each unit of a gate
    [kernel] = [name.removesuffix("_numbers") for name, v in kept.items() if v.shape == (U, K)]
    back = kept[f"{kernel}_numbers"] * kept[f"{kernel}_scales"].astype(np.float64)
    np.testing.assert_allclose(back, rounded(drawn(U, K, seed=5), 0), rtol=1e-6)  # of each output


@pytest.mark.once
def test_a_file_of_8_bits_computes_what_one_of_the_rounded_weights_does(tmp_path):
    _, whole, small = written(network(), tmp_path, "int8")
    model = onnx.load(whole)
    axes = {(V, D): 1, (1, 4 * U, D): 2, (1, 4 * U, U): 2, (U, K): 0}
    for constant in model.graph.initializer:
        weights = onnx.numpy_helper.to_array(constant)
        if weights.shape in axes:
            near = rounded(weights, axes[weights.shape]).astype(np.float32)
            constant.CopyFrom(onnx.numpy_helper.from_array(near, constant.name))
    onnx.save(model, tmp_path / "rounded.onnx")
    names = ["vectors", "product", "alike"]
    pairs = zip(computed(small, names, ids=IDS), computed(tmp_path / "rounded.onnx", names, ids=IDS), strict=True)
    for got, wanted in pairs:
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.once
@pytest.mark.parametrize(("precision", "kind"), [("int8", np.int8), ("float16", np.float16)])
def test_a_table_stays_small_in_memory_and_the_weights_of_layers_become_float32_once(tmp_path, precision, kind):
    _, _, small = written(network(), tmp_path, precision)
    options = ort.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "session.onnx")
    options.log_severity_level = 3  # that such a file is of this machine is known
    ort.InferenceSession(small, options)
    graph = onnx.load(tmp_path / "session.onnx").graph
    kept = {each.name: onnx.numpy_helper.to_array(each) for each in graph.initializer}
    [lstm] = [node for node in graph.node if node.op_type == "LSTM"]
    assert [kept[name].dtype for name in lstm.input[1:3]] == [np.float32, np.float32]
    [product] = [node for node in graph.node if node.op_type == "MatMul"]
    assert kept[product.input[1]].dtype == np.float32
    picks = [node for node in graph.node if node.op_type == "Gather" and node.input[1] == "ids"]
    assert np.dtype(kind) in {kept[node.input[0]].dtype for node in picks}
    assert {kept[node.input[0]].dtype for node in picks} <= {np.dtype(kind), np.dtype(np.float32)}
    assert all(kept[node.input[0]].shape == (V, 1) for node in picks if kept[node.input[0]].dtype == np.float32)
    computed_at_a_call = [node for node in graph.node if node.op_type in ("Cast", "Mul", "DequantizeLinear")]
    assert computed_at_a_call and all(not {*node.input} <= set(kept) for node in computed_at_a_call)


@pytest.mark.once
def test_few_numbers_to_a_scale_are_float16_and_what_is_no_weight_stays(tmp_path):
    graph = Graph()
    ids = graph.input("ids", "int64", ["batch"])
    narrow, single = drawn(100, 4), np.linspace(-3, 3, 300, dtype=np.float32)
    usual = np.ones((1, 300), np.float32)
    given = graph.optional("given", "float32", ["batch", 300], usual)
    graph.output("narrow", "float32", ["batch", 4], graph.node("Gather", graph.weights(narrow), ids, axis=0))
    graph.output("single", "float32", ["batch"], graph.node("Gather", graph.weights(single), ids))
    graph.output("added", "float32", ["batch", 300], graph.node("Add", given, graph.constant(single * 1e5)))
    said, _, small = written(graph, tmp_path, "int8")
    assert said == "stored in float16: 2 Gather; computed in float32"
    got = computed(small, ["narrow", "single", "added"], ids=np.array([2, 99]))
    np.testing.assert_array_equal(got[0], narrow[[2, 99]].astype(np.float16).astype(np.float32))
    np.testing.assert_array_equal(got[1], single[[2, 99]].astype(np.float16).astype(np.float32))
    np.testing.assert_array_equal(got[2], usual + single * np.float32(1e5))
    said, _, small = written(graph, tmp_path, "float16")  # numbers beyond those of float16 stay
    assert said == "stored in float16: 2 Gather; computed in float32"
    assert constants(small)["given"].dtype == np.float32


@pytest.mark.once
def test_products_by_letters_and_windows_have_a_scale_for_each_output(tmp_path):
    graph = Graph()
    x = graph.input("x", "float32", ["batch", "time", 24])
    letters, window = drawn(24, 3, 10), np.moveaxis(drawn(9, 24, 16), 2, 0)
    graph.output(
        "letters",
        "float32",
        ["batch", "time", 3, 10],
        graph.node("Einsum", x, graph.weights(letters), equation="abc,cde->abde"),
    )
    turned = graph.node("Transpose", x, perm=[0, 2, 1])
    kernel = np.moveaxis(window, 1, 2)  # (16, 24, 9)
    graph.output("window", "float32", ["batch", 16, "places"], graph.node("Conv", turned, graph.weights(kernel)))
    said, _, small = written(graph, tmp_path, "int8")
    assert said == "stored in int8: 1 Conv, 1 Einsum; computed in float32"
    x = np.random.default_rng(9).normal(size=(2, 9, 24)).astype(np.float32)
    by_letters, by_window = computed(small, ["letters", "window"], x=x)
    np.testing.assert_allclose(by_letters, np.einsum("abc,cde->abde", x, rounded(letters, 0)), rtol=1e-4, atol=1e-5)
    wanted = np.einsum("btd,kdt->bk", x, rounded(kernel.reshape(16, -1), 1).reshape(kernel.shape))
    np.testing.assert_allclose(by_window[..., 0], wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.once
def test_weights_that_a_loop_reads_are_stored_too(tmp_path):
    graph = Graph()
    ids = graph.input("ids", "int64", ["time", "batch"])
    state = graph.input("state", "float32", ["batch", U])
    table, kernel = drawn(V, U), drawn(U, U)

    def body(before, now):
        x = graph.node("Gather", graph.weights(table), now, axis=0)
        after = graph.node("Tanh", graph.node("Add", x, graph.node("MatMul", before, graph.weights(kernel))))
        return [after], [after]

    end, _ = graph.scan([state], [ids], body)
    graph.output("end", "float32", ["batch", U], end)
    said, _, small = written(graph, tmp_path, "int8")
    assert said == "stored in int8: 1 Gather, 1 MatMul; computed in float32"
    assert {v.dtype for v in constants(small).values() if v.size >= U * U} == {np.dtype(np.int8)}
    wanted = np.ones((2, U))
    for now in IDS.T:
        wanted = np.tanh(rounded(table, 1)[now] + wanted @ rounded(kernel, 0))
    [got] = computed(small, ["end"], ids=IDS.T, state=np.ones((2, U), np.float32))
    np.testing.assert_allclose(got, wanted, atol=1e-5)


# === Runs ===

LARGE = ["encoder.units=32", "embedding.dimension=24", "pooler.units=16", "evaluation.baselines=false", "exporter=[]"]
KINDS = {
    "lstm": ['encoder.name="lstm"', "encoder.bidirectional=true"],
    "gru": ['encoder.name="gru"', "encoder.layers=2"],
    "wide": ['wide={name="ngrams"}', 'dataset.target="author"'],
}
"""The last has nine classes: more than few lines are one product with all n-grams."""


@pytest.fixture(scope="module", params=KINDS)
def subject(request, tiny, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    experiment = read_experiment(tiny(folder), [*LARGE, *KINDS[request.param]])
    directory = road.run(experiment, folder / "runs").directory
    trained = load(directory.path)
    return subject_of(trained, RunDirectory(directory.path), trained.task.pipeline.given(TEXTS), None, "")


@pytest.mark.once
@pytest.mark.parametrize("precision", ["int8", "float16"])
def test_an_answer_is_the_same_alone_and_beside_others(subject, tmp_path, precision):
    exported = OnnxExporter(precision).export(subject, tmp_path / "small.onnx")
    assert exported.facts["neighbours"].startswith("the same alone and beside others within ")
    assert f"stored in {precision}" in exported.facts["weights"]
    ask = answers(unproved(subject), subject.trained, exported.path, "small.onnx")
    together = ask(subject.samples)["probabilities"]
    for row in range(len(TEXTS)):
        alone = ask(subject.samples.take([row]))["probabilities"][0]
        np.testing.assert_allclose(alone, together[row], rtol=0, atol=1e-6)
    beside = ask(Texts(["good", "bad " * 200]))["probabilities"][0]
    np.testing.assert_allclose(beside, together[TEXTS.index("good")], rtol=0, atol=1e-6)


@pytest.mark.once
def test_a_file_whose_answers_hang_on_their_neighbours_is_refused(subject, tmp_path, monkeypatch):
    from onnxruntime.quantization import QuantType, quantize_dynamic

    def dynamic(precision, path, target):
        extra = {"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT}
        quantize_dynamic(path, target, ["LSTM", "MatMul"], weight_type=QuantType.QInt8, extra_options=extra)
        return {"weights": "in int8"}

    monkeypatch.setattr(storing, "smaller", dynamic)
    path = tmp_path / "small.onnx"
    with pytest.raises(Refused, match=r"^small\.onnx: must answer a text alone as beside others, '.*' differs by"):
        OnnxExporter("int8").export(subject, path)
    assert not path.exists()


@pytest.mark.once
@pytest.mark.parametrize("subject", ["lstm", "gru"], indirect=True)
def test_a_file_of_8_bits_answers_as_the_model_of_rounded_weights_does(subject, tmp_path):
    path = OnnxExporter("int8").export(subject, tmp_path / "small.onnx").path
    trained = load(subject.directory.path)
    for weight in trained.model.weights:
        values = ops.convert_to_numpy(weight)
        if values.ndim == 2 and values.size >= storing.SMALL:
            axis = 1 if "embeddings" in weight.path else 0
            weight.assign(rounded(values, axis).astype(np.float32))
    rows, ask = Texts(["good food", "رديئة"]), answers(unproved(subject), trained, path, "small.onnx")
    with pytest.raises(Refused, match="must answer as the model does"):
        prove("small.onnx", load(subject.directory.path), rows, ask)
    assert prove("small.onnx", trained, rows, ask).largest < 1e-6


TAGGER = """
name = "tagger"
exporter = []
[dataset]
name = "tokens"
train = "tags.conll"
[tokenizer]
name = "given"
min_frequency = 1
[embedding]
name = "learned"
dimension = 32
[encoder]
name = "lstm"
units = 32
[task]
name = "tagging"
scheme = "bio"
[training]
epochs = 1
[evaluation]
resamples = 100
baselines = false
"""


@pytest.mark.once
def test_a_smaller_tagger_tags_alone_as_beside_others(tmp_path):
    sentence = "Mona B-PER\nlives O\nin O\nCairo B-LOC\n. O\n\nشرب O\nالقهوة O\n\n"
    (tmp_path / "tags.conll").write_text(sentence.replace(" ", "\t") * 30, encoding="utf-8")
    (tmp_path / "tagger.toml").write_text(TAGGER, encoding="utf-8")
    directory = road.run(read_experiment(tmp_path / "tagger.toml"), tmp_path / "runs").directory
    trained = load(directory.path)
    rows = trained.task.pipeline.given([["Mona", "lives"], [], ["in", "Cairo", "."] * 20])
    exported = OnnxExporter("int8").export(subject_of(trained, directory, rows, None, ""), tmp_path / "small.onnx")
    assert "1 Gather, 2 LSTM" in exported.facts["weights"] and "neighbours" in exported.facts
    assert load_file(exported.path).predict([["Mona", "lives"], []])["prediction"][1] == []
