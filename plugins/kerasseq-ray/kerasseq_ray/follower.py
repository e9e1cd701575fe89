"""On a machine of the cluster: a worker that trains beside others, as their leader does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

__all__ = ["LOST", "Follower"]

LOST = "lost"
"""What a worker says that has lost the others."""


class Follower:
    """A process that reads the data, builds the model, and trains with its leader.

    Args:
        folder: Where the command was given; the paths of an experiment are meant from there.
        threads: Of an operation, before anything counts them.
    """

    def __init__(self, folder: str, threads: str) -> None:
        os.chdir(folder)
        os.environ["OMP_NUM_THREADS"] = threads
        self.built: Any = None

    def build(self, text: str, backend: str, run: str, told: Mapping[str, Any]) -> str:
        """Read and build; says what is wrong, or nothing.

        Args:
            text: An experiment, TOML.
            backend: Of it.
            run: The run that goes on; empty for a new one.
            told: What the leader's numbers depend on, as `describe` says it.
        """
        from kerasseq.backend.select import select
        from kerasseq.plugin import KerasseqError, RunDirectory

        try:
            select(backend)
            from kerasseq.config.read import read_text
            from kerasseq.environment import changes, describe
            from kerasseq.experiment import build

            experiment = read_text(text, "the experiment", backend=backend)
            if others := changes(told):
                return "; ".join(f"must have {name} {was}, got {now}" for name, (was, now) in others.items())
            self.built = build(experiment, RunDirectory(run) if run else None)
            own = describe(experiment, self.built[1].tables)
        except KerasseqError as cause:
            return str(cause)
        wrong = [side for side, rows in told["data"].items() if own["data"][side] != rows]
        return f"must read the same rows, got others of {', '.join(wrong)}" if wrong else ""

    def follow(self, leader: tuple[str, int], rank: int, size: int) -> str:
        """Train until the leader ends; says what went wrong, `LOST` where it was another worker."""
        import ray

        from kerasseq.experiment import follow
        from kerasseq.plugin import KerasseqError
        from kerasseq_ray.gloo import WorkerLost, following

        trained, prepared = self.built
        try:
            with following(ray.util.get_node_ip_address(), leader, rank, size) as team:
                trained.engine.team = team
                follow(trained, prepared)
        except WorkerLost:
            return LOST
        except KerasseqError as cause:
            return str(cause)
        return ""
