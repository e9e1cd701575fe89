"""Layers that each break one rule."""

import keras
import numpy as np
from keras import ops

register = keras.saving.register_keras_serializable(package="wrong")


def total(x, mask):
    return ops.sum(ops.where(mask[:, :, None], x, 0.0), axis=1)


def count(mask):
    return ops.sum(ops.cast(mask, "float32"), axis=1, keepdims=True)


@register
class RightMean(keras.layers.Layer):
    def call(self, x, mask=None):
        return total(x, mask) / ops.maximum(count(mask), 1)

    def compute_mask(self, x, mask=None):
        return None


@register
class KeepsTheAxis(RightMean):
    def call(self, x, mask=None):
        return super().call(x, mask)[:, None, :]


@register
class SumsEverything(RightMean):
    def call(self, x, mask=None):
        return ops.sum(x, axis=1)


@register
class UniformWhereEmpty(RightMean):
    def call(self, x, mask=None):
        powers = ops.where(mask, 1.0, 1e-30)
        return ops.sum(x * (powers / ops.sum(powers, axis=1, keepdims=True))[:, :, None], axis=1)


@register
class DividesByTime(RightMean):
    def call(self, x, mask=None):
        return total(x, mask) / x.shape[1] if x.shape[1] else total(x, mask) / ops.shape(x)[1]


@register
class LooksAtNeighbours(RightMean):
    def call(self, x, mask=None):
        y = super().call(x, mask)
        return y - ops.mean(y, axis=0, keepdims=True)


@register
class DividesByNothing(RightMean):
    def call(self, x, mask=None):
        return total(x, mask) / count(mask)


@register
class DrawsAnew(RightMean):
    def build(self, shape):
        draw = np.random.default_rng().normal(size=(shape[-1],)).astype("float32")
        self.scale = self.add_weight(shape=(shape[-1],), initializer=lambda *_, **__: draw, name="scale")

    def call(self, x, mask=None):
        return super().call(x, mask) * self.scale


@register
class DrawsInKeras(RightMean):
    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer=keras.initializers.RandomUniform(), name="scale")

    def call(self, x, mask=None):
        return super().call(x, mask) * self.scale


@register
class HasADeadWeight(RightMean):
    def build(self, shape):
        self.dead = self.add_weight(shape=(shape[-1],), initializer="zeros", name="dead")


@register
class ForgetsItsArgument(RightMean):
    def __init__(self, factor=1.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def get_config(self):
        return {"name": self.name}

    def call(self, x, mask=None):
        return super().call(x, mask) * self.factor


class IsNotRegistered(RightMean):
    pass


@register
class OtherOnJax(RightMean):
    def call(self, x, mask=None):
        return super().call(x, mask) * (1.01 if keras.backend.backend() == "jax" else 1.0)


@register
class LeaksIntoNeighbours(keras.layers.Conv1D):
    def call(self, x, mask=None):
        return super().call(x)

    def compute_mask(self, x, mask=None):
        return None


@register
class ReliesOnOneInside(keras.layers.Layer):
    def build(self, shape):
        reader = keras.layers.SimpleRNN(3, return_sequences=True, name="inner")
        self.first = keras.layers.Bidirectional(reader, name="first")
        self.between = keras.layers.LayerNormalization(name="between")
        self.second = keras.layers.SimpleRNN(3, return_sequences=True, name="second")
        self.first.build(shape)
        self.between.build((*shape[:-1], 6))
        self.second.build((*shape[:-1], 6))

    def call(self, x, mask=None):
        return self.second(self.between(self.first(x, mask=mask)))

    def compute_output_shape(self, shape):  # without it Keras runs through a text of many steps to find out
        return (*shape[:-1], 3)

    def compute_mask(self, x, mask=None):
        return None
