"""Viterbi in a graph finds the tags that Keras finds, whatever the mask and the length."""

# B batch, T time, K tags

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from keras import ops

from kerasseq.layers import chain as keras_chain
from kerasseq.layers.chain import FORBIDDEN, Chain
from kerasseq.onnx_graph.graph import Graph
from kerasseq.onnx_graph.viterbi import viterbi

K = 5

Array = np.ndarray[Any, Any]


def drawn(seed: int) -> Chain:
    random = np.random.default_rng(seed)
    tables = [random.normal(size=shape).astype("float32") for shape in ((K, K), (K,), (K,))]
    tables[0][random.random((K, K)) < 0.3] = FORBIDDEN
    tables[1][-1] = FORBIDDEN
    return Chain(*tables)


def file(chain: Chain) -> onnx.ModelProto:
    graph = Graph()
    scores = graph.input("scores", "float32", ["batch", "time", K])
    mask = graph.cast(graph.input("mask", "int64", ["batch", "time"]), "bool")
    graph.output("tags", "int64", ["batch", "time"], viterbi(graph, scores, mask, *chain))
    return graph.model({})


def in_graph(chain: Chain, scores: Array, mask: Array) -> Array:
    session = onnxruntime.InferenceSession(file(chain).SerializeToString())
    [tags] = session.run(None, {"scores": scores, "mask": mask.astype("int64")})
    return np.asarray(tags)


def in_keras(chain: Chain, scores: Array, mask: Array) -> Array:
    tensors = [ops.convert_to_tensor(x) for x in (scores, mask)]
    return ops.convert_to_numpy(keras_chain.viterbi(*tensors, Chain(*map(ops.convert_to_tensor, chain))))


def scores_of(batch: int, time: int, seed: int = 0) -> Array:
    return (2 * np.random.default_rng(seed).normal(size=(batch, time, K))).astype("float32")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("time", [1, 2, 7, 40])
def test_ragged_texts_and_one_without_steps(time: int, seed: int) -> None:
    mask = np.arange(time) < np.random.default_rng(seed).integers(0, time + 1, 9)[:, None]
    mask[0], mask[1] = False, True
    chain, scores = drawn(seed), scores_of(9, time, seed)
    found = in_graph(chain, scores, mask)
    np.testing.assert_array_equal(found, in_keras(chain, scores, mask))
    assert not found[~mask].any()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_masks_with_gaps_and_on_the_left(share: float) -> None:
    mask = np.random.default_rng(1).random((30, 11)) < share
    chain, scores = drawn(7), scores_of(30, 11)
    np.testing.assert_array_equal(in_graph(chain, scores, mask), in_keras(chain, scores, mask))


def test_of_equal_taggings_both_take_the_smallest_tags() -> None:
    chain = Chain(*(np.zeros(shape, "float32") for shape in ((K, K), (K,), (K,))))
    scores, mask = np.round(scores_of(20, 6) / 4), np.ones((20, 6), dtype=bool)
    np.testing.assert_array_equal(in_graph(chain, scores, mask), in_keras(chain, scores, mask))


def test_a_text_does_not_see_its_neighbours_nor_its_padding() -> None:
    chain, scores = drawn(2), scores_of(6, 8)
    mask = np.arange(8) < np.array([[8], [5], [3], [1], [0], [7]])
    session = onnxruntime.InferenceSession(file(chain).SerializeToString())
    together = in_graph(chain, scores, mask)
    for row, valid in enumerate(mask):
        length = max(1, int(valid.sum()))
        alone = session.run(
            None, {"scores": scores[row : row + 1, :length], "mask": valid[None, :length].astype("int64")}
        )[0]
        np.testing.assert_array_equal(alone[0], together[row, :length])


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)], ids=["no texts", "no steps", "neither"])
def test_nothing_to_tag_gives_nothing(shape: tuple[int, int]) -> None:
    assert in_graph(drawn(0), scores_of(*shape), np.ones(shape, dtype=bool)).shape == shape


def test_the_file_is_sound_and_inherits_its_constants() -> None:
    model = file(drawn(0))
    onnx.checker.check_model(model, full_check=True)
    bodies = [a.g for node in model.graph.node for a in node.attribute if a.name == "body"]
    assert len(bodies) == 2
    assert not any(body.initializer for body in bodies)
