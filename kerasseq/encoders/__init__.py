"""Vectors to vectors in context."""
