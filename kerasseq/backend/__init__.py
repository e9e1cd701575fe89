"""The only place that names torch or jax."""
