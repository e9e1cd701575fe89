"""`none`: a bag of vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasseq.spec import EncoderSpec

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NoEncoder"]


class NoEncoder(EncoderSpec):
    """No encoder: the pooler sees the embeddings. With `mean`, a bag of vectors: the floor of word order."""

    def build(self) -> Callable[..., Any]:
        """Return the identity."""
        return _identity


def _identity(x: Any, mask: Any = None) -> Any:
    return x
