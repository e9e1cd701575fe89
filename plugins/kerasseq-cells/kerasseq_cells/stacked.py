"""`peephole_lstm`, `layer_norm_lstm`, `layer_norm_gru`, `conv_lstm`, `ind_rnn`: cells that are walked step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from kerasseq_cells.layered import Layered

if TYPE_CHECKING:
    from kerasseq.plugin import Graph

__all__ = ["ConvLSTM", "IndRNN", "LayerNormGRU", "LayerNormLSTM", "PeepholeLSTM"]


class Stacked(Layered):
    """Cells that are walked step by step, by Keras's own loop."""

    def _layer(self, name: str) -> Any:
        import keras

        from kerasseq.plugin import quiet

        layer = keras.layers.RNN(self._cell(), return_sequences=True, name=name)
        return quiet(keras.layers.Bidirectional(layer, name=f"bi{name}") if self.bidirectional else layer)

    def _cell(self) -> Any:
        """The cell of one layer."""
        raise NotImplementedError


class Wide(Stacked):
    """What those share whose state has a number of units."""

    units: Annotated[int, Field(ge=1, le=8192)] = 128
    """Size of the state of one direction."""


class PeepholeLSTM(Wide):
    """LSTM whose gates see the cell through a weight for each unit (Gers, Schraudolph & Schmidhuber, 2002).

    `i = s(W_i x + U_i h + p_i * c + b_i)`, `f` likewise, `c' = f * c + i * tanh(W_g x + U_g h + b_g)`,
    `o = s(W_o x + U_o h + p_o * c' + b_o)`, `h' = o * tanh(c')`.
    """

    name: str = "peephole_lstm"

    def _cell(self) -> Any:
        from kerasseq_cells.layers.peephole import PeepholeLSTMCell

        return PeepholeLSTMCell(self.units)

    def to_onnx(self, built: Any, graph: Graph, *inputs: str) -> Any:
        """ONNX's own `LSTM`, which has peepholes."""
        from kerasseq_cells.layers.peephole_in_graph import lstm_node

        return lstm_node(built, graph, *inputs)


class LayerNormLSTM(Wide):
    """LSTM with layer normalisation inside (Ba, Kiros & Hinton, 2016, equations 20 to 22).

    `i, f, o, g = N(W x) + N(U h) + b`, `c' = s(f) * c + s(i) * tanh(g)`, `h' = s(o) * tanh(N(c'))`; each `N` has its
    gain.
    """

    name: str = "layer_norm_lstm"

    def _cell(self) -> Any:
        from kerasseq_cells.layers.layer_norm import LayerNormLSTMCell

        return LayerNormLSTMCell(self.units)


class LayerNormGRU(Wide):
    """GRU with layer normalisation inside (Ba, Kiros & Hinton, 2016, equations 26 to 28).

    `z, r = s(N(W x) + N(U h))`, `n = tanh(N(W_n x) + r * N(U_n h))`, `h' = (1 - z) * h + z * n`: here z means *take the
    new state*. Each `N` has a gain and a bias.
    """

    name: str = "layer_norm_gru"

    def _cell(self) -> Any:
        from kerasseq_cells.layers.layer_norm import LayerNormGRUCell

        return LayerNormGRUCell(self.units)


class ConvLSTM(Stacked):
    """LSTM whose products are convolutions over the numbers of a step (Shi et al., 2015), without their peepholes.

    `i, f, o = s(W * x + U * h + b)`, `g = tanh(...)`, `c' = f . c + i . g`, `h' = o . tanh(c')`, where `*` is a
    convolution over D neighbouring numbers. It suits steps whose numbers have neighbours, as a spectrum's; word vectors
    have none. A step's vector is `D * filters` wide.
    """

    name: str = "conv_lstm"
    filters: Annotated[int, Field(ge=1, le=256)] = 4
    """Numbers of a state at each place."""
    window: Annotated[int, Field(ge=1, le=64)] = 3
    """Neighbours that are seen at once."""

    def _cell(self) -> Any:
        from kerasseq_cells.layers.convolutional import ConvLSTMCell

        return ConvLSTMCell(self.filters, self.window)


class IndRNN(Wide):
    """Each unit hears itself alone (Li et al., 2018): `h' = relu(W x + u * h + b)`. The next layer mixes."""

    name: str = "ind_rnn"

    def _cell(self) -> Any:
        from kerasseq_cells.layers.independent import IndRNNCell

        return IndRNNCell(self.units)
