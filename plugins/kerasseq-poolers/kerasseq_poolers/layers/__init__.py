"""The Keras layers; importing this package registers them, so that `keras.saving.load_model` finds them."""

from kerasseq_poolers.layers.attention import GatedPooling, SelfAttentionPooling
from kerasseq_poolers.layers.concat import ConcatPooling
from kerasseq_poolers.layers.steps import LastKPooling, TopKMeanPooling
from kerasseq_poolers.layers.windows import Conv2DPooling, HierarchicalPooling

__all__ = [
    "ConcatPooling",
    "Conv2DPooling",
    "GatedPooling",
    "HierarchicalPooling",
    "LastKPooling",
    "SelfAttentionPooling",
    "TopKMeanPooling",
]
