"""The time that a study may take, shared out among the search, the seeds, and what is measured at the end."""

from __future__ import annotations

import time

__all__ = ["Clock"]

SEARCHED = 0.7
"""Share of the time for training that the search has; the rest is for seeds."""

LONGEST = 1 / 8
"""Share of the time for the search that one trial has, if the config as written does not take longer."""

MEASURING = 20.0
"""Seconds that are kept for the test, exports and pages, at the least."""


class Clock:
    """When each part of a study ends.

    Args:
        minutes: Of all of it; 0 for no bound.
        seeds: Trainings of each of the best configs; where it is one, the search has all the time for training.
        begun: When the minutes began, as `time.time` gives it; None for now.

    Attributes:
        measuring: Seconds that are kept for the test, exports and pages.
    """

    def __init__(self, minutes: float, seeds: int, begun: float | None = None) -> None:
        self.minutes = minutes
        self.share = SEARCHED if seeds > 1 else 1.0
        self.begun = time.time() if begun is None else begun
        self.measuring = MEASURING

    def keep_for_test(self, read: float) -> None:
        """Keep more time for the end, where reading the data, which it does anew, took so many seconds."""
        self.measuring = max(self.measuring, MEASURING / 2 + 2 * read)

    def search_has(self, seconds: float) -> bool:
        """Whether the search has more than so many seconds left."""
        return not self.minutes or self._search_end() - time.time() > seconds

    def training_has(self, seconds: float) -> bool:
        """Whether search and seeds together have so many seconds left."""
        return not self.minutes or self._training_end() - time.time() >= seconds

    def deadline(self, written: float | None) -> float | None:
        """When a trial that begins now is stopped, as `time.time` gives it; None for never.

        Args:
            written: Seconds that the config as written took; None where it has not ended, and of that config itself,
                with whatever seed: it has all the time there is.
        """
        if not self.minutes:
            return None
        if written is None:
            return self._training_end()
        longest = max(LONGEST * (self._search_end() - self.begun), written)
        return min(self._training_end(), time.time() + longest)

    def _search_end(self) -> float:
        return self.begun + self.share * (60 * self.minutes - self.measuring)

    def _training_end(self) -> float:
        return self.begun + 60 * self.minutes - self.measuring
