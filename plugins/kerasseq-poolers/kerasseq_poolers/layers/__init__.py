"""The Keras layers; importing this package registers them, so that `keras.saving.load_model` finds them."""

from kerasseq_poolers.layers.attention import GatedPooling, SelfAttentionPooling
from kerasseq_poolers.layers.concat import ConcatPooling
from kerasseq_poolers.layers.steps import LastKPooling, TopKMeanPooling

__all__ = ["ConcatPooling", "GatedPooling", "LastKPooling", "SelfAttentionPooling", "TopKMeanPooling"]
