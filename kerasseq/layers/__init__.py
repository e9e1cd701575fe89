"""Keras layers that Keras lacks.

Importing this package registers them, so that `keras.saving.load_model` opens a model that holds one.
"""

from kerasseq.layers.activation_penalty import ActivationPenalty
from kerasseq.layers.crf import CRF
from kerasseq.layers.cross_attention import CrossAttention
from kerasseq.layers.decoder import AttentiveDecoder
from kerasseq.layers.next_token import EveryToken, NextToken
from kerasseq.layers.pooling import AttentionPooling, LastPooling, MaxPooling, MeanPooling, SumPooling
from kerasseq.layers.range_squash import RangeSquash
from kerasseq.layers.scheduled_sampling import ScheduledSampling
from kerasseq.layers.subword_sum import SubwordSum
from kerasseq.layers.word_dropout import WordDropout

__all__ = [
    "CRF",
    "ActivationPenalty",
    "AttentionPooling",
    "EveryToken",
    "AttentiveDecoder",
    "CrossAttention",
    "LastPooling",
    "MaxPooling",
    "MeanPooling",
    "NextToken",
    "RangeSquash",
    "ScheduledSampling",
    "SubwordSum",
    "SumPooling",
    "WordDropout",
]
