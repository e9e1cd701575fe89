"""The GPU that a bench runs on, if it was asked for."""

from __future__ import annotations

import sys

__all__ = ["arrived", "card", "missing"]


def missing() -> str:
    """Why nothing can be measured on a GPU here; empty where it can."""
    import torch

    if torch.cuda.is_available():
        return ""
    return f"must be cpu where torch sees no GPU of NVIDIA, got cuda (torch {torch.__version__})"


def card() -> str:
    """Its name, and what drives it."""
    import torch

    return f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}"


def arrived() -> None:
    """Come back when a GPU has done all that torch gave it; a clock that is read before says how fast Python asks."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.synchronize()
