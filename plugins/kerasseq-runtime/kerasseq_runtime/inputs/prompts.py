"""Texts that a language model goes on with."""

from __future__ import annotations

from kerasseq_runtime.inputs.texts import TextInput

__all__ = ["PromptInput"]


class PromptInput(TextInput):
    """`text` `(N,)` string, which the file makes ids of; and `ids` `(B, T)`, which it reads, with its states."""

    def __init__(self) -> None:
        super().__init__(False)
        self.kind, self.noun = "prompt", "a prompt"
        self.tensors = {"text": "string", "ids": "int64"}
