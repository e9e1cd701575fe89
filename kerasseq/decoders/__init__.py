"""Decoders: a text that was read to a text that is written."""
