"""GPT-2 as one layer: ids in, the logarithm of the probability of what follows each out."""

# B batch, T time, V vocabulary, D units

from __future__ import annotations

import warnings
from typing import Any

import keras
from keras import ops

from kerasseq.plugin import SPECIALS, log_probability

__all__ = ["GPT2"]

Tensor = Any

IMPOSSIBLE = -1e4
"""The score of padding and of an unknown token, which GPT-2 does not have."""


@keras.saving.register_keras_serializable(package="kerasseq_gpt2")
class GPT2(keras.layers.Layer):  # type: ignore[misc]
    """The backbone of keras-hub, and its table of tokens as the head.

    Args:
        vocabulary: V, padding and unknown included.
        layers: Transformer layers.
        heads: Of each.
        units: D.
        context: Most tokens that are read.
        dropout: Rate in [0, 1) behind the embedding, in the attention and behind every block.
        lora_rank: Train additions of this rank to the query and value matrices, and their biases, alone; 0 trains all.
        rematerialise: Compute what is inside of a layer anew for the gradient.

    Called as `layer(tokens, following)`: two `(B, T)` int32, at most `context` valid steps in a row, 0 at padding
    -> `(B, T)` float32.
    """

    def __init__(
        self,
        vocabulary: int,
        layers: int,
        heads: int,
        units: int,
        context: int,
        dropout: float = 0.1,
        lora_rank: int = 0,
        rematerialise: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        import keras_hub

        self.settings: dict[str, Any] = {
            "vocabulary": vocabulary,
            "layers": layers,
            "heads": heads,
            "units": units,
            "context": context,
            "dropout": dropout,
            "lora_rank": lora_rank,
            "rematerialise": rematerialise,
        }
        self.context = context
        self.backbone = keras_hub.models.GPT2Backbone(
            vocabulary_size=vocabulary,
            num_layers=layers,
            num_heads=heads,
            hidden_dim=units,
            intermediate_dim=4 * units,
            dropout=dropout,
            max_sequence_length=context,
            dtype=self.dtype_policy,
        )
        places = self.backbone.position_embedding
        places.embeddings_initializer = places.initializer  # under the name of the weight, so that it is drawn in NumPy
        if lora_rank:
            self.low_rank(lora_rank)

    def low_rank(self, rank: int) -> None:
        """From now on train low-rank additions, see `lora_rank`; the weights are as they are."""
        self.settings["lora_rank"] = rank
        self.backbone.enable_lora(rank)

    def build(self, tokens_shape: Any, following_shape: Any = None) -> None:
        """Make `absent` `(V,)`: what padding and unknown score, for nothing may write them."""
        self.absent = self.add_weight(
            name="absent", shape=(self.settings["vocabulary"],), initializer=_absent, trainable=False, dtype="float32"
        )
        self.built = True

    def call(self, tokens: Tensor, following: Tensor, training: bool | None = None) -> Tensor:
        """See the class."""
        mask = ops.cast(ops.not_equal(tokens, 0), "int32")
        with warnings.catch_warnings():  # of a text of one token, whose attention is 1
            warnings.filterwarnings("ignore", "(?s).*softmax over axis", UserWarning)
            x = self._encoded(tokens, mask, training)
        table = ops.cast(self.backbone.token_embedding.embeddings, "float32")
        return log_probability(ops.cast(x, "float32"), ops.transpose(table), self.absent, following)

    def _encoded(self, tokens: Tensor, mask: Tensor, training: bool | None) -> Tensor:
        """`(B, T, D)`; the first token of a row stands in place 0, wherever padding is."""
        part = self.backbone
        places = ops.clip(ops.cumsum(mask, axis=1) - 1, 0, self.context - 1)
        x = part.token_embedding(tokens)
        x = x + ops.cast(ops.take(part.position_embedding.position_embeddings, places, axis=0), x.dtype)
        x = part.embeddings_dropout(x, training=training)
        for layer in part.transformer_layers:
            if training and self.settings["rematerialise"]:
                x = _anew(layer, x, mask)
            else:
                x = layer(x, decoder_padding_mask=mask, training=training)
        return part.layer_norm(x)

    def compute_output_spec(self, tokens: Any, following: Any, training: Any = None) -> Any:
        """`(B, T)`."""
        return keras.KerasTensor(tokens.shape, dtype="float32")

    def get_config(self) -> dict[str, Any]:
        """The settings."""
        return {**super().get_config(), **self.settings}


def _anew(layer: Any, x: Tensor, mask: Tensor) -> Tensor:
    """A layer in training, of which nothing but what goes in is kept for the gradient.

    Its state goes in and comes out, so that dropout draws the same again. `keras.RematScope` hands `training` on as a
    traced number, which jax refuses.
    """

    def block(trained: Any, fixed: Any, x: Tensor, mask: Tensor) -> Any:
        return layer.stateless_call(trained, fixed, x, decoder_padding_mask=mask, training=True)

    trained, fixed = layer.trainable_variables, layer.non_trainable_variables
    x, after = keras.remat(block)([v.value for v in trained], [v.value for v in fixed], x, mask)
    for variable, value in zip(fixed, after, strict=True):
        variable.assign(value)
    return x


def _absent(shape: Any, dtype: Any = None) -> Any:
    missing = len(SPECIALS) - 1
    return ops.concatenate([ops.full((missing,), IMPOSSIBLE, dtype=dtype), ops.zeros((shape[0] - missing,), dtype)])
