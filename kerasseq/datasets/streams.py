"""`detection` and `recall`: streams of symbols that are drawn, to see what a recurrent model can keep in mind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from kerasseq.spec import DatasetSpec

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Detection", "Recall", "Streams"]


class Streams(DatasetSpec):
    """What drawn sets share: how many rows there are on each side, and the seed."""

    rows: Annotated[int, Field(ge=20, le=1_000_000)] = 2000
    """Number of rows: 80 % of them to learn from, 10 % to choose the epoch, 10 % to measure; no stream
    of the test is one of training."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    """Seed of the draw: the same settings give the same rows."""

    @property
    def provides(self) -> frozenset[str]:
        """The given sides."""
        return frozenset({"split"})


class Detection(Streams):
    """Symbols one at a time, and at each the question how far a sequence has been seen so far.

    The letters of `sequence` have to come in order; anything may come between them, also letters that are not awaited.
    The answer at a step is what has been seen of them up to and with this step: `-`, `U`, `UD`, ..., `UDACITY`, which
    then stays. A letter alone does not tell it, for each comes at every stage: who looks at one step only is right in
    about two of five. What has to be kept in mind is the last answer, no more.
    """

    row_kind: ClassVar[str] = "tokens"

    name: str = "detection"
    """The component."""
    sequence: Annotated[str, Field(min_length=2, max_length=20)] = "UDACITY"
    """The letters to be noticed, in their order; one may come twice."""
    others: Annotated[str, Field(max_length=100)] = "BEFGH"
    """Letters that are in no sequence; none of them may be in `sequence`."""
    length: Annotated[int, Field(ge=4, le=10_000)] = 30
    """Most steps of a stream; the shortest has half of them."""
    answer: Literal["progress", "complete"] = "progress"
    """`progress`: what has been seen so far, a class for each length. `complete`: `waiting` or `complete`."""

    @field_validator("sequence", "others")
    @classmethod
    def _letters(cls, value: str) -> str:
        if any(letter.isspace() or letter == "-" for letter in value):
            raise ValueError(f'must be letters without spaces and "-", got "{value}"')
        return value

    @model_validator(mode="after")
    def _agree(self) -> Detection:
        if set(self.sequence) & set(self.others):
            raise ValueError(f'others must share no letter with sequence, got "{self.others}"')
        if len(set(self.others)) < len(self.others):
            raise ValueError(f'others must name each letter once, got "{self.others}"')
        if len({*self.sequence, *self.others}) < 3:
            raise ValueError("sequence and others must have at least 3 different letters together")
        if self.length < 2 * len(self.sequence):
            raise ValueError(f"length must be at least twice that of sequence, {2 * len(self.sequence)}")
        return self

    def build(self) -> pa.Table:
        """Draw the streams.

        Returns:
            `tokens` and `target` (lists of strings, one a step), `source`, `line` (the number of the stream), `split`.
        """
        from kerasseq.datasets.drawn import draw_detection

        return draw_detection(self)


class Recall(Streams):
    """A symbol, then noise: which one was it?

    `text` is a symbol (`a`, `b`, ...) and behind it steps of noise; `target` is the first symbol. Most of the noise is
    `w`, `x`, `y`, `z`; a share of it is other symbols, so that a bag of them tells little, and less the longer the
    stream. What has to be learned is to write once and then to keep still (Hochreiter and Schmidhuber, Long short-term
    memory, 1997). Streams to learn from, and to choose by, have from 1 to `length` steps of noise, for the short ones
    teach what the long ones ask for; in the test all have `length`.
    """

    name: str = "recall"
    """The component."""
    length: Annotated[int, Field(ge=2, le=10_000)] = 50
    """Steps of noise behind the symbol."""
    symbols: Annotated[int, Field(ge=2, le=10)] = 4
    """How many different symbols there are, and classes."""
    distractors: Annotated[float, Field(ge=0, le=1)] = 0.2
    """Share of the noise that is symbols too, in [0, 1]. With 0 a bag of words tells the answer."""

    def build(self) -> pa.Table:
        """Draw the streams.

        Returns:
            `text` (symbols with spaces between), `target` (the first symbol), `source`, `line`, `split`.
        """
        from kerasseq.datasets.drawn import draw_recall

        return draw_recall(self)
