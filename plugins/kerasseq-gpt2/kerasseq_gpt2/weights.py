"""GPT-2's weights by the names of the Hugging Face Hub: read from safetensors, checked, given to a backbone."""

# V tokens with GPT-2's own ids, C context, D units

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.plugin import SPECIALS, DataError, damage

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Sizes", "arrays_of", "assign", "read", "sizes_of", "token_rows"]

Arrays = Mapping[str, "NDArray[np.float32]"]

UNUSED = re.compile(r"(h\.\d+\.attn\.(bias|masked_bias)|lm_head\.weight)$")
"""Masks that old files hold, and the head, which is the table of the tokens."""

HEAD = 64
"""Units of a head in every GPT-2, for a file without a config.json."""


@dataclass(frozen=True)
class Sizes:
    """What a GPT-2 is made of.

    Attributes:
        layers: Transformer layers.
        heads: Of each.
        units: D.
        context: C, the most tokens that it reads.
        tokens: V.
    """

    layers: int
    heads: int
    units: int
    context: int
    tokens: int

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Every weight and its shape."""
        d = self.units
        found: dict[str, tuple[int, ...]] = {"wte.weight": (self.tokens, d), "wpe.weight": (self.context, d)}
        for layer in range(self.layers):
            for name, wide, out in (
                ("attn.c_attn", d, 3 * d),
                ("attn.c_proj", d, d),
                ("mlp.c_fc", d, 4 * d),
                ("mlp.c_proj", 4 * d, d),
            ):
                found |= {f"h.{layer}.{name}.weight": (wide, out), f"h.{layer}.{name}.bias": (out,)}
            for name in ("ln_1", "ln_2"):
                found |= {f"h.{layer}.{name}.{part}": (d,) for part in ("weight", "bias")}
        return found | {"ln_f.weight": (d,), "ln_f.bias": (d,)}


def read(path: str | Path) -> tuple[Arrays, Sizes]:
    """The weights of a `.safetensors`, or of the one in a folder, float32.

    Nothing of the file is run: it is a header of JSON, whose size the library bounds, and numbers.

    Raises:
        DataError: It cannot be read, or is of another model; names every weight that is missing or of another shape.
    """
    from safetensors import SafetensorError, safe_open

    path = Path(path)
    file = path / "model.safetensors" if path.is_dir() else path
    try:
        with safe_open(file, framework="numpy") as opened:
            names = {name.removeprefix("transformer."): name for name in opened.keys()}  # noqa: SIM118
            found = {short: opened.get_tensor(name) for short, name in names.items() if UNUSED.search(short) is None}
    except (SafetensorError, OSError, TypeError, ValueError, AttributeError) as cause:
        raise DataError(f"{file}: must be weights of GPT-2 as safetensors, got {damage(cause)}") from cause
    sizes = sizes_of(found, file)
    faults = list(_faults(found, sizes.shapes()))
    if faults:
        more = [f"and {len(faults) - 20} more"] if len(faults) > 20 else []
        raise DataError("\n".join([*(f"{file}: {fault}" for fault in faults[:20]), *more]))
    return {name: np.asarray(value, dtype=np.float32) for name, value in found.items()}, sizes


def sizes_of(arrays: Mapping[str, Any], file: Path) -> Sizes:
    """What the shapes say; the heads stand in a `config.json` beside the file, else each has 64 units.

    Raises:
        DataError: There is no table of tokens or positions, or the config.json is damaged.
    """
    for name in ("wte.weight", "wpe.weight"):
        if name not in arrays or arrays[name].ndim != 2:
            raise DataError(f"{file}: must have {name} with two axes, got none; is it of GPT-2?")
    layers = len({name.split(".")[1] for name in arrays if name.startswith("h.")})
    tokens, units = arrays["wte.weight"].shape
    config, heads = file.parent / "config.json", max(units // HEAD, 1)
    if config.is_file():
        try:
            heads = int(json.loads(config.read_text(encoding="utf-8"))["n_head"])
        except (OSError, ValueError, KeyError, TypeError) as cause:
            raise DataError(f"{config}: must have n_head, got {damage(cause)}") from cause
    if heads < 1 or units % heads:
        raise DataError(f"{config}: n_head must divide the {units} units of {file.name}, got {heads}")
    return Sizes(layers, heads, units, arrays["wpe.weight"].shape[0], tokens)


def _faults(arrays: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> Iterator[str]:
    for name, shape in shapes.items():
        if name not in arrays:
            yield f"must have {name} {shape}, got none"
        elif tuple(arrays[name].shape) != shape:
            yield f"{name} must have the shape {shape}, got {tuple(arrays[name].shape)}"
    for name in sorted(arrays.keys() - shapes.keys()):
        yield f"must have no weight {name[:60]}, which GPT-2 has not"


def token_rows(tokens: int) -> NDArray[np.int64]:
    """The row of GPT-2's table for each of kerasseq's ids behind padding and unknown: the separator, then the rest."""
    return np.array([tokens - 1, *range(tokens - 1)])


def assign(backbone: Any, arrays: Arrays) -> None:
    """Give a backbone these weights, in kerasseq's order of tokens; none of them is drawn anew."""
    import keras

    table = arrays["wte.weight"]
    wide = np.zeros((len(SPECIALS) - 1, table.shape[1]), dtype=np.float32)
    own = np.concatenate([wide, table[token_rows(len(table))]])
    for name, part, variable in _variables(backbone):
        value = own if name == "wte.weight" else arrays[name]
        if part is not None:
            value = np.split(value, 3, axis=-1)[part]
        variable.assign(value.reshape(variable.shape))
    for layer in backbone._flatten_layers(include_self=False):  # what is given is not drawn
        for name in ("kernel_initializer", "embeddings_initializer"):
            if hasattr(layer, name):
                setattr(layer, name, keras.initializers.Zeros())


def arrays_of(backbone: Any) -> dict[str, NDArray[np.float32]]:
    """The weights of a backbone by their names; the tables as they are, LoRA within what it changes."""
    import keras

    found: dict[str, Any] = {}
    parts: dict[str, list[Any]] = {}
    shapes = Sizes(backbone.num_layers, backbone.num_heads, backbone.hidden_dim, 0, 0).shapes()
    for name, part, variable in _variables(backbone):
        value = np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(variable, "float32")))
        if part is None:
            found[name] = value if name in ("wte.weight", "wpe.weight") else value.reshape(shapes[name])
        else:
            parts.setdefault(name, []).append(value.reshape(-1, backbone.hidden_dim))
    for name, three in parts.items():
        found[name] = np.concatenate(three, axis=1).reshape(shapes[name])
    return found


def _variables(backbone: Any) -> Iterator[tuple[str, int | None, Any]]:
    """Each weight's name, which third of it, and the variable of the backbone."""
    yield "wte.weight", None, backbone.token_embedding.embeddings
    yield "wpe.weight", None, backbone.position_embedding.position_embeddings
    for place, layer in enumerate(backbone.transformer_layers):
        attention = layer._self_attention_layer
        for part, dense in enumerate((attention.query_dense, attention.key_dense, attention.value_dense)):
            yield f"h.{place}.attn.c_attn.weight", part, dense.kernel
            yield f"h.{place}.attn.c_attn.bias", part, dense.bias
        for name, dense in (
            ("attn.c_proj", attention.output_dense),
            ("mlp.c_fc", layer._feedforward_intermediate_dense),
            ("mlp.c_proj", layer._feedforward_output_dense),
        ):
            yield f"h.{place}.{name}.weight", None, dense.kernel
            yield f"h.{place}.{name}.bias", None, dense.bias
        for name, norm in (("ln_1", layer._self_attention_layer_norm), ("ln_2", layer._feedforward_layer_norm)):
            yield f"h.{place}.{name}.weight", None, norm.gamma
            yield f"h.{place}.{name}.bias", None, norm.beta
    yield "ln_f.weight", None, backbone.layer_norm.gamma
    yield "ln_f.bias", None, backbone.layer_norm.beta
