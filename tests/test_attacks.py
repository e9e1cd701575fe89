"""Files that were made to do harm, as they were published: none is obeyed, each is refused by its name."""

import base64
import io
import json
import marshal
import os
import pickle
import shutil
import zipfile
from pathlib import Path

import h5py
import numpy as np
import onnx
import pytest
from kerasseq_runtime.seal import KEY, UNSEALED, sealed
from onnx import TensorProto, helper, numpy_helper

from kerasseq.arrays.npz import Npz
from kerasseq.embeddings.vectors import read_vectors
from kerasseq.errors import KerasseqError, RunError
from kerasseq.loading import load
from kerasseq.runtime import load as load_file
from kerasseq.training.checkpoint import read_checkpoint

GOLDEN = Path(__file__).parent / "golden" / "0.1.0" / "classification"


@pytest.fixture
def run(tmp_path):
    """A copy of a run; `harm` beside it must never be there."""
    yield Path(shutil.copytree(GOLDEN, tmp_path / "run"))
    assert not (tmp_path / "harm").exists()


def altered(run, config=lambda value: value, weights=lambda content: content, add=()):
    """Write model.keras anew with another configuration or other weights; its digests agree."""
    path = run / "model.keras"
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    members["config.json"] = json.dumps(config(json.loads(members["config.json"]))).encode()
    members["model.weights.h5"] = weights(members["model.weights.h5"])
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in [*members.items(), *add]:
            archive.writestr(name, content)
    return run


def refused(run, said):
    with pytest.raises(RunError, match=rf"model\.keras: .*{said}"):
        load(run)


# === .keras: what a configuration names ===


def layer(module, name, config, registered=None):
    return {
        "module": module,
        "class_name": name,
        "config": config,
        "registered_name": registered,
        "name": "evil",
        "inbound_nodes": [],
    }


def with_layer(*added):
    def change(config):
        config["config"]["layers"] += added
        return config

    return change


def function(module, name):
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def code(run):
    """A function that makes `harm`, as a Lambda holds one."""
    source = f"lambda x: __import__('pathlib').Path({str(run.parent / 'harm')!r}).touch()"
    compiled = compile(source, "evil", "eval").co_consts[0]
    return {
        "class_name": "__lambda__",
        "config": {"code": base64.b64encode(marshal.dumps(compiled)).decode(), "defaults": None, "closure": None},
    }


def test_code_in_a_lambda_is_not_run(run):  # CVE-2024-3660
    evil = layer("keras.layers", "Lambda", {"name": "evil", "function": code(run)})
    refused(altered(run, with_layer(evil)), "Lambda")


def test_code_where_a_function_belongs_is_not_run(run):  # CVE-2024-3660
    dense = {"name": "evil", "units": 2, "activation": code(run)}
    refused(altered(run, with_layer(layer("keras.layers", "Dense", dense))), "__lambda__ of None")


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),  # CVE-2025-1550
        ("builtins", "exec"),
        ("subprocess", "run"),
        ("keras.utils", "get_file"),  # CVE-2025-8747
        ("keras.src.utils.file_utils", "get_file"),
        ("keras.config", "enable_unsafe_deserialization"),  # CVE-2025-9906
        ("keras.src.saving.serialization_lib", "enable_unsafe_deserialization"),
        ("keras.models", "load_model"),
        ("keras.saving", "load_model"),
        ("kerasseq.commands.main", "main"),
    ],
)
def test_a_function_from_elsewhere_is_not_called(run, module, name):
    dense = {"name": "evil", "units": 2, "activation": function(module, name)}
    refused(altered(run, with_layer(layer("keras.layers", "Dense", dense))), f"function of {module}")


@pytest.mark.parametrize(
    ("module", "name"),
    [("subprocess", "Popen"), ("keras.src.utils.module_utils", "LazyModule"), ("code", "InteractiveInterpreter")],
)
def test_a_class_from_elsewhere_is_not_made(run, module, name):  # CVE-2025-1550
    evil = layer(module, name, {"args": ["touch", str(run.parent / "harm")]}, f"evil>{name}")
    refused(altered(run, with_layer(evil)), f"{name} of {module}")
    refused(altered(run, lambda _: evil), f"{name} of {module}")


@pytest.mark.parametrize("name", ["StringLookup", "IntegerLookup", "TextVectorization"])
def test_a_vocabulary_is_read_from_no_file(run, name):  # CVE-2025-12058
    refused(altered(run, with_layer(layer("keras.layers", name, {"vocabulary": "/etc/passwd"}))), name)


@pytest.mark.parametrize("name", ["TorchModuleWrapper", "TFSMLayer", "JaxLayer", "FlaxLayer"])
def test_a_layer_that_holds_a_pickle_or_a_folder_is_not_opened(run, name):
    refused(altered(run, with_layer(layer("keras.layers", name, {"filepath": "/tmp", "module": "x"}))), name)


def test_a_registered_name_that_nobody_registered_opens_no_module(run):
    evil = layer("kerasseq.layers.evil", "Evil", {}, "kerasseq>Evil")
    with pytest.raises(RunError, match=r"model.keras: must hold layers of modules that are installed"):
        load(altered(run, with_layer(evil)))


def test_the_older_format_is_not_taken_for_this_one(run):  # CVE-2025-9905
    with h5py.File(run / "model.keras", "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"layers": []}})
    refused(run, "must be what training wrote, got a file that is cut off or was written over")


@pytest.mark.parametrize("name", ["../harm", "assets/../../harm", "/tmp/harm"])
def test_a_member_is_written_nowhere(run, name):
    refused(altered(run, add=[(name, b"harm")]), "must hold files of its own")


# === .keras: what weights say ===


def of_hdf5(change):
    def weights(content):
        buffer = io.BytesIO(content)
        with h5py.File(buffer, "r+") as file:
            change(file)
        return buffer.getvalue()

    return weights


def link_out(file):
    file["layers/evil"] = h5py.ExternalLink("/etc/passwd", "/")


def read_out(file):
    file.create_dataset("layers/evil", (10,), "u1", external=[("/etc/passwd", 0, 10)])


def virtual(file):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (4,))
    file.create_virtual_dataset("layers/evil", layout)


def bomb(file):
    file.create_dataset("layers/evil", (1 << 20, 1 << 20), "f4", chunks=(1, 1024), compression="gzip")


@pytest.mark.parametrize("change", [link_out, read_out, virtual, bomb])  # CVE-2026-1669
def test_weights_are_read_from_the_file_alone(run, change):
    refused(altered(run, weights=of_hdf5(change)), r"model.weights.h5: /layers/evil: must")


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"units": 2**40}, "sizes must be at most 65,536"),
        ({"units": 2**40, "kernel_size": [2**33]}, "sizes must be at most 65,536"),
        ({"units": 60_000}, r"must ask for the [\d,]+ bytes of weights that are there, got some [\d,]+"),
    ],
)
def test_a_layer_takes_no_more_memory_than_its_weights(run, config, said):
    evil = layer("keras.layers", "LSTM", {"name": "evil"} | config)
    evil["build_config"] = {"input_shape": [None, None, 3]}
    refused(altered(run, with_layer(evil)), said)


# === npz ===


class Evil:
    def __reduce__(self):
        return os.system, ("touch harm",)


def read_arrays(path):
    with Npz(path) as file:
        return file.read("x")


@pytest.mark.parametrize("reader", [read_checkpoint, read_arrays, lambda path: read_vectors(path, 3)])
def test_nothing_in_an_archive_of_arrays_is_unpickled(tmp_path, monkeypatch, reader):
    monkeypatch.chdir(tmp_path)
    objects = np.array([Evil()], dtype=object)
    np.savez("evil.npz", allow_pickle=True, x=objects, words=objects, vectors=objects, state=objects)
    with pytest.raises(KerasseqError, match=r"evil.npz: .*must be an array of numbers or strings, got Python objects"):
        reader(tmp_path / "evil.npz")
    (tmp_path / "evil.npz").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(KerasseqError, match=r"evil.npz: "):
        reader(tmp_path / "evil.npz")
    assert not (tmp_path / "harm").exists()


# === ONNX ===


def changed(run, change):
    """The exported file with something changed, without the digest of itself."""
    path = run / "model.onnx"
    model = onnx.load(path)
    kept = [entry for entry in model.metadata_props if entry.key != "kerasseq.file_sha256"]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    change(model)
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize("place", ["../secret", "sub/../../secret", "/etc/passwd", "link"])
def test_a_graph_reads_no_file_outside_of_its_folder(run, place):  # CVE-2022-25882, CVE-2024-27318, CVE-2026-27489
    (run.parent / "secret").write_bytes(bytes(4096))
    (run / "link").symlink_to(run.parent / "secret")

    def change(model):
        tensor = next(t for t in model.graph.initializer if t.data_type == TensorProto.FLOAT)
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", place), ("offset", "0"), ("length", "16")):
            tensor.external_data.add(key=key, value=value)

    with pytest.raises(RunError, match=r"model.onnx: must be"):
        load_file(changed(run, change))


def test_an_operator_from_elsewhere_is_not_looked_for(run):
    def change(model):
        model.graph.node.append(helper.make_node("PyOp", ["text"], ["evil"], domain="evil.so"))

    with pytest.raises(RunError, match=r"model.onnx: must be"):
        load_file(changed(run, change))


def test_a_file_whose_bytes_have_changed_is_refused(run):
    path = run / "model.onnx"
    whole = path.read_bytes()
    load_file(path)
    for place in (len(whole) // 5, len(whole) // 2):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        with pytest.raises(RunError, match=r"model.onnx: must have the bytes that it was written with"):
            load_file(path)


def signed_anew(run, change):
    """The exported file with something changed, and the digest of what it is now: whoever changes one can write it."""
    path = changed(run, change)
    model = onnx.load(path)
    model.metadata_props.add(key=KEY, value=UNSEALED)
    path.write_bytes(sealed(model.SerializeToString()))
    return path


def endless(model):
    """A loop of 2^62 turns, of constants, which somebody might work out when the file is opened."""
    turn = [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Identity", ["was"], ["is"])]
    taken = [helper.make_tensor_value_info(*each) for each in (("i", 7, []), ("go", 9, []), ("was", 7, []))]
    given = [helper.make_tensor_value_info(*each) for each in (("on", 9, []), ("is", 7, []))]
    for name, value in (("turns", 1 << 62), ("start", True), ("first", 1)):
        model.graph.initializer.append(numpy_helper.from_array(np.array(value), name))
    body = helper.make_graph(turn, "turn", taken, given)
    model.graph.node.append(helper.make_node("Loop", ["turns", "start", "first"], ["evil"], body=body))
    model.graph.output.append(helper.make_tensor_value_info("evil", TensorProto.INT64, []))


def petabytes(inside):
    """An array of 2^50 numbers: in the graph itself, or in a branch or a loop of it."""

    def change(model):
        size = numpy_helper.from_array(np.array([1 << 25, 1 << 25]), "size")
        made = helper.make_node("ConstantOfShape", ["size"], ["made"])
        out = helper.make_tensor_value_info("made", TensorProto.FLOAT, None)
        model.graph.initializer.extend([size, numpy_helper.from_array(np.array(True), "yes")])
        model.graph.initializer.append(numpy_helper.from_array(np.array(3), "turns"))
        node = helper.make_node("Identity", ["made"], ["evil"])
        if inside == "If":
            branches = {name: helper.make_graph([made], name, [], [out]) for name in ("then_branch", "else_branch")}
            node = helper.make_node("If", ["yes"], ["evil"], **branches)
        elif inside == "Loop":
            taken = [helper.make_tensor_value_info(*each) for each in (("i", 7, []), ("go", 9, []))]
            on = [helper.make_node("Identity", ["go"], ["on"]), made]
            body = helper.make_graph(on, "turn", taken, [helper.make_tensor_value_info("on", 9, []), out])
            node = helper.make_node("Loop", ["turns", "yes"], ["evil"], body=body)
        elif inside == "Scan":
            model.graph.initializer.append(numpy_helper.from_array(np.zeros(3, "float32"), "over"))
            taken = [helper.make_tensor_value_info("each", TensorProto.FLOAT, [])]
            body = helper.make_graph([made], "turn", taken, [out])
            node = helper.make_node("Scan", ["over"], ["evil"], body=body, num_scan_inputs=1)
        model.graph.node.extend([made, node] if inside == "graph" else [node])
        model.graph.output.append(helper.make_tensor_value_info("evil", TensorProto.FLOAT, None))

    return change


@pytest.mark.once
@pytest.mark.parametrize("inside", ["graph", "If", "Loop", "Scan"])
def test_a_graph_that_asks_for_more_than_there_is_is_one_error(run, inside):
    path = signed_anew(run, petabytes(inside))
    with pytest.raises(RunError, match=r"model.onnx: must .*"):
        load_file(path).predict(["a text"])


@pytest.mark.once
def test_a_loop_without_an_end_is_not_run_when_its_file_is_opened(run):
    assert load_file(signed_anew(run, endless)).labels
