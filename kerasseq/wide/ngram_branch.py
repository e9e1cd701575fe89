"""The branch of n-grams: chosen by cross-validation, fitted on all rows, calibrated where it had not seen them."""

# N rows, V n-grams, K numbers of an answer

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.errors import RunError
from kerasseq.files import atomic, damage
from kerasseq.wide.branch import Branch, Sought
from kerasseq.wide.folds import folds_of
from kerasseq.wide.linear import Fitted, Lines, chosen_classes, chosen_numbers, losses
from kerasseq.wide.substrings import apart
from kerasseq.wide.vocabulary import Block

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.onnx_graph.graph import Graph

__all__ = ["NgramBranch"]

log = logging.getLogger("kerasseq")

RARE = 3_000
"""Rows below which an n-gram counts that one text alone has."""

LETTERS = 5_000_000
"""Code points of all texts above which there are no n-grams of letters: they would take gigabytes."""

FILE = "wide.npz"


class NgramBranch(Branch):
    """See `Ngrams`.

    Args:
        words: Words of the longest n-gram.
        characters: Letters of the longest n-gram inside words; 0 for none.
        limit: Most n-grams of each sort.
    """

    noun = "n-grams"

    def __init__(self, words: int, characters: int, limit: int) -> None:
        self.words = words
        self.characters = characters
        self.limit = limit
        self.blocks: tuple[Block, ...] = ()
        self._lines = Lines(np.zeros((0, 0), np.float32), np.zeros(0, np.float32))
        self._scale = (1.0, 0.0)
        self._classes = 0
        self._limits: tuple[float, ...] = ()
        self._chosen: dict[str, Any] = {}

    @property
    def width(self) -> int:
        return self._classes or len(self._lines.bias)

    @property
    def balanced(self) -> bool:
        return bool(self._chosen.get("balanced"))

    def fit(self, texts: Sequence[str], sought: Sought) -> None:
        texts = apart()(texts)
        self._classes, self._limits = sought.classes, sought.limits
        frequency = 1 if len(texts) < RARE else 2
        blocks = [Block.of(texts, "words", self.words, frequency, self.limit)]
        if self.characters and sum(map(len, texts)) <= LETTERS:
            blocks.append(Block.of(texts, "characters", self.characters, frequency, self.limit))
        blocks = [block for block in blocks if len(block)]
        weights = np.ones(len(texts), np.float32) if sought.weights is None else sought.weights
        known = sought.classes == 0 or sought.shares is not None or len(np.unique(sought.truth)) > 1
        if not blocks or not known:
            self._constant(sought, weights)
            return
        features = [block.features(texts) for block in blocks]
        folds = folds_of(sought)
        if sought.classes:
            judge = _class_judge(sought)
            truth = sought.truth if sought.shares is None else sought.shares
            fitted = chosen_classes(features, truth, sought.classes, weights, folds, judge)
        else:
            fitted = chosen_numbers(features, sought.truth.astype(float), weights, folds, _number_judge(sought))
        self.blocks = tuple(blocks[place] for place in fitted.linear.blocks)
        self._lines = fitted.lines
        self._scale = _scale(fitted, sought) if folds else (1.0, 0.0)
        self.held_out = self._answers(fitted.held_out)
        self._chosen = {
            "n-grams": {block.sort: len(block) for block in self.blocks},
            "strength": fitted.linear.strength,
            "naive-Bayes ratios": fitted.linear.ratios,
            "balanced": fitted.linear.balanced,
        }
        log.info("n-grams: %s", ", ".join(f"{key} {value}" for key, value in self._chosen.items()))

    def _constant(self, sought: Sought, weights: NDArray[np.float32]) -> None:
        """Texts without words, or answers that are all one: what is mostly so."""
        if sought.classes:
            if sought.shares is None:
                counts = np.bincount(sought.truth, weights, minlength=sought.classes) + 1e-3
            else:
                counts = weights @ sought.shares.astype(float) + 1e-3
            bias = np.log(counts / counts.sum())
            self._lines = Lines(np.zeros((0, sought.classes), np.float32), bias.astype(np.float32))
        else:
            mean = np.average(sought.truth, weights=weights)
            self._lines = Lines(np.zeros((0, 1), np.float32), np.array([mean], np.float32))
        self.held_out = self._answers(np.tile(self._lines.bias.astype(float), (len(sought.truth), 1)))

    def values(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not self.blocks:
            return self._answers(np.tile(self._lines.bias.astype(float), (len(texts), 1)))
        return self._answers(self._lines(self._features(apart()(texts))))

    def _features(self, texts: Sequence[str]) -> Any:
        from scipy.sparse import hstack

        return hstack([block.features(texts) for block in self.blocks]).tocsr()

    def _answers(self, lines: NDArray[np.float64]) -> NDArray[np.float32]:
        """What the lines say as logits or as numbers, `(N, K)`."""
        return self._said(lines).astype(np.float32)

    def _said(self, lines: NDArray[np.float64]) -> NDArray[np.float64]:
        factor, shift = self._scale
        if not self._classes:
            low, high = self._limits or (-np.inf, np.inf)
            numbers: NDArray[np.float64] = np.clip(factor * lines + shift, low, high)
            return numbers
        return factor * _logits(lines, self._classes) if self.blocks else lines

    def weighed(self, text: str, place: int, most: int) -> list[tuple[str, float]]:
        """The n-grams, each with its share of a line, in the unit of `values`.

        What a line says is bent by `ln sigmoid` or cut by limits; the shares are of the straight way from the line of
        no n-gram to that of the text, the integrated gradients of Sundararajan, Taly & Yan (2017).
        """
        if not self.blocks:
            return []
        row = self._features(apart()([text]))
        column = min(place, self._lines.weights.shape[1] - 1)
        shares = row.data * self._lines.weights[row.indices, column].astype(float)
        bias = self._lines.bias.astype(float)
        moved = shares.sum()
        moved = moved if abs(moved) > 1e-6 else 1e-6  # of no way at all, the slope where it stands
        start, end = self._said(np.stack([bias, bias + moved]))[:, place]
        shares *= (end - start) / moved
        order = np.argsort(-np.abs(shares), kind="stable")[:most]
        return [(self._name(int(row.indices[n])), float(shares[n])) for n in order]

    def heaviest(self, most: int) -> list[list[tuple[str, float]]]:
        """N-grams by the weight of one that stands alone in its text."""
        if not self.blocks:
            return []
        lines = self._scale[0] * self._lines.weights.T.astype(float)
        if len(lines) == 1:
            lines = np.concatenate([-lines, lines])
        orders = [np.argsort(-line, kind="stable")[:most] for line in lines]
        found = [[(self._name(n), float(line[n])) for n in order] for line, order in zip(lines, orders, strict=True)]
        return found if self._classes else [[(name, -weight) for name, weight in found[0]], found[1]]

    def _name(self, place: int) -> str:
        """The n-gram of a feature."""
        for block in self.blocks[:-1]:
            if place < len(block):
                return block.spelled[place]
            place -= len(block)
        return self.blocks[-1].spelled[place]

    def describe(self) -> Mapping[str, Any]:
        return self._chosen

    def to_onnx(self, graph: Graph, texts: str) -> str:
        from kerasseq.wide.ngrams_in_graph import lines_in_graph

        lines = lines_in_graph(graph, texts, self.blocks, self._lines)
        return self._answers_in_graph(graph, lines)

    def _answers_in_graph(self, graph: Graph, lines: str) -> str:
        factor, shift = (graph.constant(np.float32(value)) for value in self._scale)
        if not self._classes:
            numbers = graph.node("Add", graph.node("Mul", lines, factor), shift)
            if not self._limits:
                return numbers
            return graph.node("Clip", numbers, *(graph.constant(np.float32(end)) for end in self._limits))
        if not self.blocks:
            return lines
        if self._classes == 2:
            half = graph.node("Mul", lines, graph.constant(np.float32(0.5)))
            logits = graph.node("Concat", graph.node("Neg", half), half, axis=1)
        else:
            logits = graph.node("Neg", graph.node("Softplus", graph.node("Neg", lines)))
        return graph.node("Mul", logits, factor)

    def save(self, folder: Path) -> None:
        arrays: dict[str, Any] = {"weights": self._lines.weights, "bias": self._lines.bias}
        for block in self.blocks:
            arrays |= {f"{block.sort}_keys": block.keys, f"{block.sort}_idf": block.idf}
            arrays[f"{block.sort}_spelled"] = _bytes("\n".join(block.spelled))
        state = {
            "blocks": [{"sort": block.sort, "most": block.most} for block in self.blocks],
            "scale": self._scale,
            "classes": self._classes,
            "limits": self._limits,
            "chosen": self._chosen,
        }
        with atomic(folder / FILE) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, state=_bytes(json.dumps(state)), **arrays)

    def load(self, folder: Path) -> None:
        path = folder / FILE
        try:
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                state = json.loads(file["state"].tobytes().decode())
                self.blocks = tuple(_block(file, **part) for part in state["blocks"])
                self._lines = Lines(file["weights"], file["bias"])
            self._scale = (float(state["scale"][0]), float(state["scale"][1]))
            self._classes, self._limits = int(state["classes"]), tuple(map(float, state["limits"]))
            self._chosen = dict(state["chosen"])
        except Exception as cause:
            raise RunError(f"{path}: must be what training wrote, got {damage(cause)}") from cause


def _block(file: Any, sort: Any, most: int) -> Block:
    spelled = file[f"{sort}_spelled"].tobytes().decode("utf-8", "surrogatepass").split("\n")
    return Block(sort, int(most), tuple(spelled), file[f"{sort}_keys"], file[f"{sort}_idf"])


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)


def _logits(lines: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
    """Of two classes half the line for and against; of more, whose lines are judged alone, `ln sigmoid`."""
    if classes == 2:
        return np.concatenate([-lines / 2, lines / 2], axis=1)
    return -np.logaddexp(0, -lines)


def _class_judge(sought: Sought) -> Callable[[NDArray[np.float64]], float]:
    """The main score, and a little of the log loss, which tells apart what scores alike."""

    def judge(lines: NDArray[np.float64]) -> float:
        from sklearn.metrics import f1_score

        seen = ~np.isnan(lines[:, 0])
        truth, logits = sought.truth[seen], _logits(lines[seen], sought.classes)
        answers = logits.argmax(axis=1)
        score = (answers == truth).mean()
        if sought.by_class:
            score = f1_score(truth, answers, average="macro", zero_division=0)
        said = truth if sought.shares is None else sought.shares[seen]
        return float(score) - 0.02 * float(losses(logits, said).mean())

    return judge


def _number_judge(sought: Sought) -> Callable[[NDArray[np.float64]], float]:
    """The squared error behind a line through the answers, for the penalty draws them to the mean."""

    def judge(lines: NDArray[np.float64]) -> float:
        seen = ~np.isnan(lines[:, 0])
        truth, given = sought.truth[seen].astype(float), lines[seen, 0]
        factor, shift = _straightened(given, truth)
        return -float(((factor * given + shift - truth) ** 2).mean())

    return judge


def _scale(fitted: Fitted, sought: Sought) -> tuple[float, float]:
    """What makes the lines, where they had not seen a row, as sure as they should be."""
    seen = ~np.isnan(fitted.held_out[:, 0])
    truth, lines = sought.truth[seen], fitted.held_out[seen]
    if not sought.classes:
        return _straightened(lines[:, 0], truth.astype(float))
    from scipy.optimize import minimize_scalar

    truth = truth if sought.shares is None else sought.shares[seen]
    logits = _logits(lines, sought.classes)
    found = minimize_scalar(lambda x: losses(np.exp(x) * logits, truth).mean(), bounds=(-3.0, 3.0), method="bounded")
    return float(np.exp(found.x)), 0.0


def _straightened(given: NDArray[np.float64], truth: NDArray[np.float64]) -> tuple[float, float]:
    """Factor and shift of the straight line from `given` to `truth`; no factor below 0."""
    deviation = given.std()
    factor = max(float(np.mean((given - given.mean()) * (truth - truth.mean()))) / deviation**2, 0) if deviation else 0
    return float(factor), float(truth.mean() - factor * given.mean())
