"""The branch of n-grams: chosen by cross-validation, fitted on all rows, calibrated where it had not seen them."""

# N rows, V n-grams, K numbers of an answer

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.wide.branch import Sought
from kerasseq.wide.linear_branch import LinearBranch, as_bytes
from kerasseq.wide.substrings import apart
from kerasseq.wide.vocabulary import Block

if TYPE_CHECKING:
    from kerasseq.onnx_graph.graph import Graph

__all__ = ["NgramBranch"]

log = logging.getLogger("kerasseq")

RARE = 3_000
"""Rows below which an n-gram counts that one text alone has."""

LETTERS = 5_000_000
"""Code points of all texts above which there are no n-grams of letters: they would take gigabytes."""


class NgramBranch(LinearBranch):
    """See `Ngrams`.

    Args:
        words: Words of the longest n-gram.
        characters: Letters of the longest n-gram inside words; 0 for none.
        limit: Most n-grams of each sort.
    """

    noun = "n-grams"

    def __init__(self, words: int, characters: int, limit: int) -> None:
        super().__init__()
        self.words = words
        self.characters = characters
        self.limit = limit
        self.blocks: tuple[Block, ...] = ()

    def fit(self, texts: Sequence[str], sought: Sought) -> None:
        texts = apart()(texts)
        frequency = 1 if len(texts) < RARE else 2
        blocks = [Block.of(texts, "words", self.words, frequency, self.limit)]
        if self.characters and sum(map(len, texts)) <= LETTERS:
            blocks.append(Block.of(texts, "characters", self.characters, frequency, self.limit))
        blocks = [block for block in blocks if len(block)]
        linear = self._learn([block.features(texts) for block in blocks], sought)
        if linear is None:
            return
        self.blocks = tuple(blocks[place] for place in linear.blocks)
        self._chosen = {
            "n-grams": {block.sort: len(block) for block in self.blocks},
            "strength": linear.strength,
            "naive-Bayes ratios": linear.ratios,
            "balanced": linear.balanced,
        }
        log.info("n-grams: %s", ", ".join(f"{key} {value}" for key, value in self._chosen.items()))

    def _features(self, texts: Sequence[str]) -> Any:
        from scipy.sparse import hstack

        texts = apart()(texts)
        return hstack([block.features(texts) for block in self.blocks]).tocsr()

    def weighed(self, text: Any, place: int, most: int) -> list[tuple[str, float]]:
        """The n-grams, each with its share of a line, in the unit of `values`."""
        if not self.blocks:
            return []
        row = self._features([text])
        weights = self._lines.weights[row.indices, self._column(place)].astype(float)
        shares = self._moved(self._lines.bias.astype(float), row.data * weights, place)
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

    def to_onnx(self, graph: Graph, texts: str) -> str:  # type: ignore[override]
        from kerasseq.wide.ngrams_in_graph import lines_in_graph

        lines = lines_in_graph(graph, texts, self.blocks, self._lines)
        return self._answers_in_graph(graph, lines)

    def _stored(self) -> tuple[dict[str, Any], dict[str, Any]]:
        arrays: dict[str, Any] = {}
        for block in self.blocks:
            arrays |= {f"{block.sort}_keys": block.keys, f"{block.sort}_idf": block.idf}
            arrays[f"{block.sort}_spelled"] = as_bytes("\n".join(block.spelled))
        return arrays, {"blocks": [{"sort": block.sort, "most": block.most} for block in self.blocks]}

    def _restore(self, arrays: Any, state: Mapping[str, Any]) -> None:
        self.blocks = tuple(_block(arrays, **part) for part in state["blocks"])


def _block(file: Any, sort: Any, most: int) -> Block:
    spelled = file[f"{sort}_spelled"].tobytes().decode("utf-8", "surrogatepass").split("\n")
    return Block(sort, int(most), tuple(spelled), file[f"{sort}_keys"], file[f"{sort}_idf"])
