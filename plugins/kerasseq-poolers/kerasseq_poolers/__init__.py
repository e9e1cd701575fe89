"""Poolers for kerasseq beyond its own: self-attention, gated attention, last k, mean of the top k, several at once."""
