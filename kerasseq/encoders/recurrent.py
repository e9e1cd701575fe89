"""`simple_rnn`, `gru` and `lstm`: stacked, in one direction or two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from kerasseq.encoders.started import StartedEncoder

if TYPE_CHECKING:
    from kerasseq.encoders.stack import Stack

__all__ = ["GRU", "LSTM", "SimpleRNN"]

Initializer = Literal["glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_normal", "orthogonal"]
Dropout = Annotated[float, Field(ge=0, lt=1)]


class Recurrent(StartedEncoder):
    """What the three recurrent encoders share."""

    units: Annotated[int, Field(ge=1, le=8192)] = 128
    """Size of the state of one direction."""
    layers: Annotated[int, Field(ge=1, le=8)] = 2
    """Recurrent layers on top of each other, 1 to 8."""
    bidirectional: bool = True
    """Read the text in both directions (Schuster & Paliwal, 1997); a step's vector is then `2 * units` wide."""
    dropout: Dropout = 0.3
    """Dropout on the output of each layer, in [0, 1)."""
    locked_dropout: bool = False
    """Drop the same numbers at every step of a text (Gal & Ghahramani, 2016), as language models like it."""
    recurrent_dropout: Dropout = 0.0
    """Dropout on the state between steps (Gal & Ghahramani, 2016), in [0, 1); slow: no fused kernel has it."""
    weight_drop: Dropout = 0.0
    """Share of the recurrent weights that is zero for a batch, in [0, 1), the same at every step: DropConnect between a
    state and the next (Merity et al., 2018). Unlike `recurrent_dropout` it costs nothing: fused kernels stay."""
    normalisation: Literal["none", "layer", "batch"] = "none"
    """Normalise the output of each layer: `layer` per step (epsilon 1e-5), `batch` over the valid steps of a batch."""
    residual: bool = False
    """Add a layer's input to its output from the second layer on (and in the first where the sizes agree)."""
    kernel_initializer: Initializer = "glorot_uniform"
    """How the input weights are drawn."""
    recurrent_initializer: Initializer = "orthogonal"
    """How the recurrent weights are drawn; orthogonal ones keep the length of the state (Saxe et al., 2014)."""

    @property
    def directions(self) -> int:
        """2 when bidirectional."""
        return 2 if self.bidirectional else 1

    @property
    def composes(self) -> bool:
        """True."""
        return True

    @property
    def carries(self) -> bool:
        """True, unless it reads in both directions."""
        return not self.bidirectional

    def build(self) -> Stack:
        """Return a `Stack` of genuine Keras layers, `(B, T, D)` -> `(B, T, directions * units)`."""
        return self._stack("")

    def build_composition(self) -> Stack:
        """Return a second such `Stack`; the names of its layers begin with `composition_`."""
        return self._stack("composition_")

    def build_carried(self) -> Stack:
        """Return a `Stack` that takes states and gives them back."""
        return self._stack("", return_state=True)

    def _stack(self, prefix: str, return_state: bool = False) -> Stack:
        from kerasseq.encoders.stack import Stack

        layers = [self._layer(index, prefix, return_state) for index in range(self.layers)]
        return Stack(layers, self.dropout, self.normalisation, self.residual, self.locked_dropout)

    def _layer(self, index: int, prefix: str, return_state: bool) -> Any:
        import keras

        from kerasseq.backend.recurrent_training import drop_weights
        from kerasseq.layers.masked import quiet

        name = f"{self._cell()[0].lower()}_{index + 1}"
        layer = getattr(keras.layers, self._cell()[0])(
            self.units,
            return_sequences=True,
            return_state=return_state,
            recurrent_dropout=self.recurrent_dropout,
            kernel_initializer=self.kernel_initializer,
            recurrent_initializer=self.recurrent_initializer,
            name=prefix + name,
            **self._cell()[1],
        )
        made = keras.layers.Bidirectional(layer, name=f"{prefix}bi{name}") if self.bidirectional else layer
        drop_weights(made, self.weight_drop)
        return quiet(made)

    def _cell(self) -> tuple[str, dict[str, Any]]:
        """The Keras layer's name and the settings that are its own."""
        raise NotImplementedError


class SimpleRNN(Recurrent):
    """Elman network (1990): `h_t = f(W x_t + U h_{t-1} + b)`."""

    activation: Literal["tanh", "relu"] = "tanh"
    """`f`. With `relu`, draw the recurrent weights orthogonal and clip gradients."""

    def _cell(self) -> tuple[str, dict[str, Any]]:
        return "SimpleRNN", {"activation": self.activation}


class GRU(Recurrent):
    """Gated recurrent unit (Cho et al., 2014).

    Keras, reset after: `z = s(W_z x + U_z h + b_z)`, `r = s(W_r x + U_r h + b_r)`,
    `n = tanh(W_n x + b_n + r * (U_n h + c_n))`, `h' = z * h + (1 - z) * n`: here z means *keep the old state*.
    Many courses, and Cho et al., write reset before, `n = tanh(W_n x + U_n (r * h) + b_n)`, and some of them
    `h' = (1 - z) * h + z * n`: there z means *take the new state*. The two conventions of z are one model: negate
    `W_z`, `U_z` and `b_z`, for `1 - s(a) = s(-a)`. Reset before and after are two models.
    """

    reset: Literal["after", "before"] = "after"
    """Where the reset gate acts: on the recurrent product (`after`; fused kernels have it) or on the state (`before`;
    the equations of Cho et al.; slower)."""

    def _cell(self) -> tuple[str, dict[str, Any]]:
        return "GRU", {"reset_after": self.reset == "after"}


class LSTM(Recurrent):
    """Long short-term memory (Hochreiter & Schmidhuber, 1997) with forget gate (Gers et al., 2000).

    `i, f, o = s(W x + U h + b)`, `g = tanh(W_g x + U_g h + b_g)`, `c' = f * c + i * g`, `h' = o * tanh(c')`.
    """

    unit_forget_bias: bool = True
    """Start the forget gate's bias at 1, so that the cell remembers at first (Jozefowicz et al., 2015)."""

    def _cell(self) -> tuple[str, dict[str, Any]]:
        return "LSTM", {"unit_forget_bias": self.unit_forget_bias}
