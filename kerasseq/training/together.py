"""How the workers of a team begin an epoch: where their leader stands, with its weights, each drawing for itself."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np

from kerasseq.backend.randomness import draw_by
from kerasseq.backend.team import Team

__all__ = ["Place", "begin_together"]


class Place(NamedTuple):
    """Where a training stands.

    Attributes:
        goes_on: Whether another epoch begins.
        epoch: Epochs done.
        updates: Updates done.
        planned: Updates over which the learning rate falls.
    """

    goes_on: bool
    epoch: int
    updates: int
    planned: int


def begin_together(team: Team, model: Any, optimizer: Any, seed: int, own: Place) -> Place:
    """Bring every worker to where the leader is.

    Updates are the same for all of them. Still processors of two makes may round apart, and a worker may be new where
    the leader goes on from a checkpoint: so all take the leader's weights, moments and learning rate. What is drawn in
    an epoch follows from seed, epoch and worker, which is why a training that goes on behind an epoch needs no more.

    Args:
        team: Of the workers.
        model: Built.
        optimizer: Of the model.
        seed: Of the experiment.
        own: Where this worker stands.

    Returns:
        Where the leader stands.
    """
    place = Place(**team.said(own._asdict()))
    if place.goes_on:
        if not optimizer.built:
            optimizer.build(model.trainable_variables)
        for variable in (*model.variables, *optimizer.variables):
            values = np.array(keras.ops.convert_to_numpy(variable.value), order="C")
            team.share(values)
            variable.assign(values)
        draw_by(model, seed, place.epoch, team.rank)
    return place
