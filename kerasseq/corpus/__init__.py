"""Rows to splits, ids and batches."""
