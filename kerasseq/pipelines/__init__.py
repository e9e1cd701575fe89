"""Rows to the inputs of a model, and back to what a person reads; in Python and as nodes of a graph."""
