"""The configuration inside a `.keras` file from elsewhere, judged before Keras builds what it names.

Keras looks classes and functions up by the module and the name that a file gives, and calls them: that has run code
(CVE-2024-3660, CVE-2025-1550, CVE-2025-8747, CVE-2025-9906), read files (CVE-2025-12058), and takes whatever memory a
number asks for. Here a file may name what a network is made of and nothing else, in sizes that its weights have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["check_config"]

PARTS = ("activations", "constraints", "dtype_policies", "initializers", "layers", "models", "ops", "quantizers")
"""Of Keras: what networks are made of; and `regularizers`. No file, no setting and no download is among them."""

PLAIN = ("__bytes__", "__ellipsis__", "__keras_tensor__", "__numpy__", "__slice__", "__tensor__", "__tuple__")
"""Values that Keras writes as if they were of a class."""

OUTSIDE = (
    *("Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"),  # hold code
    *("StringLookup", "IntegerLookup", "IndexLookup", "TextVectorization"),  # read files
)
"""Layers that no model of kerasseq has."""

SEEDS = ("seed", "shared_object_id")
"""Numbers that are no sizes."""

LEAST = 1 << 16
"""A number of a configuration may be as large even where no weight is."""

ROOM = 1 << 28
"""Bytes that weights may take by their configuration, beside 16 times what they have."""

RECURRENT = ("LSTM", "GRU", "SimpleRNN", "LSTMCell", "GRUCell", "SimpleRNNCell")


def check_config(config: Any, known: Callable[[str], bool], largest: int, kept: int) -> Iterator[str]:
    """What is wrong with a configuration.

    Args:
        config: The JSON of `config.json`.
        known: Whether an installed package has registered a name with Keras.
        largest: The largest axis of the weights in the file.
        kept: Bytes of the weights in the file.
    """
    found = [each for each in _objects(config) if each is not config or "class_name" in config]
    for each in found:
        if fault := _named(each, known):
            yield fault
            return
    limit = max(largest, LEAST)
    sizes = [_sizes(each.get("config")) for each in found]
    most = max((max(numbers, default=0) for numbers in sizes), default=0)
    if most > limit:
        yield f"config.json: sizes must be at most {limit:,}, as those of the weights are, got {str(most)[:30]}"
        return
    asked = 4 * sum(_weights(each, numbers, most) for each, numbers in zip(found, sizes, strict=True))
    if asked > ROOM + 16 * kept:
        yield f"config.json: must ask for the {kept:,} bytes of weights that are there, got some {asked:,}"


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """Everything that a configuration names."""
    if isinstance(value, dict):
        if "class_name" in value or "module" in value:
            yield value
        for key, inner in value.items():
            if key != "compile_config":  # Keras is not asked for it
                yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def _named(each: Mapping[str, Any], known: Callable[[str], bool]) -> str:
    """What is wrong with what is named; empty where it is a part of a network."""
    module, name, registered = (each.get(key) for key in ("module", "class_name", "registered_name"))
    if module is None and name in PLAIN:
        return ""
    if name not in OUTSIDE and isinstance(module, str):
        path = module.removeprefix("keras.src.").removeprefix("keras.").split(".")
        function = name == "function"
        if module == "keras" and not function:
            return ""
        if module.startswith("keras.") and path[0] in (*PARTS, "regularizers"):
            if not function or path[0] == "activations":
                return ""
        elif isinstance(registered, str) and ">" in registered and known(registered):
            return ""
    got = f"{str(name)[:60]} of {str(module)[:60]}"
    return f"config.json: must be made of layers of Keras and of installed packages, got {got}"


def _sizes(value: Any) -> list[int]:
    """The whole numbers of one object, those of objects inside left to them."""
    if isinstance(value, dict):
        inner = (v for k, v in value.items() if k not in SEEDS and not (isinstance(v, dict) and "class_name" in v))
        return [number for each in inner for number in _sizes(each)]
    if isinstance(value, list):
        return [number for each in value if not isinstance(each, dict) for number in _sizes(each)]
    return [value] if isinstance(value, int) and not isinstance(value, bool) else []


def _weights(each: Mapping[str, Any], sizes: list[int], most: int) -> int:
    """About how many weights Keras makes of an object."""
    module, name = str(each.get("module")), each.get("class_name")
    if not sizes or name == "InputLayer" or name in PLAIN or not isinstance(each.get("config"), dict):
        return 0
    if module.startswith("keras.") and ".layers" not in module:
        return 0
    first, *rest = sorted((number for number in sizes if number > 0), reverse=True) or [0]
    if "build_config" not in each:
        return 4 * first * most
    read = max(_sizes(_read(each["build_config"])), default=0)
    if name in RECURRENT:
        return 4 * first * (read + first)
    return max(first * (rest[0] if rest else 1), first * read)


def _read(shapes: Any) -> Any:
    """What a layer was built on; of a table of vectors that another layer holds, a row."""
    if not isinstance(shapes, dict):
        return shapes
    inner = {key: _read(value) for key, value in shapes.items()}
    table = inner.get("table_shape")
    return {**inner, "table_shape": table[1:]} if isinstance(table, list) else inner
