"""Poolers for kerasseq beyond its own: attention of several heads or with a gate, last k, mean of the top k, windows of
words and of words and features, several at once."""
