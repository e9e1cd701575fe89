"""What can stand in a TensorFlow graph, and so in a SavedModel."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

__all__ = ["InGraph"]


class InGraph(ABC):
    """A preprocessor or a tokenizer whose work TensorFlow operators do.

    A plugin of your own takes part in a SavedModel when what its Spec builds is one of these, beside being a
    `Preprocessor` or a `Tokenizer`. Call `on_tensor` in Python too, so that there is one definition.
    """

    @abstractmethod
    def on_tensor(self, texts: Any) -> Any:
        """Do the work on UTF-8 texts, a string tensor `(N,)` with N unknown and maybe 0.

        Returns:
            A preprocessor: a string tensor `(N,)`. A tokenizer: the ids of each text, a ragged int32 tensor
            `(N, None)`, not truncated; 1 for an unknown token, never 0 or 2.
        """

    def resources(self) -> Sequence[Any]:
        """Tables and the like that `on_tensor` uses and that have to be saved with it.

        Asked for before a graph is made: make here what is not to be made inside one.
        """
        return ()
