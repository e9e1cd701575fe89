"""Texts that a model writes: prompts in, texts out."""

# N prompts, T tokens of one

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from kerasseq_runtime.errors import UsageError
from kerasseq_runtime.searches.search import Limits
from kerasseq_runtime.spelling import PADDING, UNKNOWN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kerasseq_runtime.searches.search import Search, Stepper

__all__ = ["Code", "Draft", "Told", "Writer"]

Told: TypeAlias = Callable[[int, str], None]
"""Called with the place of a prompt and a few characters of its text."""


@dataclass(frozen=True)
class Draft:
    """A text that was written.

    Attributes:
        prompt: What it goes on with.
        text: What was written, without the prompt.
        tokens: How many the model gave, those of a stop of several tokens too.
        log_probability: Natural logarithm of what the model gives to them.
        ended: Whether the model, or a stop, ended it, rather than its length.
    """

    prompt: str
    text: str
    tokens: int
    log_probability: float
    ended: bool


class Code(Protocol):
    """Texts to ids and back, as a model was trained with."""

    end: int
    """The id that ends a text."""

    def prompts(self, texts: Sequence[str]) -> Sequence[NDArray[np.int64]]:
        """What the model reads before it goes on with each text, `(T,)`; at least one id."""

    def decode(self, ids: Sequence[int]) -> str:
        """A text of ids."""

    def token(self, text: str) -> int:
        """The id of a text that is one token; `UNKNOWN` of any other."""

    def speller(self) -> Callable[[int], str]:
        """A function of one token after another that gives the characters that are whole by then."""


class Writer:
    """Writes on behind prompts.

    Args:
        code: The way of texts to ids and back.
        stepper: The model, a step at a time.
        search: How tokens are chosen.
    """

    def __init__(self, code: Code, stepper: Stepper, search: Search) -> None:
        self.code = code
        self.stepper = stepper
        self.search = search

    def write(
        self,
        prompts: Sequence[str],
        max_length: int = 100,
        stop: Sequence[str] = (),
        seed: int = 0,
        told: Told | None = None,
    ) -> list[list[Draft]]:
        """Write behind each prompt until the model ends the text, a stop comes, or `max_length` tokens are there.

        Args:
            prompts: May be empty texts: the model begins a document.
            max_length: Tokens at most.
            stop: Texts before which what was written ends.
            seed: The same one gives the same texts.
            told: Hears of the characters as they are written, of those of a stop of several tokens too.

        Returns:
            Of each prompt one text, or of a beam several.

        Raises:
            UsageError: A stop is empty.
        """
        if "" in stop:
            raise UsageError("stop: must be texts of a character or more, got an empty one")
        ends = {self.code.end, *map(self.code.token, stop)} - {UNKNOWN}
        limits = Limits(max_length, frozenset(ends), (PADDING, UNKNOWN))
        ids = self.code.prompts(prompts)
        spellers, written = [self.code.speller() for _ in prompts], [""] * len(prompts)

        def heard(row: int, token: int) -> bool:
            """Whether a stop is whole now, by whichever tokens."""
            piece, known = spellers[row](token), len(written[row])
            written[row] += piece
            if told is not None:
                told(row, piece)
            return any(written[row].find(end, max(known - len(end), 0)) >= 0 for end in stop)

        found = self.search.write(self.stepper, ids, limits, seed, heard if told is not None or stop else None)
        return [
            [self._draft(prompt, one, stop) for one in several] for prompt, several in zip(prompts, found, strict=True)
        ]

    def _draft(self, prompt: str, one: Any, stop: Sequence[str]) -> Draft:
        text = self.code.decode(one.ids.tolist())
        cuts = [place for end in stop if (place := text.find(end)) >= 0]
        if cuts:
            text = text[: min(cuts)]
        return Draft(prompt, text, len(one.ids), float(one.log_probability), bool(one.ended or cuts))

    def unknown(self, prompt: str) -> int:
        """Tokens of a prompt that no training text has."""
        return int((self.code.prompts([prompt])[0] == UNKNOWN).sum())
