"""Small layers of `keras.ops`, one for each operation that an exporter knows: `(x, mask, ids) -> a tensor or several`.

`x` is `(B, T, 4)` float32, `mask` `(B, T)` bool, `ids` `(B, T)` int32 of 0 to 9.
"""

import keras
import numpy as np
from keras import ops

WEIGHTS = np.random.default_rng(3).normal(size=(4, 5)).astype("float32")
ROW = ops.convert_to_tensor(np.array([0.5, -1.0, 2.0, 0.25], dtype="float32"))


def size(x, axis):
    return ops.shape(x)[axis]


def over(x):
    """Nowhere 0, so that one can divide."""
    return ops.abs(x) + 0.5


UNARY = (
    "abs exp expm1 sin cos tan arctan sinh cosh tanh arcsinh sigmoid relu relu6 softplus softsign silu selu elu "
    "log_sigmoid leaky_relu hard_sigmoid hard_silu hard_tanh celu soft_shrink hard_shrink tanh_shrink squareplus "
    "sparse_plus sparse_sigmoid erf sign floor ceil round trunc square negative exp2 deg2rad cbrt isfinite isnan isinf "
    "nan_to_num stop_gradient copy"
).split()
POSITIVE = "sqrt rsqrt log log1p log2 log10 reciprocal".split()
BINARY = "add subtract multiply maximum minimum logaddexp hypot".split()
COMPARISONS = "equal not_equal less less_equal greater greater_equal".split()

ELEMENTWISE = {
    **{name: lambda x, m, i, name=name: getattr(ops, name)(x * 2) for name in UNARY},
    **{name: lambda x, m, i, name=name: getattr(ops, name)(over(x)) for name in POSITIVE},
    **{name: lambda x, m, i, name=name: getattr(ops, name)(x, ops.flip(x, axis=1) * 2) for name in BINARY},
    **{f"{name} of a number": lambda x, m, i, name=name: getattr(ops, name)(x, 0.3) for name in BINARY[:-1]},
    **{name: lambda x, m, i, name=name: getattr(ops, name)(i, ops.flip(i, axis=1)) for name in COMPARISONS},
    **{f"{name} of kinds": lambda x, m, i, name=name: getattr(ops, name)(i, x[..., 0]) for name in COMPARISONS},
    **{f"{name} of truths": lambda x, m, i, name=name: getattr(ops, name)(m, i > 4) for name in COMPARISONS},
    **{
        f"logical_{name}": lambda x, m, i, name=name: getattr(ops, f"logical_{name}")(m, i > 4)
        for name in ("and", "or", "xor")
    },
    "logical_not of numbers": lambda x, m, i: ops.logical_not(i),
    "operators": lambda x, m, i: ((x + 1) * 2 - x / 3) ** 2 - (2 - x) / over(x) + abs(x) - (-x),
    "operators of truths": lambda x, m, i: (m & (i > 2)) | ~m ^ (i == 3),
    "equality": lambda x, m, i: ops.cast(i == 3, "float32") + ops.cast(i != i[:, :1], "float32"),
    "arithmetic of truths": lambda x, m, i: (ops.add(m, i > 4), ops.multiply(m, i > 4), ops.maximum(m, i > 4)),
    "whole numbers": lambda x, m, i: i * 3 - 20,
    "floor_divide": lambda x, m, i: ((i - 5) // 3, (i - 5) // -2, ops.floor_divide(x * 5, 1.5)),
    "mod": lambda x, m, i: ((i - 5) % 3, (i - 5) % -4, ops.mod(x * 5, 1.5), ops.mod(x * 5, -1.5)),
    "divide of whole numbers": lambda x, m, i: i / (i + 1),
    "divide_no_nan": lambda x, m, i: ops.divide_no_nan(x[..., 0], ops.cast(i, "float32") - 3),
    "power": lambda x, m, i: (over(x) ** 1.5, x**3, 2.0**x, i**2, ops.power(over(x), x)),
    "clip": lambda x, m, i: (ops.clip(x, -0.5, 0.7), ops.clip(i, 2, 5)),
    "clip by tensors": lambda x, m, i: ops.minimum(ops.maximum(x, ROW - 1), ROW),
    "gelu": lambda x, m, i: (ops.gelu(x), ops.gelu(x, approximate=False)),
    "glu": lambda x, m, i: ops.glu(x),
    "threshold": lambda x, m, i: ops.threshold(x, 0.1, -7.0),
    "round to decimals": lambda x, m, i: ops.round(x, 1),
    "cast": lambda x, m, i: (
        ops.cast(x * 3, "int32"),
        ops.cast(i, "float32"),
        ops.cast(i, "bool"),
        ops.cast(m, "int32"),
    ),
    "small numbers": lambda x, m, i: ops.cast(ops.cast(i * 60, "int8") + ops.cast(i, "int8"), "int32"),
    "unsigned numbers": lambda x, m, i: ops.cast(ops.cast(i, "uint8") - 5, "int32"),
    "half numbers": lambda x, m, i: ops.cast(ops.cast(x, "float32") * 2, "float32"),
    "hash": lambda x, m, i: ops.mod(i * 2654435 * 1000, 97),
    "where": lambda x, m, i: (ops.where(m[:, :, None], x, 0.0), ops.where(m, i, -1), ops.where(m, i > 3, m)),
    "where of kinds": lambda x, m, i: ops.where(m, i, x[..., 0]),
    "numbers near 0": lambda x, m, i: (ops.log1p(x * 1e-6), ops.expm1(x * 1e-6)),
    "a weight first": lambda x, m, i: ROW * x + ROW,
    "zeros and ones": lambda x, m, i: (
        ops.where(m[:, :, None], x, ops.zeros_like(x)),
        ops.zeros_like(x),
        ops.ones_like(i),
        ops.full_like(x, 3),
        ops.ones_like(x, dtype="bool"),
        ops.zeros_like(i, dtype="float32") + x[..., 0],
    ),
}

REDUCED = "sum mean max min prod var std any all logsumexp amax amin ptp".split()
FUNCTIONS = "softmax log_softmax sparsemax cumsum sort argsort argmax argmin normalize".split()


def _axis(name):
    options = ({"axis": 1}, {"axis": -1}, {"axis": (0, 1)})
    kept = ({}, {"axis": 1, "keepdims": True}, {"axis": (1, 2), "keepdims": True})
    return lambda x, m, i: tuple(getattr(ops, name)(x, **each) for each in (*options, *kept))


REDUCTIONS = {
    **{name: _axis(name) for name in REDUCED},
    **{f"{name} of whole numbers": lambda x, m, i, name=name: getattr(ops, name)(i, axis=1) for name in REDUCED},
    **{
        f"{name} of truths": lambda x, m, i, name=name: getattr(ops, name)(m, axis=1)
        for name in REDUCED
        if name not in ("var", "std", "logsumexp", "ptp")
    },
    **{
        name: lambda x, m, i, name=name: (getattr(ops, name)(x, axis=1), getattr(ops, name)(x, axis=-1))
        for name in FUNCTIONS
    },
    "whole cumsum": lambda x, m, i: (ops.cumsum(i, axis=1), ops.cumsum(ops.cast(m, "int32"), axis=1), ops.cumsum(x)),
    "whole ranks": lambda x, m, i: (ops.argsort(i, axis=1), ops.sort(i, axis=1), ops.argmax(i, axis=1), ops.argmax(x)),
    "softmax over two axes": lambda x, m, i: (ops.softmax(x, axis=(1, 2)), ops.softmax(x, axis=(0, 1))),
    "max with a start": lambda x, m, i: (ops.max(x, axis=1, initial=0.3), ops.min(x, axis=1, initial=0.1)),
    "average": lambda x, m, i: (ops.average(x, axis=-1, weights=over(ROW)), ops.average(x, axis=1)),
    "moments": lambda x, m, i: ops.moments(x, axes=[1]),
    "norm": lambda x, m, i: (
        ops.norm(x),
        *(ops.norm(x, ord=order, axis=-1) for order in (None, 2, 1, np.inf, -np.inf, 3)),
        ops.norm(x, axis=(1, 2)),
    ),
    "normalize by others": lambda x, m, i: (ops.normalize(x, axis=1, order=1), ops.normalize(x * 0, axis=-1)),
    "layer_normalization": lambda x, m, i: (
        ops.layer_normalization(x, ROW, ROW - 1, axis=-1, epsilon=1e-5),
        ops.layer_normalization(x, axis=-1),
    ),
    "rms_normalization": lambda x, m, i: ops.rms_normalization(x, ROW),
    "batch_normalization": lambda x, m, i: (
        ops.batch_normalization(x, ROW, over(ROW), axis=-1),
        ops.batch_normalization(x, ops.mean(x, axis=(0, 1)), over(ROW), axis=-1, scale=ROW, offset=ROW),
    ),
    "top_k": lambda x, m, i: (*ops.top_k(x, 2), ops.top_k(i, 1)[0]),
    "an empty softmax": lambda x, m, i: ops.softmax(ops.where(m, x[..., 0], -1e9), axis=1),
}

SHAPES = {
    "items": lambda x, m, i: (x[:, 0], x[:, -1], x[..., 1], x[:, :, None, 1:3], x[None], x[0], x[:, :1, -1]),
    "slices of rows": lambda x, m, i: (x[1:], x[:-1, 0]),
    "slices": lambda x, m, i: (x[:, 1:], x[:, :-1], x[:, ::2], x[:, -2:], x[..., -3:-1], x[...]),
    "items of truths": lambda x, m, i: (m[:, 0], m[:, :, None], m[:, 1:]),
    "items by sizes": lambda x, m, i: (x[:, size(x, 1) - 1], x[:, : size(x, 1) - 1], x[:, size(x, 1) // 2 :]),
    "an item by a tensor": lambda x, m, i: (x[:, ops.argmax(x[0, :, 0])], ops.convert_to_tensor(WEIGHTS)[:, 2]),
    "expand_dims": lambda x, m, i: (ops.expand_dims(x, 1), ops.expand_dims(m, -1), ops.expand_dims(x, (0, -1))),
    "squeeze": lambda x, m, i: (ops.squeeze(x[..., :1], -1), ops.squeeze(i[:, None, :, None], (1, -1))),
    "reshape": lambda x, m, i: (
        ops.reshape(x, (-1, 4)),
        ops.reshape(x, (size(x, 0), -1)),
        ops.reshape(x, (-1, size(x, 1), 2, 2)),
        ops.reshape(x, (size(x, 0) * size(x, 1), 4)),
        ops.reshape(x, (size(x, 0), size(x, 1), 2, 2)),
        ops.reshape(i, (-1,)),
        ops.ravel(x),
        x.reshape((-1, 2)),
    ),
    "transpose": lambda x, m, i: (
        ops.transpose(x, (0, 2, 1)),
        ops.swapaxes(x, 0, 1),
        ops.transpose(m),
    ),
    "moveaxis": lambda x, m, i: (ops.moveaxis(x, 0, -1), ops.moveaxis(x, (0, 1), (2, 0)), ops.moveaxis(x, 2, 0)),
    "concatenate": lambda x, m, i: (
        ops.concatenate([x, x * 2, ops.ones_like(x)], axis=1),
        ops.concatenate([x, ops.expand_dims(ops.cast(i, "float32"), -1)], axis=-1),
        ops.concatenate([m, i > 3], axis=1),
        ops.concatenate([x[..., 0], i], axis=0),
    ),
    "stack": lambda x, m, i: (ops.stack([x, x + 1]), ops.stack([i, i, i], axis=-1), ops.stack([m, m], axis=1)),
    "unstack": lambda x, m, i: tuple(ops.unstack(x, axis=-1)),
    "split": lambda x, m, i: (*ops.split(x, 2, axis=-1), *ops.split(x, [1, 3], axis=-1), *ops.split(x, [1], axis=1)),
    "take": lambda x, m, i: (
        ops.take(ops.convert_to_tensor(np.eye(10, 3, dtype="float32")), i, axis=0),
        ops.take(x, [0, 2, -1], axis=-1),
        ops.take(x, 0, axis=1),
        ops.take(i, ops.convert_to_tensor([0])),
        ops.take(m, ops.argmax(i, axis=1), axis=0)[:0],
    ),
    "take_along_axis": lambda x, m, i: (
        ops.take_along_axis(x, ops.argsort(x, axis=1), axis=1),
        ops.take_along_axis(x, ops.argmax(x, axis=1, keepdims=True), axis=1),
        ops.take_along_axis(x, ops.expand_dims(ops.argsort(i, axis=1), -1), axis=1),
        ops.take_along_axis(m, ops.argsort(i, axis=1), axis=1),
    ),
    "repeat": lambda x, m, i: (
        ops.repeat(x, 3, axis=1),
        ops.repeat(x, 2, axis=0),
        ops.repeat(x, 2, axis=-1),
        ops.repeat(i, 2),
        ops.repeat(x[:, :1], size(x, 1), axis=1),
    ),
    "tile": lambda x, m, i: (
        ops.tile(x, (1, 2, 1)),
        ops.tile(x[:, :1], (1, size(x, 1), 1)),
        ops.tile(i[:, :1], (2, 1, 3)),
        ops.tile(ROW, size(x, 0)),
    ),
    "broadcast_to": lambda x, m, i: (
        ops.broadcast_to(ROW, ops.shape(x)),
        ops.broadcast_to(x[:, :1], (size(x, 0), size(x, 1), 4)),
        ops.broadcast_to(m[:, :, None], ops.shape(x)),
    ),
    "pad": lambda x, m, i: (
        ops.pad(x, [[0, 0], [1, 2], [0, 0]]),
        ops.pad(x, [[0, 0], [0, 3], [0, 0]], constant_values=-3e38),
        ops.pad(m, [[0, 0], [2, 0]]),
        ops.pad(x, [[0, 0], [0, 0], [1, 2]], mode="reflect"),
    ),
    "flip": lambda x, m, i: (ops.flip(x), ops.flip(x, axis=1), ops.flip(m, axis=-1)),
    "roll": lambda x, m, i: (ops.roll(x, 1, axis=1), ops.roll(x, -2, axis=-1), ops.roll(i, 9, axis=1)),
    "diff": lambda x, m, i: (ops.diff(x, axis=-1), ops.diff(x, n=2, axis=-1)),
    "slice": lambda x, m, i: (ops.slice(x, (0, 0, 1), (1, 1, 2)), ops.slice(x, (0, 0, 2), (size(x, 0), size(x, 1), 2))),
    "arange": lambda x, m, i: (
        ops.arange(size(x, 1)),
        ops.arange(1, size(x, 1) + 1, dtype="float32"),
        ops.arange(0, size(x, 1), 2),
        ops.arange(5) + size(x, 0),
    ),
    "filled": lambda x, m, i: (
        ops.zeros((size(x, 0), 3)),
        ops.ones(ops.shape(x)[:2], dtype="bool"),
        ops.full((size(x, 1),), 7),
        ops.full(ops.shape(m), 0.5),
        ops.zeros(x.shape),
        ops.ones((2, 3)) * x[0, 0, 0],
    ),
    "squares": lambda x, m, i: (
        ops.tri(size(x, 1)),
        ops.tri(size(x, 1), dtype="bool"),
        ops.eye(size(x, 1)),
        ops.tril(ops.ones((size(x, 1), size(x, 1)))),
        ops.triu(x, k=1),
        ops.tril(ops.cast(ops.ones((size(x, 1), 3)), "bool")),
    ),
    "one_hot": lambda x, m, i: (
        ops.one_hot(i, 10),
        ops.one_hot(ops.clip(i, 0, 3), 4),
        ops.one_hot(i, 10, axis=1, dtype="int32"),
    ),
    "sizes": lambda x, m, i: (
        x * size(x, 1),
        x / x.shape[1],
        ops.cast(size(x, 0), "float32") * ROW,
        ops.sqrt(ops.cast(size(x, 1), "float32")) + x,
        ops.minimum(size(x, 1), 3) * i,
        ops.sum(x, axis=1) / (size(x, 1) + 1),
    ),
    "scatter": lambda x, m, i: (
        ops.scatter(ops.reshape(i, (-1, 1)), ops.ones_like(ops.reshape(i, (-1,))), (10,)),
        ops.scatter_update(ops.zeros((10, 4)), i[:1, :1], x[:1, 0]),
    ),
    "relative places": lambda x, m, i: ops.take(
        ops.convert_to_tensor(np.arange(60.0, dtype="float32").reshape(30, 2)),
        ops.clip(ops.arange(size(x, 1))[None, :] - ops.arange(size(x, 1))[:, None], -9, 9) + 9,
        axis=0,
    ),
}

PRODUCTS = {
    "matmul": lambda x, m, i: (
        ops.matmul(x, WEIGHTS),
        x @ ops.transpose(x, (0, 2, 1)),
        ops.matmul(x, ROW),
        ops.matmul(i, ops.transpose(i)),
        ops.matmul(ROW, WEIGHTS) + x[:, :, :1],
    ),
    "dot": lambda x, m, i: (ops.dot(x, WEIGHTS), ops.dot(x, ROW), ops.dot(x[0], ops.transpose(x[0])), ops.dot(x, 3.0)),
    "einsum": lambda x, m, i: (
        ops.einsum("btd,du->btu", x, WEIGHTS),
        ops.einsum("bt,btd->bd", ops.cast(m, "float32"), x),
        ops.einsum("btd,bsd->bts", x, x),
        ops.einsum("...d,du->...u", x, WEIGHTS),
        ops.einsum("btd->bd", x),
    ),
    "tensordot": lambda x, m, i: (ops.tensordot(x, WEIGHTS, 1), ops.tensordot(x, x, [[0, 1], [0, 1]])),
    "outer": lambda x, m, i: (ops.outer(x, ROW), ops.inner(x, ROW)),
    "conv": lambda x, m, i: (
        ops.conv(x, np.stack([WEIGHTS] * 3), padding="same"),
        ops.conv(ops.pad(x, [[0, 0], [2, 0], [0, 0]]), np.stack([WEIGHTS] * 3)),
        ops.conv(x, np.stack([WEIGHTS] * 2), padding="same", dilation_rate=2),
        ops.depthwise_conv(x, np.ones((3, 4, 2), "float32"), padding="same"),
    ),
    "conv in steps": lambda x, m, i: ops.conv(ops.pad(x, [[0, 0], [1, 1], [0, 0]]), np.stack([WEIGHTS] * 3), strides=2),
    "pools": lambda x, m, i: (
        ops.max_pool(x, 2, strides=1, padding="same"),
        ops.average_pool(x, 3, strides=1, padding="same"),
        ops.max_pool(ops.pad(x, [[0, 0], [0, 1], [0, 0]]), 2),
    ),
    "dot_product_attention": lambda x, m, i: (
        ops.dot_product_attention(*(ops.reshape(y, (size(x, 0), -1, 2, 2)) for y in (x, x + 1, x * 2))),
        ops.dot_product_attention(
            *(ops.reshape(y, (size(x, 0), -1, 2, 2)) for y in (x, x + 1, x * 2)),
            mask=ops.logical_or(m[:, None, None, :], ops.arange(size(x, 1)) == 0),
            scale=0.3,
        ),
        ops.dot_product_attention(*(ops.reshape(y, (size(x, 0), -1, 1, 4)) for y in (x, x, x)), is_causal=True),
    ),
}

EVERY = {**ELEMENTWISE, **REDUCTIONS, **SHAPES, **PRODUCTS}


class Of(keras.layers.Layer):
    """The layer of a function."""

    def __init__(self, function, **kwargs):
        super().__init__(**kwargs)
        self.function = function

    def call(self, x, valid, ids):
        return self.function(x, valid, ids)


def example(batch, time, seed=0):
    """Ragged rows: `x`, `mask` and `ids`."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(batch, time, 4)).astype("float32")
    mask = np.arange(time) < random.integers(0, time + 1, (batch, 1))
    return x, mask, random.integers(0, 10, (batch, time)).astype("int32")
