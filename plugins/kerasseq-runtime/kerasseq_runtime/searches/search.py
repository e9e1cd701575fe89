"""What a search is given, a model that says what comes next, and what it gives back: texts as ids."""

# N prompts, V tokens of the vocabulary, R rows in hand

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from kerasseq_runtime.errors import RunError, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DEAD_END", "Limits", "Search", "Stepper", "Told", "Written", "check_limits", "check_logits", "checked"]

DEAD_END = "the model gives a probability to forbidden tokens alone"

Told: TypeAlias = Callable[[int, int], bool]
"""Called with the place of a prompt and a token of its text; says whether the text ends with it."""


class Stepper(Protocol):
    """What writes: a step of a model, for several texts at once.

    Logits are of the next token, `(R, V)` float32; -inf is allowed for tokens that cannot come, NaN is not. A row must
    be computed as if it stood alone.
    """

    @property
    def vocabulary_size(self) -> int:
        """V."""

    def start(self, prompts: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.float32], Any]:
        """Read the prompts, of unequal length.

        Returns:
            Logits behind each of them, `(N, V)`, and the states, whatever these are.
        """

    def step(self, ids: NDArray[np.int64], state: Any) -> tuple[NDArray[np.float32], Any]:
        """Read the token that was written in each row, `(R,)`; logits `(R, V)` behind it, and the states."""

    def take(self, state: Any, rows: NDArray[np.int64]) -> Any:
        """The states of `rows`, in that order; one may come several times, or not at all."""


@dataclass(frozen=True)
class Limits:
    """What holds for a text, whatever writes it.

    Attributes:
        max_length: Most tokens, at least 1; the one that ends a text counts.
        stop: Tokens that end a text.
        forbidden: Tokens that are never written, as padding.
    """

    max_length: int
    stop: frozenset[int] = frozenset()
    forbidden: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.max_length < 1:
            raise UsageError(f"max_length: must be at least 1, got {self.max_length}")


@dataclass(frozen=True)
class Written:
    """A text.

    Attributes:
        ids: `(T,)` int64: its tokens, without the prompt and without what ended it; may be empty.
        log_probability: Natural logarithm of what the model itself gives to these tokens and to what ended them.
            Nothing that the search filters, sharpens or forbids changes it.
        ended: Whether a token of `Limits.stop` ended it, or who was told, rather than `Limits.max_length`.
    """

    ids: NDArray[np.int64]
    log_probability: float
    ended: bool


class Search(ABC):
    """Writes texts with a model."""

    @abstractmethod
    def write(
        self,
        stepper: Stepper,
        prompts: Sequence[NDArray[np.int64]],
        limits: Limits,
        seed: int = 0,
        told: Told | None = None,
    ) -> list[list[Written]]:
        """Continue each prompt.

        The same seed gives the same texts, and the text of a prompt hangs on the prompt, its place among the others
        and the seed, not on the other prompts.

        Args:
            stepper: The model.
            prompts: Ids of what stands before each text, `(T,)` int64; may be empty where the stepper allows it. Those
                of V and above are read and never written: of a class that writes.
            limits: See there.
            seed: Of what is drawn, at least 0.
            told: Called with each token in the order of its text: when it is chosen, and then it may end the text, or
                once a text is chosen whole.

        Returns:
            One or more texts for each prompt, the best first.

        Raises:
            UsageError: The limits, or the settings, do not suit the model's vocabulary.
            RunError: The model gives logits that are no numbers, or a probability to forbidden tokens alone.
        """


def check_limits(limits: Limits, vocabulary_size: int) -> int:
    """How many tokens may be written, those that end a text included.

    Raises:
        UsageError: The limits name a token that the model does not have, or forbid every token.
    """
    for where, ids in (("stop", limits.stop), ("forbidden", limits.forbidden)):
        strange = [token for token in sorted(ids) if not 0 <= token < vocabulary_size]
        if strange:
            raise UsageError(f"{where}: must be tokens of the model, ids below {vocabulary_size}, got {strange[0]}")
    left = vocabulary_size - len(set(limits.forbidden))
    if not left:
        raise UsageError(f"forbidden: must leave a token to write, got all {vocabulary_size} of the model")
    return left


def check_logits(logits: NDArray[np.floating], rows: int, vocabulary_size: int) -> NDArray[np.floating]:
    """The largest logit of each row, `(R,)`.

    Raises:
        RunError: They have another shape than `(rows, vocabulary_size)`, or a row has NaN, inf, or -inf alone.
    """
    import numpy as np

    if logits.shape != (rows, vocabulary_size):
        raise RunError(f"the model's logits must have shape {(rows, vocabulary_size)}, got {logits.shape}")
    best: NDArray[np.floating] = logits.max(axis=1)  # NaN where a row has one
    if not np.isfinite(best).all():
        raise RunError(f"the model's logits must be numbers, got {best[~np.isfinite(best)][0]}; its training diverged")
    return best


def checked(logits: NDArray[np.float32], rows: int, vocabulary_size: int) -> NDArray[np.float64]:
    """Logits as float64.

    Raises:
        RunError: See `check_logits`.
    """
    import numpy as np

    check_logits(logits, rows, vocabulary_size)
    return logits.astype(np.float64)
