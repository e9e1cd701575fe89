"""Sequences of unequal length, columns of tables, and large arrays on disk."""
