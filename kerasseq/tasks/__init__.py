"""Targets, heads, losses, metrics, baselines, decoding."""
