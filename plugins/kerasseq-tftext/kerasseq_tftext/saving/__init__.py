"""Writes a SavedModel and proves it."""
