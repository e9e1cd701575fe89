"""Recurrent loops as machine code for CPUs, float32, compiled by numba at the first use and kept on disk."""
