"""Vectors of words: learned from a table's own texts, and looked at."""
