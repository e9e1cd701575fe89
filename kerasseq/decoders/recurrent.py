"""`gru` and `lstm`: a recurrent network that writes, and looks at the text that was read while it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from kerasseq.spec import DecoderSpec

if TYPE_CHECKING:
    from kerasseq.layers.decoder import AttentiveDecoder

__all__ = ["GRU", "LSTM"]


class Recurrent(DecoderSpec):
    """What both cells can be told.

    The states begin with `tanh(W f + b)`, where `f` is the encoder's final state, of two directions both of theirs side
    by side: so any encoder suits any decoder. Padding of either text changes nothing.
    """

    cell: ClassVar[str]

    units: Annotated[int, Field(ge=0, le=8192)] = 256
    """Size of the state of each layer; 0 for the numbers of an encoded step."""
    layers: Annotated[int, Field(ge=1, le=8)] = 1
    """Layers on top of each other."""
    attention: Literal["bahdanau", "dot", "general", "concat", "none"] = "general"
    """How a step looks at the text that was read. `dot`, `general` and `concat` (Luong et al., 2015) ask with the state
    behind the step: all steps of training are computed at once. `bahdanau` (Bahdanau et al., 2015) asks with the state
    before it and feeds what it finds into it, step by step. `dot` needs as many units as numbers of an encoded step.
    `none` leaves the states that it begins with (Sutskever et al., 2014)."""
    input_feeding: bool = False
    """Whether a step reads, beside its token, what the step before it answered (Luong et al., 2015); step by step. Not
    with `bahdanau`, which is fed already, nor with `none`."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.2
    """Rate in [0, 1) on what each layer reads, of the same numbers at every step (Gal & Ghahramani, 2016)."""

    @model_validator(mode="after")
    def _fed_once(self) -> Recurrent:
        if self.input_feeding and self.attention in ("bahdanau", "none"):
            what = "reads what it attends to anyway" if self.attention == "bahdanau" else "attends to nothing"
            raise ValueError(f'input_feeding must be false where attention = "{self.attention}", which {what}')
        return self

    def build(self, directions: int) -> AttentiveDecoder:
        """Return an `AttentiveDecoder`."""
        from kerasseq.layers.decoder import AttentiveDecoder

        return AttentiveDecoder(
            self.cell,
            self.units,
            self.layers,
            self.attention,
            self.input_feeding,
            self.dropout,
            directions,
            name="decoder",
        )


class GRU(Recurrent):
    """Gated recurrent units (Cho et al., 2014), with the reset gate behind the recurrent product; see `[encoder]`."""

    cell: ClassVar[str] = "gru"

    name: str = "gru"
    """The component."""


class LSTM(Recurrent):
    """Long short-term memory (Hochreiter & Schmidhuber, 1997)."""

    cell: ClassVar[str] = "lstm"

    name: str = "lstm"
    """The component."""
