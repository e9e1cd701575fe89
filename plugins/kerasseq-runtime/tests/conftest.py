"""Small files of every kind, made by hand."""

import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

TYPES = {"string": TensorProto.STRING, "float": TensorProto.FLOAT, "int64": TensorProto.INT64}
TAGS = ["none", "odd", "word", "place"]
"""By the id of a token: padding, an unknown one, and those of `KNOWN`."""
KNOWN = {"": 0, "the": 2, "in": 2, "food": 2, "Cairo": 3, "بغداد": 3}
LONGEST = 4
MOODS = ["bad", "good", "جيد"]
WEIGHTS = {"awful": (2.0, -1.0, 0.0), "fine": (-1.0, 2.0, 0.0), "day": (0.5, 0.5, 0.0), "جميل": (-1.0, 0.0, 3.0)}
"""What a word adds to each of the three; the first alone where one number is answered."""


def facts(**changed):
    """What every file says about itself; what is None is left out, what is no text is JSON."""
    said = {
        "format": "1",
        "version": "0.2.0",
        "name": "made",
        "task": "other",
        "pair": "single",
        "labels": [],
    } | changed
    return {f"kerasseq.{k}": v if isinstance(v, str) else json.dumps(v) for k, v in said.items() if v is not None}


def column(name, output, pick="all"):
    return {"name": name, "output": output, "pick": pick}


def save(path, nodes, ends, constants, said, opset=17):
    """Write a graph; `ends` are its inputs and its outputs: name -> type and axes."""
    inputs, outputs = (
        [helper.make_tensor_value_info(name, TYPES[kind], axes) for name, (kind, axes) in side.items()] for side in ends
    )
    graph = helper.make_graph(
        nodes, "made", inputs, outputs, [numpy_helper.from_array(v, k) for k, v in constants.items()]
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    helper.set_model_props(model, said)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


def tagger(path, **changed):
    """Tags by a dictionary, at most `LONGEST` of them; an answer for each step."""
    said = {
        "task": "tagging",
        "takes": "tokens",
        "cut": r"\w+|[^\w\s]",
        "columns": [column("prediction", "tags"), column("id", "ids")],
        "outputs": {"tags": ["batch", "time"], "ids": ["batch", "time"]},
    }
    nodes = [
        helper.make_node(
            "LabelEncoder",
            ["tokens"],
            ["ids"],
            domain="ai.onnx.ml",
            keys_strings=list(KNOWN),
            values_int64s=list(KNOWN.values()),
            default_int64=1,
        ),
        helper.make_node("Gather", ["names", "ids"], ["tags"]),
        helper.make_node("Cast", ["ids"], ["truth"], to=TensorProto.BOOL),
        helper.make_node("Cast", ["truth"], ["valid"], to=TensorProto.INT64),
        helper.make_node("ReduceSum", ["valid", "one"], ["all"], keepdims=0),
        helper.make_node("Min", ["all", "longest"], ["length"]),
        helper.make_node("Sub", ["all", "length"], ["truncated"]),
        helper.make_node("Equal", ["ids", "one"], ["strange"]),
        helper.make_node("Cast", ["strange"], ["odd"], to=TensorProto.INT64),
        helper.make_node("ReduceSum", ["odd", "one"], ["unknown"], keepdims=0),
    ]
    steps = dict.fromkeys(["length", "truncated", "unknown"], ("int64", ["batch"]))
    ends = (
        {"tokens": ("string", ["batch", "time"])},
        {"tags": ("string", ["batch", "time"]), "ids": ("int64", ["batch", "time"]), **steps},
    )
    constants = {"one": np.array([1]), "longest": np.array([LONGEST]), "names": np.array(TAGS, dtype=object)}
    return save(path, nodes, ends, constants, facts(**(said | changed)))


def mover(path, width=3, **changed):
    """Of sequences of vectors: their sum, the limits of each number, the place of the largest of each step."""
    said = {
        "task": "movement",
        "takes": "vectors",
        "columns": [
            column("prediction", "sum"),
            column("limits", "limits"),
            column("places", "places"),
            column("top", "limits", "largest"),
        ],
        "outputs": {"sum": ["batch"], "limits": ["batch", 2, 3], "places": ["batch", "time"]},
    }
    nodes = [
        helper.make_node("ReduceSum", ["vectors", "both"], ["sum"], keepdims=0),
        helper.make_node("ReduceMax", ["vectors"], ["most"], axes=[1], keepdims=1),
        helper.make_node("ReduceMin", ["vectors"], ["least"], axes=[1], keepdims=1),
        helper.make_node("Concat", ["most", "least"], ["limits"], axis=1),
        helper.make_node("ArgMax", ["vectors"], ["places"], axis=2, keepdims=0),
        helper.make_node("Identity", ["lengths"], ["length"]),
    ]
    ends = (
        {"vectors": ("float", ["batch", "time", width or "width"]), "lengths": ("int64", ["batch"])},
        {
            "sum": ("float", ["batch"]),
            "limits": ("float", ["batch", 2, width or "width"]),
            "places": ("int64", ["batch", "time"]),
            "length": ("int64", ["batch"]),
        },
    )
    return save(path, nodes, ends, {"both": np.array([1, 2])}, facts(**(said | changed)))


def counter(path, pairs=False, classes=False, **changed):
    """A file of version 0.1.0: how many words a text has, or which of `few` and `many` that is."""
    names = ["text", "text_2"] if pairs else ["text"]
    nodes = []
    for name in names:
        nodes += [
            helper.make_node("StringSplit", [name], [f"{name}_words", f"{name}_count"]),
            helper.make_node("Cast", [f"{name}_count"], [f"{name}_number"], to=TensorProto.FLOAT),
        ]
    nodes.append(helper.make_node("Sum", [f"{name}_number" for name in names], ["score"]))
    said = {"task": "regression", "pair": "join" if pairs else "single"}
    outputs = {"score": ("float", ["batch"])}
    if classes:
        said |= {"task": "classification", "labels": ["few", "many"]}
        nodes += [
            helper.make_node("Unsqueeze", ["score", "one"], ["column"]),
            helper.make_node("Sub", ["limits", "column"], ["logits"]),
            helper.make_node("Mul", ["logits", "signs"], ["signed"]),
            helper.make_node("Softmax", ["signed"], ["probabilities"], axis=1),
            helper.make_node("ArgMax", ["probabilities"], ["place"], axis=1, keepdims=0),
            helper.make_node("Gather", ["names", "place"], ["label"]),
        ]
        outputs = {"label": ("string", ["batch"]), "probabilities": ("float", ["batch", 2])}
    constants = {
        "one": np.array([1]),
        "limits": np.array([[2, 2]], np.float32),
        "signs": np.array([[1, -1]], np.float32),
        "names": np.array(["few", "many"], dtype=object),
    }
    used = {name for node in nodes for name in node.input}
    constants = {name: value for name, value in constants.items() if name in used}
    ends = ({name: ("string", ["batch"]) for name in names}, outputs)
    return save(path, nodes, ends, constants, facts(**({"version": "0.1.0"} | said | changed)), opset=20)


def weigher(path, pairs=False, classes=False, **changed):
    """The sum of the numbers of a text's words, of a pair that of the first text less that of the second; or classes,
    whose logits are such sums."""
    names = ["text", "text_2"] if pairs else ["text"]
    nodes = []
    for name in names:
        nodes += [
            helper.make_node("StringSplit", [name], [f"{name}_words", f"{name}_count"]),
            helper.make_node(
                "LabelEncoder",
                [f"{name}_words"],
                [f"{name}_ids"],
                domain="ai.onnx.ml",
                keys_strings=list(WEIGHTS),
                values_int64s=list(range(1, len(WEIGHTS) + 1)),
                default_int64=0,
            ),
            helper.make_node("Gather", ["table", f"{name}_ids"], [f"{name}_rows"]),
            helper.make_node("ReduceSum", [f"{name}_rows", "one"], [f"{name}_sum"], keepdims=0),
        ]
    operator = ("Sub", ["text_sum", "text_2_sum"]) if pairs else ("Identity", ["text_sum"])
    nodes.append(helper.make_node(*operator, ["sum"]))
    table = np.array([[0.0] * 3, *WEIGHTS.values()], np.float32)
    constants = {"one": np.array([1]), "table": table if classes else table[:, :1]}
    said = {"task": "regression", "pair": "combine" if pairs else "single"}
    if classes:
        said |= {"task": "classification", "labels": MOODS}
        constants["names"] = np.array(MOODS, dtype=object)
        nodes += [
            helper.make_node("Softmax", ["sum"], ["probabilities"], axis=1),
            helper.make_node("ArgMax", ["sum"], ["place"], axis=1, keepdims=0),
            helper.make_node("Gather", ["names", "place"], ["label"]),
        ]
        outputs = {"label": ("string", ["batch"]), "probabilities": ("float", ["batch", 3])}
    else:
        nodes.append(helper.make_node("Squeeze", ["sum", "one"], ["score"]))
        outputs = {"score": ("float", ["batch"])}
    ends = ({name: ("string", ["batch"]) for name in names}, outputs)
    return save(path, nodes, ends, constants, facts(**({"version": "0.1.0"} | said | changed)), opset=20)


def writing_model(path, end=0.5, **changed):
    """A language model of three words: each likes its neighbour, and the longer a text, the likelier its end."""
    tokens = ["", "[UNK]", "[SEP]", "a", "b", "c"]
    table = np.full((8, 6), -1.0, np.float32)  # the last two rows are of classes that write, where there are any
    for before, after in ((2, 3), (3, 4), (4, 5), (5, 3), (6, 4), (7, 5)):
        table[before, after] = 2.0
    ending = np.zeros((1, 6), np.float32)
    ending[0, 2] = end
    nodes = [
        helper.make_node("StringSplit", ["text"], ["words", "count"]),
        helper.make_node(
            "LabelEncoder",
            ["words"],
            ["word_ids"],
            domain="ai.onnx.ml",
            keys_strings=["", *tokens[3:]],
            values_int64s=[0, 3, 4, 5],
            default_int64=1,
        ),
        helper.make_node("Shape", ["word_ids"], ["rows"], start=0, end=1),
        helper.make_node("Concat", ["rows", "one"], ["first_shape"], axis=0),
        helper.make_node("Expand", ["separator", "first_shape"], ["first"]),
        helper.make_node("Concat", ["first", "word_ids"], ["text_ids"], axis=1),
        helper.make_node("Sign", ["ids"], ["valid"]),
        helper.make_node("ReduceSum", ["valid", "one"], ["length"], keepdims=1),
        helper.make_node("Sub", ["length", "one"], ["place"]),
        helper.make_node("GatherND", ["ids", "place"], ["last"], batch_dims=1),
        helper.make_node("Gather", ["table", "last"], ["scores"]),
        helper.make_node("Cast", ["length"], ["read"], to=TensorProto.FLOAT),
        helper.make_node("Add", ["seen", "read"], ["seen_next"]),
        helper.make_node("MatMul", ["seen_next", "ending"], ["longer"]),
        helper.make_node("Add", ["scores", "longer"], ["logits"]),
    ]
    constants = {"one": np.array([1]), "separator": np.array(2), "table": table, "ending": ending}
    ends = (
        {"text": ("string", ["texts"]), "ids": ("int64", ["batch", "time"]), "seen": ("float", ["batch", 1])},
        {
            "text_ids": ("int64", ["texts", "text_time"]),
            "logits": ("float", ["batch", 6]),
            "seen_next": ("float", ["batch", 1]),
        },
    )
    said = {
        "task": "language_model",
        "takes": "prompt",
        "columns": [],
        "outputs": {"logits": ["batch", 6]},
        "states": {"seen": "seen_next"},
        "spelling": {"vocabulary": tokens, "joiner": " ", "bytes": False},
        "separator": 2,
        "search": {},
    }
    return save(path, nodes, ends, constants, facts(**(said | changed)), opset=20)


def translator(path, **changed):
    """Writes x for a, y for b and z for c, word by word; `place` is the state, and the word there is looked at."""
    tokens = ["", "[UNK]", "[SEP]", "x", "y", "z"]
    nodes = [
        helper.make_node("StringSplit", ["text"], ["words", "count"]),
        helper.make_node(
            "LabelEncoder",
            ["words"],
            ["ids"],
            domain="ai.onnx.ml",
            keys_strings=["", "a", "b", "c"],
            values_int64s=[0, 3, 4, 5],
            default_int64=1,
        ),
        helper.make_node("Cast", ["count"], ["tokens_float"], to=TensorProto.FLOAT),
        helper.make_node("Neg", ["tokens_float"], ["score"]),
        helper.make_node("Pad", ["ids", "behind"], ["longer"]),
        helper.make_node("Sign", ["longer"], ["text_memory_mask"]),
        helper.make_node("Cast", ["longer"], ["longer_float"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["longer_float", "two"], ["text_memory"]),
        helper.make_node("Unsqueeze", ["tokens_float", "one"], ["column"]),
        helper.make_node("Mul", ["column", "zero"], ["text_place"]),
        helper.make_node("Squeeze", ["memory", "two"], ["held"]),
        helper.make_node("Shape", ["memory"], ["steps"], start=1, end=2),
        helper.make_node("Squeeze", ["steps"], ["most"]),
        helper.make_node("Range", ["nought", "most", "single"], ["places"]),
        helper.make_node("Cast", ["place"], ["now"], to=TensorProto.INT64),
        helper.make_node("Equal", ["places", "now"], ["here"]),
        helper.make_node("Cast", ["memory_mask"], ["valid"], to=TensorProto.BOOL),
        helper.make_node("Or", ["here", "valid"], ["known"]),  # the mask is read, and changes nothing
        helper.make_node("And", ["here", "known"], ["looked"]),
        helper.make_node("Cast", ["looked"], ["attention"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["attention", "held"], ["seen"]),
        helper.make_node("ReduceSum", ["seen", "one"], ["word"], keepdims=0),
        helper.make_node("Equal", ["word", "zero"], ["over"]),
        helper.make_node("Where", ["over", "end", "word"], ["next"]),
        helper.make_node("Cast", ["next"], ["next_id"], to=TensorProto.INT64),
        helper.make_node("OneHot", ["next_id", "size", "values"], ["logits"]),
        helper.make_node("Cast", ["target"], ["before"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["before", "zero"], ["nothing"]),
        helper.make_node("Unsqueeze", ["nothing", "one"], ["nothings"]),
        helper.make_node("Sum", ["place", "nothings", "once"], ["place_next"]),
    ]
    constants = {
        "one": np.array([1]),
        "two": np.array([2]),
        "behind": np.array([0, 0, 0, 1]),
        "zero": np.array(0, np.float32),
        "once": np.array([[1]], np.float32),
        "end": np.array(2, np.float32),
        "nought": np.array(0),
        "single": np.array(1),
        "size": np.array(6),
        "values": np.array([0, 4], np.float32),
        "memory": np.zeros((1, 1, 1), np.float32),
        "memory_mask": np.ones((1, 1), np.int64),
        "place": np.zeros((1, 1), np.float32),
        "target": np.array([2]),
    }
    step = {
        "memory": ("float", ["rows", "steps", 1]),
        "memory_mask": ("int64", ["rows", "steps"]),
        "place": ("float", ["rows", 1]),
    }
    ends = (
        {"text": ("string", ["batch"]), "target": ("int64", ["rows"]), **step},
        {
            "ids": ("int64", ["batch", "written"]),
            "score": ("float", ["batch"]),
            **{f"text_{name}": kind for name, kind in step.items()},
            "logits": ("float", ["rows", 6]),
            "attention": ("float", ["rows", "steps"]),
            "place_next": ("float", ["rows", 1]),
        },
    )
    said = {
        "task": "translation",
        "takes": "text",
        "columns": [column("prediction", "translation"), column("score", "score")],
        "outputs": {"translation": ["batch"], "score": ["batch"]},
        "decoder": {"longest": 4, "held": ["memory", "memory_mask"], "states": ["place"]},
        "spelling": {"vocabulary": tokens, "joiner": " ", "bytes": False},
        "separator": 2,
        "search": {},
    }
    return save(path, nodes, ends, constants, facts(**(said | changed)), opset=20)


@pytest.fixture
def make(tmp_path):
    """`make("tagger", cut="")`: the path of a new file; its metadata may be changed, and left out by None."""
    kinds = {"tagger": tagger, "mover": mover, "counter": counter, "writer": writing_model, "translator": translator}
    kinds["weigher"] = weigher
    return lambda kind, **changed: kinds[kind](tmp_path / f"{kind}.onnx", **changed)


@pytest.fixture
def weights():
    """What each word adds to the three numbers of `make("weigher", classes=True)`, the first of which answers alone
    without classes."""
    return WEIGHTS


@pytest.fixture
def softmax():
    """`softmax("fine day")`: the probabilities that this file gives a text, by NumPy alone."""

    def probabilities(text):
        sums = np.sum([WEIGHTS.get(word, (0.0,) * 3) for word in text.split()] or [(0.0,) * 3], axis=0)
        return np.exp(sums) / np.exp(sums).sum()

    return probabilities
