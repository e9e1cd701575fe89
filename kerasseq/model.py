"""What tasks share in building one `keras.Model`: inputs, masks passed explicitly, features."""

# B batch, T time, D numbers of a step, F features of a pooled row

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from kerasseq.corpus.examples import MASK
from kerasseq.corpus.text import read_apart
from kerasseq.errors import PluginError
from kerasseq.layers.alignment import Alignment
from kerasseq.layers.blend import Blend
from kerasseq.layers.matches import Matches
from kerasseq.pipelines.subwords import subwords_of

if TYPE_CHECKING:
    from kerasseq.pipelines.pipeline import Pipeline
    from kerasseq.spec import EmbeddingSpec, EncoderSpec, Sections

__all__ = ["Parts", "RowFeatures", "Steps", "assemble", "mask_fault", "parameters", "read_rows", "read_steps", "shared"]

X = ("x",)
"""What encoders and poolers read."""


@dataclass(frozen=True)
class Parts:
    """The built parts of an experiment.

    Attributes:
        embedding: `(B, T)` ids -> `(B, T, D)`, beside n-grams of the tokens `(B, T, K)` where the model reads them; of
            vectors, which need none, what gives them back with zeros at padding.
        encoder: `(B, T, D)` -> `(B, T, U)`; where a row is read in pieces, what `EncoderSpec.build_carried` says.
        pooler: `(B, T, U)` -> `(B, F)`, or `(pooled, weights)` with weights `(B, T)`.
        characters: `(B, T, C)` ids of characters -> `(B, T, D)`, which stand behind the vectors of the tokens; None
            where the model reads none.
        matches: Ids of two texts, and their n-grams where the model reads them -> what of each token stands in the
            other, `(B, T, M)` behind its vector; None where the model is not told.
        alignment: Encoded steps of two texts and their masks -> steps that know the other text, for the pooler; None
            where they meet behind it.
        decoder: What writes a text from an encoded one, see `DecoderSpec.build`; None where nothing is written.
    """

    embedding: Callable[..., Any]
    encoder: Callable[..., Any]
    pooler: Callable[..., Any]
    characters: Callable[..., Any] | None = None
    matches: Callable[..., Any] | None = None
    alignment: Callable[..., Any] | None = None
    decoder: Any = None

    @classmethod
    def of(cls, sections: Sections, pipeline: Pipeline) -> Parts:
        """Build what the experiment says.

        Raises:
            PluginError: A part takes no mask; names the component.
        """
        embedding = _embedding(sections.embedding, pipeline) if sections.embedding else _padded_with_zeros
        encoder = sections.encoder.build_carried() if pipeline.runs_on else sections.encoder.build()
        directions = 1 if pipeline.pair == "attend" else sections.encoder.directions  # a comparison has no halves
        pooler = sections.pooler.build(directions) if sections.pooler else _unpooled
        tokens = ("tokens",) if pipeline.subwords is None else ("tokens", "subwords")
        for kind, part, reads in (("embedding", embedding, tokens), ("encoder", encoder, X), ("pooler", pooler, X)):
            fault = "" if part is encoder and pipeline.runs_on else mask_fault(kind, part, reads)
            if fault:
                raise PluginError(f"{sections.describe(kind)} is broken: {fault}")
        decoder = sections.decoder.build(directions) if sections.decoder else None
        characters = None
        if sections.embedding and pipeline.alphabet_size:
            characters = sections.embedding.build_characters(pipeline.alphabet_size)
        alignment = _alignment(sections.encoder, pipeline)
        return cls(embedding, encoder, pooler, characters, _matches(pipeline), alignment, decoder)


@dataclass(frozen=True)
class Steps:
    """One input behind embedding and encoder.

    Attributes:
        inputs: The model's inputs.
        x: `(B, T, U)`.
        mask: `(B, T)` bool.
    """

    inputs: list[Any]
    x: Any
    mask: Any


@dataclass(frozen=True)
class RowFeatures:
    """What stands between the inputs and the head.

    Attributes:
        inputs: The model's inputs.
        features: `(B, F)`, of a pair that is read apart `(B, 4 F)`.
        attention: Name of each output to a `(B, T)` tensor of weights; empty for a pooler without weights.
    """

    inputs: list[Any]
    features: Any
    attention: dict[str, Any]


def mask_fault(kind: str, part: Callable[..., Any], reads: Sequence[str]) -> str:
    """What is wrong with a built embedding, encoder or pooler that takes no mask, or nothing.

    Args:
        kind: `"pooler"`.
        part: What `build` of its Spec gave.
        reads: What it is called with before the mask, `("x",)`.
    """
    try:
        signature = inspect.signature(part.call if isinstance(part, keras.layers.Layer) else part)
    except (TypeError, ValueError):  # none that Python can read
        return ""
    try:
        signature.bind(*reads, mask=None)
    except TypeError:
        return f"what build returns must accept mask, as in {kind}({', '.join(reads)}, mask=mask), it takes {signature}"
    return ""


def read_steps(parts: Parts, pipeline: Pipeline) -> list[Steps]:
    """Each input behind embedding and encoder, as symbolic tensors; all by the same weights."""
    read = _matched(parts, _read_vectors(parts, pipeline))
    return [Steps(each.inputs, parts.encoder(each.x, mask=each.mask), each.mask) for each in read]


def _read_vectors(parts: Parts, pipeline: Pipeline) -> list[Steps]:
    """Each input behind the embedding."""
    found = []
    for name in pipeline.names:
        if pipeline.dimension:
            x = keras.Input((None, pipeline.dimension), dtype="float32", name=name)
            mask = keras.Input((None,), dtype="bool", name=name + MASK)
            inputs = [x, mask]
        else:
            x = keras.Input((None,), dtype="int32", name=name)
            mask = ops.not_equal(x, 0)  # (B, T)
            inputs = [x]
        if pipeline.subwords is None:
            vectors = parts.embedding(x, mask=mask)
        else:
            inputs.append(keras.Input((None, pipeline.subwords.width), dtype="int32", name=subwords_of(name)))
            vectors = parts.embedding(x, inputs[-1], mask=mask)
        if parts.characters is not None:
            spelled = keras.Input((None, pipeline.characters_width), dtype="int32", name="characters")
            inputs.append(spelled)
            vectors = ops.concatenate([vectors, parts.characters(spelled, mask=mask)], axis=-1)
        found.append(Steps(inputs, vectors, mask))
    return found


def _matched(parts: Parts, read: list[Steps]) -> list[Steps]:
    """What of each token stands in the other text, behind its vector."""
    if parts.matches is None:
        return read
    ids, ngrams = ([each.inputs[n] for each in read if len(each.inputs) > n] for n in (0, 1))
    matches = parts.matches(*ids, *ngrams)
    return [
        replace(each, x=ops.concatenate([each.x, ops.cast(more, each.x.dtype)], axis=-1))
        for each, more in zip(read, matches, strict=True)
    ]


def _aligned(parts: Parts, read: list[Steps]) -> list[Steps]:
    """What each step of a text is beside those of the other."""
    if parts.alignment is None:
        return read
    one, other = read
    compared = parts.alignment(one.x, other.x, one.mask, other.mask)
    return [replace(each, x=x) for each, x in zip(read, compared, strict=True)]


def read_rows(parts: Parts, pipeline: Pipeline) -> RowFeatures:
    """Inputs, embedding, encoder and pooler, as symbolic tensors.

    A pair that is read apart becomes `[u, v, |u - v|, u * v]` (Mou et al., 2016; Conneau et al., 2017).
    """
    read = _aligned(parts, read_steps(parts, pipeline))
    pooled, attention, inputs = [], {}, []
    for name, steps in zip(("attention", "attention_2"), read, strict=False):
        y = parts.pooler(steps.x, mask=steps.mask)
        if isinstance(y, tuple):
            y, attention[name] = y
        pooled.append(y)
        inputs += steps.inputs
    if len(pooled) == 1:
        return RowFeatures(inputs, pooled[0], attention)
    u, v = pooled
    features = ops.concatenate([u, v, ops.absolute(u - v), u * v], axis=-1)
    return RowFeatures(inputs, features, attention)


def shared(rows: RowFeatures, pipeline: Pipeline, answer: Any, name: str) -> Any:
    """The answer `(B, K)`, or `(B,)`, with the part of a linear branch in it, if the pipeline has one.

    A new model gives the answer alone; see `Blend`.
    """
    if pipeline.wide is None:
        return answer
    wide = keras.Input((pipeline.wide_width,), dtype="float32", name="wide")
    rows.inputs.append(wide)
    if len(answer.shape) == 1:
        wide = keras.layers.Reshape((), name="wide_flat", dtype="float32")(wide)
    return Blend(name=name, dtype="float32")(answer, wide)


def assemble(rows: RowFeatures, **outputs: Any) -> Any:
    """One model from the inputs to the named outputs and the attention weights."""
    return keras.Model(rows.inputs, {**outputs, **rows.attention}, name="kerasseq")


def parameters(model: Any) -> int:
    """How many trainable numbers the model has."""
    return int(sum(np.prod(v.shape) for v in model.trainable_variables))


def _embedding(spec: EmbeddingSpec, pipeline: Pipeline) -> Callable[..., Any]:
    if pipeline.subwords is None:
        return spec.build(pipeline.vocabulary)
    return spec.build_ngrams(pipeline.vocabulary, pipeline.subwords.listed)


def _matches(pipeline: Pipeline) -> Matches | None:
    if not read_apart(pipeline.pair) or pipeline.match == "none":
        return None
    if pipeline.match == "words":
        return Matches()
    if pipeline.subwords is not None:
        return Matches(ngrams=pipeline.subwords.listed)
    return Matches(pipeline.vocabulary)


def _alignment(spec: EncoderSpec, pipeline: Pipeline) -> Alignment | None:
    if pipeline.pair not in ("attend", "esim"):
        return None
    return Alignment(spec.build_composition() if pipeline.pair == "esim" else None)


def _unpooled(x: Any, mask: Any = None) -> Any:
    return x


def _padded_with_zeros(x: Any, mask: Any = None) -> Any:
    return x * ops.cast(ops.expand_dims(mask, -1), x.dtype)
