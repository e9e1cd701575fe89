"""Named data sets as the command line sees them: what it can list and fetch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from kerasseq.datasets.fetch import RemoteFile

__all__ = ["Fetchable"]


@runtime_checkable
class Fetchable(Protocol):
    """A dataset Spec whose files come from the network; one of a plugin that has these joins `kerasseq dataset`."""

    @property
    def licence(self) -> str:
        """As the source states it."""

    @property
    def files(self) -> Mapping[str, RemoteFile]:
        """Side, or another name, -> file."""

    def fetch(self) -> dict[str, Path]:
        """Download what is not in the cache; side -> path."""
