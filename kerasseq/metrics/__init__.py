"""Scores, intervals and trivial baselines."""
