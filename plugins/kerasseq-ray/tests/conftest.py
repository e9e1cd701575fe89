"""What the tests share: a model made by hand, folders of parquet, and a cluster of two machines on loopback."""

from __future__ import annotations

import inspect
import json
import os
import socket
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from onnx import TensorProto, helper, numpy_helper

WAITS = {
    "RAY_agent_register_timeout_ms": "240000",
    "RAY_raylet_start_wait_time_s": "240",
    "RAY_worker_register_timeout_seconds": "240",
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""A node has long to begin: a machine that tests is busy."""

FILES = ("a.parquet", "b/a.parquet", "empty.parquet", "c-000000000000-000000000040.parquet")
ROWS = 400
GROUP = 40


def counter(path: Path, pairs: bool = False) -> Path:
    """A model that counts words: `few` or `many`, and how likely either is."""
    names = ["text", "text_2"] if pairs else ["text"]
    nodes = []
    for name in names:
        nodes += [
            helper.make_node("StringSplit", [name], [f"{name}_words", f"{name}_count"]),
            helper.make_node("Cast", [f"{name}_count"], [f"{name}_number"], to=TensorProto.FLOAT),
        ]
    nodes += [
        helper.make_node("Sum", [f"{name}_number" for name in names], ["count"]),
        helper.make_node("Unsqueeze", ["count", "one"], ["column"]),
        helper.make_node("Sub", ["limits", "column"], ["logits"]),
        helper.make_node("Mul", ["logits", "signs"], ["signed"]),
        helper.make_node("Softmax", ["signed"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["probabilities"], ["place"], axis=1, keepdims=0),
        helper.make_node("Gather", ["names", "place"], ["label"]),
    ]
    constants = {
        "one": np.array([1]),
        "limits": np.array([[2, 2]], np.float32),
        "signs": np.array([[1, -1]], np.float32),
        "names": np.array(["few", "many"], dtype=object),
    }
    graph = helper.make_graph(
        nodes,
        "counter",
        [helper.make_tensor_value_info(name, TensorProto.STRING, ["batch"]) for name in names],
        [
            helper.make_tensor_value_info("label", TensorProto.STRING, ["batch"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 2]),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    said = {"format": "1", "version": "0.1.0", "name": "counter", "task": "classification"}
    said |= {"labels": json.dumps(["few", "many"]), "pair": "join" if pairs else "single"}
    helper.set_model_props(model, {f"kerasseq.{key}": value for key, value in said.items()})
    onnx.save(model, path)
    return path


def table(first: int, rows: int) -> pa.Table:
    """Rows with an id, a text of 1 to 5 words, some absent, and a list."""
    numbers = range(first, first + rows)
    texts = [None if n % 50 == 7 else " ".join(["word"] * (n % 5 + 1)) for n in numbers]
    lists = pa.array([[n, n + 1] for n in numbers], pa.list_(pa.int32()))
    return pa.table({"id": pa.array(numbers, pa.int64()), "text": pa.array(texts, pa.string()), "pair": lists})


def fill(folder: Path, rows: int = ROWS, group: int = GROUP) -> Path:
    """Four files, one of them empty and one with the name of a part."""
    for number, name in enumerate(FILES):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table(number * rows, 0 if name.startswith("empty") else rows), path, row_group_size=group)
    (folder / "_SUCCESS").write_text("")
    return folder


def answered(folder: Path) -> dict[str, pa.Table]:
    """The file that was read -> its rows with their answers, in the order of the manifest."""
    manifest = json.loads((folder / "_manifest.json").read_text())
    assert manifest["whole"] is True
    found: dict[str, list[pa.Table]] = {}
    for part in manifest["parts"]:
        rows = pq.read_table(folder / part["part"])
        assert rows.num_rows == part["stop"] - part["first"]
        found.setdefault(part["file"], []).append(rows)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {part["part"] for part in manifest["parts"]} | {"_manifest.json"}
    return {name: pa.concat_tables(parts) for name, parts in found.items()}


def check_answers(source: Path, target: Path) -> None:
    """Every row once, in its order, with its other columns, and the right answer."""
    found = answered(target)
    assert sorted(found) == sorted(path.relative_to(source).as_posix() for path in source.rglob("*.parquet"))
    for name, rows in found.items():
        given = pq.read_table(source / name)
        assert rows.select(given.column_names).equals(given)
        words = [len((text or "").split()) for text in given["text"].to_pylist()]
        assert rows["prediction"].to_pylist() == ["few" if count <= 2 else "many" for count in words]
        assert rows.column_names[-3:] == ["score", "score[few]", "score[many]"]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model.onnx."""
    return counter(tmp_path / "model.onnx")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A folder of parquet."""
    return fill(tmp_path / "texts")


class Machines:
    """A cluster of machines with one CPU each on loopback; the head is one.

    Attributes:
        address: Of it.
        other: The machine beside the head, of which there is one again after it was killed.
    """

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        self.cluster = Cluster()
        self.cluster.add_node(**node())
        self.address: str = self.cluster.address
        self.other = self.add()

    def add(self):
        """One more."""
        return self.cluster.add_node(**node())

    def kill(self) -> None:
        """The machine beside the head, as where its power fails."""
        self.cluster.remove_node(self.other, allow_graceful=False)
        self.other = None

    def two(self) -> Machines:
        """With a machine beside the head."""
        self.other = self.other or self.add()
        self.cluster.wait_for_nodes(120)  # one that was killed is thought alive for a while
        return self


@pytest.fixture(scope="session")
def cluster():
    """The machines, begun once."""
    os.environ.update(WAITS)
    from ray._private import services

    begin = services.start_raylet
    names = inspect.signature(begin)

    def patiently(*args, **settings):
        # A minimal Ray has no such port, and its agent has 15 s to say so; a busy machine takes longer
        given = names.bind(*args, **settings).arguments
        Path(given["session_dir"], f"dashboard_agent_listen_port_{given['node_id']}").write_text("-1")
        return begin(*args, **settings)

    services.start_raylet = patiently
    machines = Machines()
    try:
        yield machines
    finally:
        services.start_raylet = begin
        machines.cluster.shutdown()


@pytest.fixture
def machines(cluster):
    """Two machines, both alive."""
    return cluster.two()


def node() -> dict:
    """Settings of a small node."""
    ports = ("metrics_agent_port", "metrics_export_port", "runtime_env_agent_port", "dashboard_agent_listen_port")
    small = {"num_cpus": 1, "object_store_memory": 100 * 2**20, "include_dashboard": False}
    return {**small, **{name: free() for name in ports}}


def free() -> int:
    """A port that nobody has."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def made() -> SimpleNamespace:
    """The functions of this file."""
    return SimpleNamespace(counter=counter, table=table, fill=fill, check=check_answers, rows=ROWS, group=GROUP)
