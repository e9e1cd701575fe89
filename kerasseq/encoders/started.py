"""`from`: the weights of a finished language model, which an encoder starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, create_model

from kerasseq.spec import EncoderSpec, InputPath

__all__ = ["StartedEncoder"]

FROM = """Run of a language model, whose recurrent weights this encoder starts with; empty for drawn ones. It has the
same kind, units and layers. Of an encoder in two directions the forward halves start so: each layer reads of the layer
below what the language model read, and the other half with weights of 0 at first."""
BACKWARD = """Run of a language model with `task.reverse = true`, whose weights the backward halves of an encoder in two
directions start with; empty for drawn ones."""

if TYPE_CHECKING:

    class StartedEncoder(EncoderSpec):
        """An encoder with the settings `from` and `from_backward`."""

else:  # `from` is a word of Python, which no class body can name
    StartedEncoder = create_model(
        "StartedEncoder",
        __base__=EncoderSpec,
        __module__=__name__,
        **{
            "from": (InputPath, Field(default="", description=" ".join(FROM.split()))),
            "from_backward": (InputPath, Field(default="", description=" ".join(BACKWARD.split()))),
        },
    )
