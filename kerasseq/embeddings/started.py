"""`from`: the vectors of a finished language model, which an embedding starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, create_model

from kerasseq.embeddings.settings import VectorSettings
from kerasseq.spec import InputPath

__all__ = ["StartedVectors"]

FROM = """Run of a language model, whose vectors this embedding starts with, token by token; empty for drawn ones. A
token that the run does not know starts with the mean of those that it knows (Howard & Ruder, 2018); the log says how
many."""

if TYPE_CHECKING:

    class StartedVectors(VectorSettings):
        """Vectors with the setting `from`."""

else:  # `from` is a word of Python, which no class body can name
    StartedVectors = create_model(
        "StartedVectors",
        __base__=VectorSettings,
        __module__=__name__,
        **{"from": (InputPath, Field(default="", description=" ".join(FROM.split())))},
    )
