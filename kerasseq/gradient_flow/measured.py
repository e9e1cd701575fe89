"""What was measured of a network, as plain numbers."""

# N rows, T time, U units

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Curve", "Examination", "Facts", "Gate", "Layer", "Stage", "Symptom", "WeightUpdate", "When"]

When = Literal["before", "after"]
"""Training."""


@dataclass(frozen=True)
class Curve:
    """One number of a row for each step, over rows.

    Attributes:
        median: By step.
        low: The lower quartile.
        high: The upper quartile.
        rows: How many rows are so long.
    """

    median: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    rows: Sequence[int]

    def __len__(self) -> int:
        return len(self.median)


@dataclass(frozen=True)
class Gate:
    """What a gate did at the valid steps of all rows.

    Attributes:
        mean: Of its activations.
        shut: Share below 0.05.
        open: Share above 0.95.
    """

    mean: float
    shut: float
    open: float


@dataclass(frozen=True)
class Layer:
    """One recurrent layer in one direction.

    Attributes:
        path: `bilstm_1/forward_lstm_1`.
        cell: `LSTM`, `GRU`, `SimpleRNN`, or the class of a plugin's.
        units: U.
        backwards: Whether it reads from the end; steps are counted in the order of its reading.
        steps: Of a long row: three of four are no longer.
        from_end: By state, `h` and of an LSTM `c`: `|dL/dh|` of the row's own loss, 0 steps before the last, 1, 2 ...
        from_start: The same from the first step on.
        kept: Of a gradient of length 1 at the last state, its length at the states 0, 1, 2 ... steps before: what the
            recurrence does to it, whatever stands above.
        radius: Largest absolute eigenvalue of the recurrent weights, of each gate.
        gates: By name; empty for a layer without.
        saturated: Share of states beyond 0.95 of what tanh can give; None for another activation.
        dead: Units that give the same number at every step of every row.
    """

    path: str
    cell: str
    units: int
    backwards: bool
    steps: int
    from_end: Mapping[str, Curve]
    from_start: Mapping[str, Curve]
    kept: Curve
    radius: Mapping[str, float]
    gates: Mapping[str, Gate]
    saturated: float | None
    dead: Sequence[int]

    @property
    def horizon(self) -> int:
        """How far back `kept` is judged: a long row."""
        return max(min(self.steps, len(self.kept)) - 1, 0)

    @property
    def left(self) -> float:
        """What is left there of a gradient of length 1; NaN or infinite where numbers have no room for it."""
        return self.kept.median[self.horizon] if len(self.kept) else 1.0

    @property
    def rate(self) -> float:
        """The factor of a step, the geometric mean on the way there or to where nothing is left."""
        way = [(n, value) for n, value in enumerate(self.kept.median[: self.horizon + 1]) if n and value > 1e-30]
        if not way:
            return 0.0 if self.horizon else 1.0
        n, value = way[-1]
        return float(value ** (1 / n))

    @property
    def reach(self) -> int | None:
        """Steps after which less than a hundredth is left; None where there is more over the whole of a row."""
        return next((n for n, value in enumerate(self.kept.median) if value < 0.01), None)


@dataclass(frozen=True)
class WeightUpdate:
    """What one update does to a trainable weight.

    Attributes:
        path: Of the weight.
        size: Its norm.
        update: That of its change.
    """

    path: str
    size: float
    update: float

    @property
    def ratio(self) -> float | None:
        """Update over size; None of a weight that is 0."""
        return self.update / self.size if self.size else None


@dataclass(frozen=True)
class Stage:
    """The network at one time.

    Attributes:
        loss: Mean over the rows.
        gradient_norm: Of one update, before clipping.
        layers: The recurrent ones, in the order in which they read.
        updates: Of each trainable weight, in the model's order.
    """

    loss: float
    gradient_norm: float
    layers: Sequence[Layer]
    updates: Sequence[WeightUpdate]


@dataclass(frozen=True)
class Symptom:
    """Something that stands out.

    Attributes:
        name: `vanishing`, `exploding`, `saturated`, `dead`, `update`, `clipped`, `padding`, `truncated`, `bptt`,
            `recurrent`.
        where: The layer or weight; empty for the network.
        when: Before or after training; empty for what does not hang on it.
        message: A sentence.
        settings: What to set: TOML key to value. Empty where nothing needs to be.
    """

    name: str
    where: str
    when: When | Literal[""]
    message: str
    settings: Mapping[str, str | int | float | bool]


@dataclass(frozen=True)
class Facts:
    """What was looked at.

    Attributes:
        name: Of the experiment.
        source: The run or the config.
        kind: The task in words.
        backend: That computed it.
        side: `train`, `validation` or `test`.
        rows: N.
        row: What one is called.
        padding: Share of the steps of training batches that is padding; None where rows have no steps.
        truncated: Share of the side's rows that lost steps to the greatest length; None where nothing is cut.
        bptt: Steps after which training cuts the gradient; 0 for never.
        global_clipnorm: That of training.
        learning_rate: That of the update; the one that training ended with, where its optimizer is kept.
        beside: Recurrent parts, and networks, that are not measured, and why.
        created: ISO 8601.
    """

    name: str
    source: str
    kind: str
    backend: str
    side: str
    rows: int
    row: str
    padding: float | None
    truncated: float | None
    bptt: int
    global_clipnorm: float
    learning_rate: float
    beside: Sequence[str]
    created: str


@dataclass(frozen=True)
class Examination:
    """Everything that was measured, and what stands out.

    Attributes:
        facts: What was looked at.
        stages: Before training, and of a run after it; of a run that began with vectors that are gone after it alone.
        symptoms: What stands out, the gravest first.
    """

    facts: Facts
    stages: Mapping[When, Stage]
    symptoms: Sequence[Symptom]
