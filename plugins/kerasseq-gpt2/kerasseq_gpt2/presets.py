"""Presets of keras-hub: of its own by their names, which are downloaded once, or from a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kerasseq.plugin import DataError, DownloadError, damage

__all__ = ["opened"]

SAVE = "from_preset(NAME).save_to_preset(FOLDER) of keras_hub's GPT2Backbone and GPT2Tokenizer"
"""How a preset gets to a machine that cannot fetch it."""


def opened(kind: str, preset: str) -> Any:
    """A `GPT2Backbone` or `GPT2Tokenizer` of a preset.

    Args:
        kind: The name of the class.
        preset: A name, an address such as `hf://organisation/model`, or a folder.

    Raises:
        DataError: There is no such preset, or it is of another model or damaged.
        DownloadError: It cannot be fetched.
    """
    import keras_hub

    local = Path(preset).is_dir()
    known = sorted(keras_hub.models.GPT2Backbone.presets)
    if not local and "://" not in preset and preset not in known:
        raise DataError(f'preset: must be a folder, an address or one of {", ".join(known)}, got "{preset}"')
    try:
        return getattr(keras_hub.models, kind).from_preset(preset)
    except Exception as cause:  # of whichever hub it comes from
        if local or isinstance(cause, TypeError | KeyError):
            raise DataError(
                f"{preset}: must be a preset of GPT-2 as keras-hub saves it, got {damage(cause)}"
            ) from cause
        raise DownloadError(
            f'preset: "{preset}" could not be fetched, got {damage(cause)}; try again where the hub can be reached, or '
            f"bring its folder, {SAVE}, and set preset = FOLDER"
        ) from cause
