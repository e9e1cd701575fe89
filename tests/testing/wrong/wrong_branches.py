"""Linear models beside the network that each break one rule."""

import json

import numpy as np

from kerasseq.errors import RunError
from kerasseq.patterns import parse
from kerasseq.spec import WideSpec
from kerasseq.wide.branch import Branch

WORD = parse("[^{space}]+")


class Wide(WideSpec):
    """Builds the branch that is named like the class."""

    def build(self):
        return globals()[f"_{type(self).__name__}"]()


class RightLine(Wide):
    """Breaks nothing."""


class _RightLine(Branch):
    """A line through the logarithm of how many words a text has."""

    def __init__(self):
        self.lines = np.zeros((2, 0), np.float32)
        self.limits = ()

    @property
    def width(self):
        return self.lines.shape[1]

    def fit(self, texts, sought):
        truth, x = np.asarray(sought.truth), self.features(texts)
        y = np.eye(sought.classes)[truth] if sought.classes else truth.astype(float)[:, None]
        fold = np.arange(len(y)) % 2
        held_out = np.zeros(y.shape, np.float32)
        for side in (0, 1):
            held_out[fold == side] = x[fold == side] @ np.linalg.lstsq(x[fold != side], y[fold != side], rcond=None)[0]
        self.lines = np.linalg.lstsq(x, y, rcond=None)[0].astype(np.float32)
        self.limits, self.held_out = sought.limits, held_out

    def features(self, texts):
        counts = np.array([len(WORD.regex.findall(text)) for text in texts], dtype=float)
        return np.stack([np.log1p(counts), np.ones(len(texts))], axis=1)

    def values(self, texts):
        return np.clip(self.features(texts) @ self.lines, *(self.limits or (None, None))).astype(np.float32)

    def to_onnx(self, graph, texts):
        places = graph.strings.look_up(graph.strings.cut(texts, WORD), {"": 0}, 1)
        counts = graph.node("ReduceSum", graph.cast(places, "float32"), graph.constant([1], np.int64), keepdims=1)
        logs = graph.node("Log", graph.node("Add", counts, graph.constant(np.float32(1))))
        lines = graph.node("Mul", logs, graph.constant(self.lines[:1]))
        values = graph.node("Add", lines, graph.constant(self.lines[1:]))
        return graph.node("Clip", values, *map(graph.constant, np.float32(self.limits))) if self.limits else values

    def save(self, folder):
        (folder / "line.json").write_text(json.dumps([self.lines.tolist(), self.limits]), encoding="utf-8")

    def load(self, folder):
        try:
            lines, self.limits = json.loads((folder / "line.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as cause:
            raise RunError(f"{folder}: must have a line") from cause
        self.lines = np.array(lines, np.float32)


class KeepsOneBranch(Wide):
    """What was fitted before is fitted again."""

    def build(self):
        return _ONE


_ONE = _RightLine()


class DoublePrecision(Wide):
    """Values of another type than the network's."""


class _DoublePrecision(_RightLine):
    def values(self, texts):
        return super().values(texts).astype(float)


class ForgetsTheLimits(Wide):
    """A number that no row can have."""


class _ForgetsTheLimits(_RightLine):
    def fit(self, texts, sought):
        super().fit(texts, sought)
        if sought.limits:
            self.limits = ()
            self.lines[1] += sought.limits[1]


class CentresTheBatch(Wide):
    """Hangs on the other rows."""


class _CentresTheBatch(_RightLine):
    def values(self, texts):
        values = super().values(texts)
        middle = values.mean(axis=0) if len(values) else 0
        return np.clip(values - middle, *(self.limits or (None, None))).astype(np.float32)

    def to_onnx(self, graph, texts):
        return NotImplemented


class HoldsNothingOut(Wide):
    """Nothing to choose the share by."""


class _HoldsNothingOut(_RightLine):
    def fit(self, texts, sought):
        super().fit(texts, sought)
        self.held_out = None


class SawTheRows(Wide):
    """Had learned the row that it should not have seen."""


class _SawTheRows(_RightLine):
    def fit(self, texts, sought):
        super().fit(texts, sought)
        if sought.classes:
            self.held_out = np.eye(sought.classes, dtype=np.float32)[sought.truth]


class JudgesTheFirstRows(Wide):
    """Leaves those of validation out."""


class _JudgesTheFirstRows(_RightLine):
    def fit(self, texts, sought):
        super().fit(texts, sought)
        self.held_out[-3:] = np.nan


class DrawsItsWeights(Wide):
    """Draws without the seed."""


class _DrawsItsWeights(_RightLine):
    def fit(self, texts, sought):
        super().fit(texts, sought)
        self.lines[0] += np.random.default_rng().uniform(1, 2, self.width).astype(np.float32)


class NeedsTwoClasses(Wide):
    """Ends where there is one."""


class _NeedsTwoClasses(_RightLine):
    def fit(self, texts, sought):
        if sought.classes and len(set(sought.truth.tolist())) < 2:
            raise ValueError("one class alone")
        super().fit(texts, sought)


class DescribesAnArray(Wide):
    """Says what JSON cannot."""


class _DescribesAnArray(_RightLine):
    def describe(self):
        return {"lines": self.lines}


class HeaviestOfOneLine(Wide):
    """A list too few."""


class _HeaviestOfOneLine(_RightLine):
    def heaviest(self, most):
        return [[("length", 1.0)]]


class WeighsWithoutSign(Wide):
    """Every word counts for the answer, even where more words lower it."""


class _WeighsWithoutSign(_RightLine):
    def weighed(self, text, place, most):
        slope = abs(float(self.lines[0, place])) + 1
        return [(word, slope) for word in WORD.regex.findall(text)][:most]


class ForgetsTheBias(Wide):
    """Stores a half of what it learned."""


class _ForgetsTheBias(_RightLine):
    def load(self, folder):
        super().load(folder)
        self.lines[1] = 0


class TakesAnyFile(Wide):
    """Begins anew where its file is damaged."""


class _TakesAnyFile(_RightLine):
    def load(self, folder):
        try:
            super().load(folder)
        except RunError:
            return


class OtherValuesInTheGraph(Wide):
    """Other numbers in onnxruntime."""


class _OtherValuesInTheGraph(_RightLine):
    def to_onnx(self, graph, texts):
        return graph.node("Mul", super().to_onnx(graph, texts), graph.constant(np.float32(1.1)))
