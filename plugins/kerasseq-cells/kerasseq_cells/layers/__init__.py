"""The Keras layers and cells: importing this module makes them known to `keras.saving`."""

from kerasseq_cells.layers.attention import TransformerBlock
from kerasseq_cells.layers.convolutional import ConvLSTMCell
from kerasseq_cells.layers.independent import IndRNNCell
from kerasseq_cells.layers.layer_norm import LayerNormGRUCell, LayerNormLSTMCell
from kerasseq_cells.layers.minimal import MinGRULayer, MinLSTMLayer
from kerasseq_cells.layers.peephole import PeepholeLSTMCell

__all__ = [
    "ConvLSTMCell",
    "IndRNNCell",
    "LayerNormGRUCell",
    "LayerNormLSTMCell",
    "MinGRULayer",
    "MinLSTMLayer",
    "PeepholeLSTMCell",
    "TransformerBlock",
]
