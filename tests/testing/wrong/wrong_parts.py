"""Specs of poolers, encoders and embeddings that each break one rule."""

from pydantic import ConfigDict

from kerasseq.spec import EmbeddingSpec, EncoderSpec, PoolerSpec


class Pooler(PoolerSpec):
    """A mean, by the layer that is named like the class."""

    def build(self, directions):
        import wrong_layers

        return getattr(wrong_layers, type(self).__name__)(name="wrong")


class RightMean(Pooler):
    """Breaks nothing."""


class NullDefault(RightMean):
    """A default that TOML cannot say."""

    k: int | None = None
    """How many."""

    def build(self, directions):
        import wrong_layers

        return wrong_layers.RightMean(name="wrong")


class Undocumented(NullDefault):
    """A setting without a word."""

    k: int = 3


class Lax(NullDefault):
    """Takes any key."""

    model_config = ConfigDict(extra="ignore")

    k: int = 3
    """How many."""


class KeepsTheAxis(Pooler):
    """Wrong shape."""


class SumsEverything(Pooler):
    """Ignores the mask."""


class UniformWhereEmpty(Pooler):
    """Spreads its attention over padding where there is nothing else."""


class DividesByTime(Pooler):
    """Hangs on the padding."""


class LooksAtNeighbours(Pooler):
    """Hangs on the batch."""


class DividesByNothing(Pooler):
    """NaN for an empty text."""


class DrawsAnew(Pooler):
    """Draws without a seed."""


class DrawsInKeras(Pooler):
    """Draws other numbers on each backend."""


class HasADeadWeight(Pooler):
    """Trains a weight that nothing uses."""


class ForgetsItsArgument(Pooler):
    """Does not say its argument in get_config."""

    def build(self, directions):
        from wrong_layers import ForgetsItsArgument

        return ForgetsItsArgument(2.0, name="wrong")


class IsNotRegistered(Pooler):
    """Cannot be loaded."""


class OtherOnJax(Pooler):
    """Other numbers on another backend."""


class WrongInOnnx(RightMean):
    """A sum in the graph."""

    def build(self, directions):
        from wrong_layers import RightMean

        return RightMean(name="wrong")

    def to_onnx(self, built, graph, *inputs):
        x, mask = inputs
        valid = graph.node("Unsqueeze", graph.node("Cast", mask, to=1), graph.constant([2], "int64"))
        return graph.node("ReduceSum", graph.node("Mul", x, valid), graph.constant([1], "int64"), keepdims=0)


class BrokenInOnnx(WrongInOnnx):
    """A node that ONNX does not have."""

    def to_onnx(self, built, graph, *inputs):
        return graph.node("NoSuchThing", *inputs)


class NewWeightsEachTime(PoolerSpec):
    """Two texts of a pair are read by different weights."""

    def build(self, directions):
        import keras
        from wrong_layers import RightMean

        return lambda x, mask=None: RightMean()(keras.layers.Dense(4)(x), mask=mask)


class SameNamesAgain(EncoderSpec):
    """Its second encoder cannot stand in a model beside the first."""

    @property
    def composes(self):
        """True."""
        return True

    def build(self):
        import keras

        layer = keras.layers.Dense(4, name="mixed")
        return lambda x, mask=None: layer(x)

    def build_composition(self):
        return self.build()


class LeaksIntoNeighbours(EncoderSpec):
    """A convolution that looks at padding."""

    def build(self):
        from wrong_layers import LeaksIntoNeighbours

        return LeaksIntoNeighbours(4, 3, padding="same", name="wrong")


class ReliesOnAnImplicitMask(EncoderSpec):
    """Gives the mask to the first of two recurrent layers."""

    def build(self):
        import keras

        one, two = (keras.layers.LSTM(3, return_sequences=True, name=f"wrong_{n}") for n in (1, 2))
        return lambda x, mask=None: two(one(x, mask=mask))


class ReliesOnOneInside(EncoderSpec):
    """The same in a layer of its own, behind a layer of Keras that hands masks on."""

    def build(self):
        from wrong_layers import ReliesOnOneInside

        return ReliesOnOneInside(name="wrong")


class HalvesOfThree(LeaksIntoNeighbours):
    """Two directions in five features."""

    @property
    def directions(self):
        return 2

    def build(self):
        import keras

        dense = keras.layers.Dense(5, name="wrong")
        return lambda x, mask=None: dense(x)


class PlainEmbedding(EmbeddingSpec):
    """Trains the vector of padding."""

    def build(self, vocabulary):
        import keras

        table = keras.layers.Embedding(len(vocabulary), 4, name="wrong")
        return lambda tokens, mask=None: table(tokens)
