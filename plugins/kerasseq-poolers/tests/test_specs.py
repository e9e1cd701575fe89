"""From the section of the TOML to a trained model and its ONNX file."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from click.testing import CliRunner
from kerasseq_poolers.concat import Concat
from kerasseq_poolers.conv2d import Conv2D
from kerasseq_poolers.gated import Gated
from kerasseq_poolers.hierarchical import Hierarchical
from kerasseq_poolers.last_k import LastK
from kerasseq_poolers.self_attention import SelfAttention
from kerasseq_poolers.top_k_mean import TopKMean
from pydantic import ValidationError

from kerasseq.exporters.onnx.layers import model_nodes
from kerasseq.plugin import Graph, PoolerSpec
from kerasseq.testing import parametrize_with_checks

SPECS = [
    SelfAttention(heads=3, units=5, penalty=1.0),
    Gated(units=5),
    LastK(k=1),
    LastK(k=4),
    TopKMean(k=1),
    TopKMean(k=30),
    Hierarchical(window=3),
    Hierarchical(window=30),
    Conv2D(filters=5, parts=1),
    Conv2D(filters=3, window=2, group=4, parts=3),
    Concat(),
    Concat(of=("sum", "self_attention", "gated", "last_k", "top_k_mean", "hierarchical", "max")),
]


def identity(spec: PoolerSpec) -> str:
    numbers = [str(getattr(spec, name)) for name in ("k", "window", "parts") if hasattr(spec, name)]
    return " ".join([spec.name, *numbers, *getattr(spec, "of", ())])


@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("spec", SPECS, ids=identity)
def test_the_graph_gives_the_numbers_of_the_layer(spec: PoolerSpec, directions: int) -> None:
    import keras
    from keras import ops, tree

    random = np.random.default_rng(0)
    layer = spec.build(directions)
    inputs = keras.Input((None, 6), name="x"), keras.Input((None,), dtype="bool", name="mask")
    outputs = {f"out{i}": out for i, out in enumerate(tree.flatten(layer(inputs[0], mask=inputs[1])))}
    layer.set_weights([random.normal(size=v.shape) for v in layer.weights])
    graph = Graph()
    valid = graph.cast(graph.input("mask", "int64", ["b", "t"]), "bool")
    names = {"x": graph.input("x", "float32", ["b", "t", 6]), "mask": valid}
    for name, made in model_nodes(graph, keras.Model(inputs, outputs), names, [spec], list(outputs)).items():
        graph.output(name, "float32", ["b", f"{name}_size"], made)
    session = onnxruntime.InferenceSession(graph.model({}).SerializeToString())
    lengths = np.array([[0], [1], [2], [5], [20]])
    x = random.normal(size=(5, 20, 6)).astype("float32")
    mask = np.arange(20) < lengths
    wanted = [ops.convert_to_numpy(out) for out in tree.flatten(layer(x, mask=ops.convert_to_tensor(mask)))]
    for steps in (20, 25, 1):
        width = min(steps, 20)
        feeds = {
            "x": np.zeros((5, steps, 6), np.float32),
            "mask": np.zeros((5, steps), np.int64),
        }
        feeds["x"][:, :width], feeds["mask"][:, :width] = x[:, :width], mask[:, :width]
        got = session.run(None, feeds)
        if steps >= 20:
            np.testing.assert_allclose(got[0], wanted[0], atol=1e-5, rtol=1e-5)
            assert all(np.allclose(a[:, :20], b, atol=1e-6) for a, b in zip(got[1:], wanted[1:], strict=True))
        assert np.isfinite(got[0]).all() and not got[0][0].any()


@pytest.mark.parametrize(
    ("kind", "settings", "key"),
    [
        (SelfAttention, {"heads": 0}, "heads"),
        (SelfAttention, {"units": 0}, "units"),
        (SelfAttention, {"penalty": -0.1}, "penalty"),
        (Gated, {"units": 8193}, "units"),
        (LastK, {"k": 0}, "k"),
        (TopKMean, {"k": 1.5}, "k"),
        (Hierarchical, {"window": 65}, "window"),
        (Conv2D, {"filters": 0}, "filters"),
        (Conv2D, {"parts": 65}, "parts"),
        (Concat, {"of": ("mean",)}, "of"),
        (Concat, {"of": ("mean", "median")}, "of"),
    ],
)
def test_a_setting_outside_its_range_is_refused(kind: type[PoolerSpec], settings: dict, key: str) -> None:
    with pytest.raises(ValidationError, match=key):
        kind(**settings)


@parametrize_with_checks([SPECS[0], Gated(units=5), LastK(), TopKMean(), Hierarchical(), Conv2D(filters=4), SPECS[-1]])
def test_keeps_the_rules(spec, check):
    check(spec)


def test_the_specs_import_no_keras() -> None:
    code = (
        "import sys, kerasseq_poolers.concat\n"
        "print([m for m in ('keras', 'torch', 'jax', 'tensorflow') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


TOML = """
name = "poolers"
[dataset]
name = "table"
train = "rows.csv"
[tokenizer]
name = "whitespace"
[embedding]
name = "learned"
dimension = 6
[encoder]
name = "none"
[pooler]
name = "concat"
of = ["self_attention", "last_k", "top_k_mean", "gated", "hierarchical", "conv2d", "last", "sum"]
[task]
name = "classification"
[training]
epochs = 1
[evaluation]
resamples = 100
[[exporter]]
name = "onnx"
[[exporter]]
name = "torch"
"""


def test_an_experiment_that_names_them_trains_and_exports(tmp_path: Path) -> None:
    """An exporter keeps its file only where it answers as the model does."""
    from kerasseq.commands.main import main

    with (tmp_path / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "target"])
        rows.writerows([f"{'good' if i % 2 else 'bad'} {'word ' * (i % 9)}{i % 7}", i % 2] for i in range(60))
    (tmp_path / "poolers.toml").write_text(TOML, encoding="utf-8")
    done = CliRunner().invoke(main, ["run", str(tmp_path / "poolers.toml"), "--out", str(tmp_path / "runs")])
    assert done.exit_code == 0, done.output
    run = tmp_path / "runs" / "poolers" / "0001"
    assert (run / "model.onnx").exists() and (run / "model.pt2").exists()
    assert "kerasseq-poolers" in json.dumps(json.loads((run / "environment.json").read_text(encoding="utf-8")))
