"""Small models that the tests build themselves, and the service on loopback around them."""

import contextlib
import http.client
import json
import signal
import threading
import time

import numpy as np
import onnx
import pytest
from kerasseq_serve.address import listen
from kerasseq_serve.app import create_app
from kerasseq_serve.model import load
from kerasseq_serve.server import make_server
from kerasseq_serve.settings import Settings
from onnx import TensorProto, helper, numpy_helper

LABELS = ["bad", "good", "جيد"]
WORDS = {
    "awful": [2.0, -1.0, 0.0],
    "fine": [-1.0, 2.0, 0.0],
    "day": [0.0, 0.5, 0.0],
    "جميل": [-1.0, 0.0, 3.0],
    "nan": [float("nan")] * 3,
}


def metadata(**changed):
    """What an exported model says about itself."""
    facts = {
        "format": "1",
        "version": "0.1.0",
        "name": "words",
        "task": "classification",
        "labels": json.dumps(LABELS),
        "range": "[]",
        "unit": "{}",
        "pair": "single",
        "needs": "[]",
        "python_steps": "[]",
        "components": "{}",
        "data": "{}",
        "citation": "",
        "precision": "float32",
    }
    return {f"kerasseq.{key}": value for key, value in (facts | changed).items()}


def save(path, graph, facts):
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("ai.onnx.ml", 4)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    helper.set_model_props(model, facts)
    onnx.save(model, path)
    return path


def _summed(name, words):
    """Nodes: the sum of the rows of the words of the input `name`; "crash" has a row that does not exist."""
    keys = [*words, "crash"]
    values = [*range(1, len(words) + 1), 10**6]
    return [
        helper.make_node("StringSplit", [name], [f"{name}_words", f"{name}_count"]),
        helper.make_node(
            "LabelEncoder",
            [f"{name}_words"],
            [f"{name}_ids"],
            domain="ai.onnx.ml",
            keys_strings=keys,
            values_int64s=values,
            default_int64=0,
        ),
        helper.make_node("Gather", ["table", f"{name}_ids"], [f"{name}_rows"]),
        helper.make_node("ReduceSum", [f"{name}_rows", "one"], [f"{name}_sum"], keepdims=0),
    ]


def word_model(path, words=None, pair=False, **changed):
    """A model whose answer depends on the sum of a row for each word; of a pair, on the difference."""
    words = words or WORDS
    classes = len(next(iter(words.values())))
    rows = np.array([[0.0] * classes, *words.values()], np.float32)
    names = ["text", "text_2"] if pair else ["text"]
    nodes = [node for name in names for node in _summed(name, words)]
    operator = ("Sub", ["text_sum", "text_2_sum"]) if pair else ("Identity", ["text_sum"])
    nodes.append(helper.make_node(*operator, ["sum"]))
    constants = [numpy_helper.from_array(rows, "table"), numpy_helper.from_array(np.array([1]), "one")]
    facts = metadata(pair="combine" if pair else "single", **changed)
    if facts["kerasseq.task"] == "regression":
        nodes.append(helper.make_node("Squeeze", ["sum", "one"], ["score"]))
        outputs = [helper.make_tensor_value_info("score", TensorProto.FLOAT, ["batch"])]
    else:
        constants.append(helper.make_tensor("names", TensorProto.STRING, [classes], [n.encode() for n in LABELS]))
        nodes += [
            helper.make_node("Softmax", ["sum"], ["probabilities"], axis=1),
            helper.make_node("ArgMax", ["probabilities"], ["place"], axis=1, keepdims=0),
            helper.make_node("Gather", ["names", "place"], ["label"]),
        ]
        outputs = [
            helper.make_tensor_value_info("label", TensorProto.STRING, ["batch"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", classes]),
        ]
    inputs = [helper.make_tensor_value_info(name, TensorProto.STRING, ["batch"]) for name in names]
    return save(path, helper.make_graph(nodes, "words", inputs, outputs, constants), facts)


def slow_model(path, **rounds):
    """A regression that multiplies matrices as often as its whole text says: `slow_model(path, long=60_000)`."""
    matrix = numpy_helper.from_array(np.eye(128, dtype=np.float32), "matrix")
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("MatMul", ["x", "matrix"], ["y"])],
        "round",
        [
            helper.make_tensor_value_info("round", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [128, 128]),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("y", TensorProto.FLOAT, [128, 128]),
        ],
    )
    nodes = [
        helper.make_node(
            "LabelEncoder",
            ["text"],
            ["rounds"],
            domain="ai.onnx.ml",
            keys_strings=list(rounds),
            values_int64s=list(rounds.values()),
            default_int64=0,
        ),
        helper.make_node("ReduceMax", ["rounds"], ["most"], keepdims=0),
        helper.make_node("Loop", ["most", "", "matrix"], ["last"], body=body),
        helper.make_node("ReduceMax", ["last"], ["unit"], keepdims=0),
        helper.make_node("Cast", ["rounds"], ["number"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["number", "unit"], ["score"]),
    ]
    inputs = [helper.make_tensor_value_info("text", TensorProto.STRING, ["batch"])]
    outputs = [helper.make_tensor_value_info("score", TensorProto.FLOAT, ["batch"])]
    facts = metadata(task="regression", labels="[]", name="slow")
    return save(path, helper.make_graph(nodes, "slow", inputs, outputs, [matrix]), facts)


def _column(name, output):
    return {"name": name, "output": output, "pick": "all"}


def token_model(path, **changed):
    """A model that gives each token a tag and a weight."""
    nodes = [
        helper.make_node(
            "LabelEncoder",
            ["tokens"],
            ["ids"],
            domain="ai.onnx.ml",
            keys_strings=["", "fine", "day", "crash"],
            values_int64s=[0, 2, 3, 10**6],
            default_int64=1,
        ),
        helper.make_node("Gather", ["names", "ids"], ["tags"]),
        helper.make_node("Gather", ["numbers", "ids"], ["weights"]),
        helper.make_node("Equal", ["tokens", "nothing"], ["padding"]),
        helper.make_node("Not", ["padding"], ["kept"]),
        helper.make_node("Cast", ["kept"], ["counted"], to=TensorProto.INT64),
        helper.make_node("ReduceSum", ["counted", "one"], ["length"], keepdims=0),
    ]
    constants = [
        helper.make_tensor("names", TensorProto.STRING, [4], [b"none", b"other", b"quality", b"time"]),
        helper.make_tensor("nothing", TensorProto.STRING, [1], [b""]),
        numpy_helper.from_array(np.array([0, 0.5, 0.9, 0.1], np.float32), "numbers"),
        numpy_helper.from_array(np.array([1]), "one"),
    ]
    outputs = [
        helper.make_tensor_value_info("tags", TensorProto.STRING, ["batch", "time"]),
        helper.make_tensor_value_info("weights", TensorProto.FLOAT, ["batch", "time"]),
        helper.make_tensor_value_info("length", TensorProto.INT64, ["batch"]),
    ]
    inputs = [helper.make_tensor_value_info("tokens", TensorProto.STRING, ["batch", "time"])]
    said = {
        "task": "tagging",
        "name": "tags",
        "labels": "[]",
        "takes": "tokens",
        "cut": r"\w+|[^\w\s]",
        "columns": json.dumps([_column("prediction", "tags"), _column("weight", "weights")]),
        "outputs": json.dumps({"tags": ["batch", "time"], "weights": ["batch", "time"]}),
    }
    return save(path, helper.make_graph(nodes, "tags", inputs, outputs, constants), metadata(**(said | changed)))


def vector_model(path):
    """A model that says the largest number of a sequence of vectors of two numbers, and the sum of each."""
    nodes = [
        helper.make_node("ReduceMax", ["vectors", "both"], ["most"], keepdims=0),
        helper.make_node("ReduceSum", ["vectors", "steps_axis"], ["sums"], keepdims=0),
        helper.make_node("Identity", ["lengths"], ["length"]),
    ]
    constants = [
        numpy_helper.from_array(np.array([1, 2]), "both"),
        numpy_helper.from_array(np.array([1]), "steps_axis"),
    ]
    inputs = [
        helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", "time", 2]),
        helper.make_tensor_value_info("lengths", TensorProto.INT64, ["batch"]),
    ]
    outputs = [
        helper.make_tensor_value_info("most", TensorProto.FLOAT, ["batch"]),
        helper.make_tensor_value_info("sums", TensorProto.FLOAT, ["batch", 2]),
        helper.make_tensor_value_info("length", TensorProto.INT64, ["batch"]),
    ]
    said = {
        "task": "movement",
        "name": "moves",
        "labels": "[]",
        "takes": "vectors",
        "columns": json.dumps([_column("prediction", "most"), _column("sums", "sums")]),
        "outputs": json.dumps({"most": ["batch"], "sums": ["batch", 2]}),
    }
    return save(path, helper.make_graph(nodes, "moves", inputs, outputs, constants), metadata(**said))


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
    inputs = [
        helper.make_tensor_value_info("text", TensorProto.STRING, ["texts"]),
        helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "time"]),
        helper.make_tensor_value_info("seen", TensorProto.FLOAT, ["batch", 1]),
    ]
    outputs = [
        helper.make_tensor_value_info("text_ids", TensorProto.INT64, ["texts", "text_time"]),
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 6]),
        helper.make_tensor_value_info("seen_next", TensorProto.FLOAT, ["batch", 1]),
    ]
    said = {
        "task": "language_model",
        "name": "writes",
        "labels": "[]",
        "takes": "prompt",
        "columns": "[]",
        "outputs": json.dumps({"logits": ["batch", 6]}),
        "states": json.dumps({"seen": "seen_next"}),
        "spelling": json.dumps({"vocabulary": tokens, "joiner": " ", "bytes": False}),
        "separator": "2",
        "search": "{}",
    }
    arrays = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    return save(path, helper.make_graph(nodes, "writes", inputs, outputs, arrays), metadata(**(said | changed)))


class Held:
    """A model that answers when `gate` is set; `entered` says that a run waits there."""

    def __init__(self, model):
        self.model, self.facts = model, model.facts
        self.gate, self.entered = threading.Event(), threading.Event()

    def run(self, texts):
        self.entered.set()
        self.gate.wait(30)
        return self.model.run(texts)

    def stop(self):
        self.gate.set()


class Running:
    """A service on loopback."""

    def __init__(self, model, settings):
        self.listener = listen("127.0.0.1", 0)
        self.port = self.listener.getsockname()[1]
        app = create_app(model, settings)
        self.app, self.service = app, app.state.service
        self.server = make_server(app, settings)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listener]})

    def ask(self, method, path, content=None, headers=None, timeout=60):
        """Send one request; the status, the headers and the body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        with contextlib.closing(connection):
            body = json.dumps(content).encode() if isinstance(content, dict) else content
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()

    def post(self, path, content):
        """Send JSON; the status and what came back."""
        status, _, body = self.ask("POST", path, content)
        return status, json.loads(body)

    def metrics(self):
        """The samples of /metrics by name and labels."""
        lines = self.ask("GET", "/metrics")[2].splitlines()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line[0] != "#"}

    def counted(self, name, **labels):
        """One sample of the running service, without a request that would be counted too."""
        return self.service.metrics.registry.get_sample_value(f"kerasseq_serve_{name}", labels)

    def until(self, condition):
        """Wait until the condition holds."""
        end = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.005)

    def stop(self):
        self.server.handle_exit(signal.SIGTERM, None)


@contextlib.contextmanager
def serving(model, **settings):
    """The service, for the length of the block."""
    service = Running(model, Settings(port=0, **settings))
    service.thread.start()
    try:
        service.until(lambda: service.server.started or not service.thread.is_alive())
        yield service
    finally:
        service.stop()
        service.thread.join(30)
        service.listener.close()
    assert not service.thread.is_alive()


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """The paths of small models by name."""
    folder = tmp_path_factory.mktemp("models")
    numbers = {f"w{number}": [float(number)] for number in range(200)}
    regression = {"task": "regression", "labels": "[]", "range": "[0, 5]"}
    return {
        "words": word_model(folder / "words.onnx"),
        "pair": word_model(folder / "pair.onnx", pair=True, name="pair"),
        "score": word_model(folder / "score.onnx", numbers, name="score", **regression),
        "tokens": token_model(folder / "tokens.onnx"),
        "lists": token_model(folder / "lists.onnx", cut=""),
        "vectors": vector_model(folder / "vectors.onnx"),
        "writes": writing_model(folder / "writes.onnx"),
        "classes": writing_model(folder / "classes.onnx", conditions=json.dumps(["x", "y"])),
        "endless": writing_model(folder / "endless.onnx", end=-1.0),
        "beams": writing_model(folder / "beams.onnx", search=json.dumps({"name": "beam", "width": 3, "n_best": 2})),
        "likeliest": writing_model(folder / "likeliest.onnx", search=json.dumps({"name": "greedy"})),
        "slow": slow_model(folder / "slow.onnx", some=20_000, long=60_000, endless=2**40),
    }


@pytest.fixture(scope="session")
def build():
    """Writes a word model: `build(path, words, pair, **metadata)`."""
    return word_model


@pytest.fixture
def serve(models):
    """Starts services: `serve("words", max_batch=8)`; `held` puts a gate before the model."""
    with contextlib.ExitStack() as stack:

        def start(name, held=False, **settings):
            model = load(models[name])
            model = Held(model) if held else model
            service = stack.enter_context(serving(model, **settings))
            if held:
                stack.callback(model.gate.set)
            service.model = model
            return service

        yield start
