"""Presets of keras-hub: of its own by their names, which are downloaded once, or from a folder."""

from __future__ import annotations

from typing import Any

from kerasseq.plugin import DataError

__all__ = ["opened"]


def opened(kind: str, preset: str) -> Any:
    """A `GPT2Backbone` or `GPT2Tokenizer` of a preset.

    Args:
        kind: The name of the class.
        preset: A name, an address or a folder, as `from_preset` takes it.

    Raises:
        DataError: There is no such preset, or it cannot be fetched.
    """
    import keras_hub

    try:
        return getattr(keras_hub.models, kind).from_preset(preset)
    except (ValueError, OSError, KeyError, TypeError) as cause:
        said = str(cause).splitlines()[0][:200] if str(cause) else type(cause).__name__
        raise DataError(f"preset: must be one of GPT-2 that keras-hub knows, got {preset!r}; {said}") from cause
