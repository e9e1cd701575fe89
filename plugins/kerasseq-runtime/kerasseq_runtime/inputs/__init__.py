"""What a file is asked with: one class for each kind of row that a file may take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerasseq_runtime.inputs.input import Input
from kerasseq_runtime.inputs.prompts import PromptInput
from kerasseq_runtime.inputs.texts import TextInput
from kerasseq_runtime.inputs.tokens import TokenInput
from kerasseq_runtime.inputs.vectors import VectorInput

__all__ = ["Input", "PromptInput", "TextInput", "TokenInput", "VectorInput", "input_of"]


def input_of(metadata: Mapping[str, Any], session: Any) -> Input:
    """Of a file that takes rows as they are, and no ids.

    Args:
        metadata: What `read_metadata` gives.
        session: The open file.
    """
    takes = metadata["takes"]
    if takes == "tokens":
        return TokenInput(metadata.get("cut", ""))
    if takes == "vectors":
        shapes = {tensor.name: tensor.shape for tensor in session.get_inputs()}
        width = shapes.get("vectors", [])[2:]
        return VectorInput(width[0] if width and isinstance(width[0], int) else 0, metadata.get("window", 0))
    return PromptInput() if takes == "prompt" else TextInput(takes == "pair")
