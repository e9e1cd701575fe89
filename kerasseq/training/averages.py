"""The moving average of the weights."""

# w weights, a their average, d the decay, t the number of the update

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from kerasseq.backend.moving_average import make_move
from kerasseq.training.checkpoint import load_arrays

__all__ = ["Averages"]


class Averages:
    """The exponential moving average of the trainable weights over updates (Polyak & Juditsky, 1992).

    It is corrected for its start, as Adam's moments are, so that after the first update it is that update's weights:

        a += (1 - d) / (1 - d^t) (w - a)

    What is not trained, as the moving statistics of batch normalisation, has no average: the model's own is used.

    Args:
        model: A built Keras model.
        decay: Share of the average that stays with each update, in [0, 1); 0 averages nothing.
    """

    def __init__(self, model: Any, decay: float) -> None:
        self.model = model
        self.decay = decay
        self._variables: list[Any] = []
        self._values: list[Any] = []
        self._move = make_move()

    def join(self) -> None:
        """Begin with the weights that can be trained now; called before an update.

        A callback may let a layer go later. Until then it did not move, and its weights are their own average.
        """
        if self.decay:
            known = set(map(id, self._variables))
            self._begin([v for v in self.model.trainable_variables if id(v) not in known])

    def update(self, number: int) -> None:
        """Take the weights in after update `number`, 1-based."""
        if self.decay:
            share = (1 - self.decay) / (1 - self.decay**number)
            self._values = self._move(self._values, [v.value for v in self._variables], share)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """The model has the averages inside, and its own weights again after, to the last bit."""
        own = [_copy(variable) for variable in self._variables]
        self.give()
        try:
            yield
        finally:
            _assign(self._variables, own)

    def give(self) -> None:
        """Leave the averages in the model."""
        _assign(self._variables, self._values)

    def state(self) -> tuple[list[int], list[Any]]:
        """Which of the model's variables are averaged, and the averages, for a checkpoint."""
        places = {id(variable): place for place, variable in enumerate(self.model.variables)}
        arrays = [np.array(ops.convert_to_numpy(value)) for value in self._values]
        return [places[id(variable)] for variable in self._variables], arrays

    def load_state(self, places: Sequence[int], arrays: Sequence[Any], source: Path | str = "checkpoint") -> None:
        """Take up where `state` left; the model must have its own weights already."""
        self._variables, self._values = [], []
        self._begin([self.model.variables[place] for place in places])
        with self.shown():
            load_arrays(self._variables, arrays, source)
            self._values = [_copy(variable) for variable in self._variables]

    def _begin(self, variables: Sequence[Any]) -> None:
        self._variables += variables
        self._values += [_copy(variable) for variable in variables]


def _copy(variable: Any) -> Any:
    return ops.copy(ops.stop_gradient(variable.value))


def _assign(variables: Sequence[Any], values: Sequence[Any]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
