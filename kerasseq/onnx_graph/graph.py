"""An ONNX graph that grows node by node: what a `to_onnx` writes into."""

# B batch, T time, P pieces of a text

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from kerasseq.onnx_graph.steps import Steps
from kerasseq.onnx_graph.strings import Strings

__all__ = ["EXTENSIONS", "Graph", "Inexpressible"]

OPSETS = {"": 17, "ai.onnx.ml": 3, "com.microsoft": 1, "ai.onnx.contrib": 1}
"""Domains and versions; RegexFullMatch and the other string operators of opset 20 are not needed."""

EXTENSIONS = "onnxruntime-extensions"
"""The distribution that holds the operators of the domain `ai.onnx.contrib`."""

IR_VERSION = 8
"""Old enough for every onnxruntime that has the operators."""

_TYPES = {"string": TensorProto.STRING, "float32": TensorProto.FLOAT, "int64": TensorProto.INT64}

_CASTS = {
    "float32": TensorProto.FLOAT,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
    "bool": TensorProto.BOOL,
}


class Inexpressible(Exception):
    """What a graph cannot say; the message names it and why."""


class Graph:
    """Nodes, constants, inputs and outputs. Every tensor is known by its name, a string.

    A node that needs onnxruntime-extensions makes the whole file need it; `needs` says so.

    Attributes:
        strings: Operators on texts, see `Strings`.
        steps: Operators on masked steps, see `Steps`.
        needs: Distributions that the file needs beside onnxruntime and numpy.

    >>> graph = Graph()
    >>> x = graph.input("x", "float32", ["batch"])
    >>> graph.output("y", "float32", ["batch"], graph.node("Mul", x, graph.constant(np.float32(2))))
    >>> [node.op_type for node in graph.model({}).graph.node]
    ['Mul', 'Identity']
    """

    def __init__(self) -> None:
        self.needs: set[str] = set()
        self.strings = Strings(self)
        self.steps = Steps(self)
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._domains: set[str] = {""}
        self._types: list[onnx.ValueInfoProto] = []
        self._count = 0

    def input(self, name: str, kind: str, shape: Sequence[str | int]) -> str:
        """An input of the file; `kind` is `string`, `float32` or `int64`."""
        self._inputs.append(helper.make_tensor_value_info(name, _TYPES[kind], shape))
        return name

    def optional(self, name: str, kind: str, shape: Sequence[str | int], usual: Any) -> str:
        """An input that need not be given: `usual`, of a size for every axis, stands for it then."""
        array = np.asarray(usual, dtype=kind)
        self._constants[name] = numpy_helper.from_array(array, name)
        return self.input(name, kind, shape)

    def output(self, name: str, kind: str, shape: Sequence[str | int], value: str) -> None:
        """An output of the file that holds the tensor `value`."""
        self._outputs.append(helper.make_tensor_value_info(name, _TYPES[kind], shape))
        self._nodes.append(helper.make_node("Identity", [value], [name]))

    def node(self, op: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add a node with one output; returns its name. An input `""` is left out, as ONNX has it."""
        return self.nodes(op, *inputs, outputs=1, domain=domain, **attributes)[0]

    def nodes(self, op: str, *inputs: str, outputs: int, domain: str = "", **attributes: Any) -> list[str]:
        """Add a node with several outputs."""
        self._domains.add(domain)
        if domain == "ai.onnx.contrib":
            self.needs.add(EXTENSIONS)
        self._count += 1
        name = f"{op}_{self._count}"
        names = [name if outputs == 1 else f"{name}_{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(op, list(inputs), names, name=name, domain=domain, **attributes))
        return names

    def where(self, condition: str, then: Callable[[], str], otherwise: Callable[[], str]) -> str:
        """Compute one of two tensors: the nodes that `then` or `otherwise` adds run only where they are wanted.

        Args:
            condition: One truth value.
            then: Adds nodes and returns the name of a tensor.
            otherwise: The same, for a false condition.
        """
        name = f"If_{self._count + 1}"
        branches = {
            f"{key}_branch": self._branch(f"{name}_{key}", add) for key, add in (("then", then), ("else", otherwise))
        }
        return self.node("If", condition, **branches)

    def _branch(self, name: str, add: Callable[[], str]) -> onnx.GraphProto:
        nodes, types = self._nodes, self._types
        self._nodes, self._types = [], []
        try:
            self._nodes.append(helper.make_node("Identity", [add()], [name]))
            output = onnx.ValueInfoProto(name=name)
            return helper.make_graph(self._nodes, name, [], [output], value_info=self._types)
        finally:
            self._nodes, self._types = nodes, types

    def scan(
        self,
        states: Sequence[str],
        steps: Sequence[str],
        body: Callable[..., tuple[Sequence[str], Sequence[str]]],
        backwards: bool = False,
    ) -> list[str]:
        """Walk the first axis of some tensors, one step after another.

        Args:
            states: Tensors before the first step.
            steps: Tensors of one length along their first axis.
            body: Called once, with the names of the states and of each step's slices; adds nodes and returns the names
                of the states behind the step and of what the step gives.
            backwards: Walk from the last step to the first; what a step gives stays at its place.

        Returns:
            The states behind the last step that is walked, then what the steps gave, stacked along a new first axis.
        """
        given: Sequence[str] = ()

        def walked(*inputs: str) -> Sequence[str]:
            nonlocal given
            after, given = body(*inputs)
            return (*after, *given)

        graph = self._body("Scan", len(states) + len(steps), walked)
        return self.nodes(
            "Scan",
            *states,
            *steps,
            outputs=len(graph.output),
            body=graph,
            num_scan_inputs=len(steps),
            scan_input_directions=[int(backwards)] * len(steps),
            scan_output_directions=[int(backwards)] * len(given),
        )

    def loop(
        self, states: Sequence[str], most: int, body: Callable[..., tuple[str, Sequence[str], Sequence[str]]]
    ) -> list[str]:
        """Do something once, and again as long as it says so.

        Args:
            states: Tensors before the first time.
            most: Times at most, at least 1.
            body: Called once, with the names of the states; adds nodes and returns the name of one truth value, whether
                it shall be done again, of the states behind it, and of what it gives.

        Returns:
            The states at the end, then what was given, stacked along a new first axis.
        """

        def once(number: str, going: str, *before: str) -> Sequence[str]:
            again, after, given = body(*before)
            return (again, *after, *given)

        graph = self._body("Loop", 2 + len(states), once)
        for given, kind in zip(
            graph.input, (TensorProto.INT64, TensorProto.BOOL), strict=False
        ):  # onnxruntime asks for it
            given.type.CopyFrom(helper.make_tensor_type_proto(kind, []))
        ends = self.constant(np.int64(most)), self.constant(np.bool_(True))
        return self.nodes("Loop", *ends, *states, outputs=len(graph.output) - 1, body=graph)

    def _body(self, op: str, count: int, add: Callable[..., Sequence[str]]) -> onnx.GraphProto:
        """The graph of a node that holds one: `add` is called with the names of its inputs."""
        name = f"{op}_{self._count + 1}"
        self._count += 1  # what the body is given is named after this node, which is added behind the body's
        inputs = [f"{name}_{i}" for i in range(count)]
        nodes, types = self._nodes, self._types
        self._nodes, self._types = [], []
        try:
            values = add(*inputs)
            outputs = [f"{name}_out_{i}" for i in range(len(values))]
            pairs = zip(values, outputs, strict=True)
            self._nodes += [helper.make_node("Identity", [value], [output]) for value, output in pairs]
            taken, made = ([onnx.ValueInfoProto(name=n) for n in names] for names in (inputs, outputs))
            return helper.make_graph(self._nodes, name, taken, made, value_info=self._types)
        finally:
            self._nodes, self._types = nodes, types

    def typed(self, name: str, kind: str, dimensions: int) -> str:
        """Note what a tensor of another domain's operator holds; tools that infer types cannot know."""
        self._types.append(helper.make_tensor_value_info(name, _TYPES[kind], [None] * dimensions))
        return name

    def constant(self, value: Any, dtype: Any = None) -> str:
        """A constant tensor; equal ones are stored once. Strings become a string tensor."""
        array = np.asarray(value, dtype=dtype)
        if array.dtype.kind in "US":
            array = array.astype(object)
        key = f"{array.dtype}{array.shape}".encode()
        content = "\x1e".join(array.ravel()).encode() if array.dtype == object else array.tobytes()
        name = f"constant_{hashlib.sha256(key + content).hexdigest()[:16]}"
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)
        return name

    def weights(self, value: Any) -> str:
        """A constant of float32 numbers: an array, or a variable of a Keras layer, `layer.kernel`."""
        from keras import ops

        return self.constant(ops.convert_to_numpy(value), np.float32)

    def cast(self, x: str, kind: str) -> str:
        """`x` as numbers of another type, of the same shape.

        Args:
            x: A tensor; of truth values, True becomes 1.
            kind: `float32`, `int32`, `int64` or `bool`.

        Raises:
            Inexpressible: For any other `kind`.
        """
        if kind not in _CASTS:
            raise Inexpressible(f"a cast must be to one of {', '.join(_CASTS)}, got {kind}")
        return self.node("Cast", x, to=_CASTS[kind])

    def size(self, x: str, axis: int) -> str:
        """The length of an axis of `x`, an int64 of shape `(1,)`."""
        return self.node("Shape", x, start=axis, end=axis + 1)

    def filled(self, shape: str, value: float) -> str:
        """A float32 tensor of one value; `shape` is an int64 tensor."""
        return self.node("ConstantOfShape", shape, value=numpy_helper.from_array(np.array([value], dtype=np.float32)))

    def rows(self, texts: str, values: Any) -> str:
        """The same float32 values `(K,)` for each of `(B,)` texts, `(B, K)`."""
        row = np.asarray(values, dtype=np.float32)[None, :]
        shape = self.node("Concat", self.node("Shape", texts), self.constant([1], np.int64), axis=0)
        return self.node("Expand", self.constant(row), shape)

    def model(self, metadata: Mapping[str, str]) -> onnx.ModelProto:
        """The whole file, without what no output needs."""
        nodes, read = _needed(self._nodes, [output.name for output in self._outputs])
        read |= {each.name for each in self._inputs}  # a constant that stands for one that is not given
        constants = [tensor for name, tensor in self._constants.items() if name in read]
        types = [each for each in self._types if each.name in read]
        graph = helper.make_graph(nodes, "kerasseq", self._inputs, self._outputs, constants, value_info=types)
        opsets = [helper.make_opsetid(domain, OPSETS[domain]) for domain in sorted(self._domains)]
        model = helper.make_model(graph, ir_version=IR_VERSION, opset_imports=opsets, producer_name="kerasseq")
        helper.set_model_props(model, dict(metadata))
        return model


def _needed(nodes: Sequence[onnx.NodeProto], outputs: Sequence[str]) -> tuple[list[onnx.NodeProto], set[str]]:
    """Nodes that lead to the outputs, in their order, and the names that are read."""
    read, kept = set(outputs), []
    for node in reversed(nodes):
        if not read.isdisjoint(node.output):
            kept.append(node)
            read |= _read(node)
    return kept[::-1], read


def _read(node: onnx.NodeProto) -> set[str]:
    """Names that a node reads, those of the graphs inside it too."""
    inside = [each for attribute in node.attribute if attribute.HasField("g") for each in attribute.g.node]
    return set(node.input).union(*map(_read, inside))
