"""Measuring a trained model on its test rows or on others, and the files that say what came out."""
