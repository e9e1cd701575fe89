"""Runs of kerasseq in TensorBoard and MLflow."""
