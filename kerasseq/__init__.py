"""kerasseq: recurrent text models trained from one TOML file, on Keras 3."""

__all__ = ["__version__"]

__version__ = "0.1.0"
