"""`environment.json`: what the numbers of a run depend on besides the experiment."""

from __future__ import annotations

import hashlib
import platform
from typing import TYPE_CHECKING, Any

from kerasseq.backend.select import current, device, threads, versions
from kerasseq.config.experiment import Experiment

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["data_hash", "describe"]


def describe(experiment: Experiment, tables: dict[str, pa.Table]) -> dict[str, Any]:
    """Versions, backend, device, threads, seed, hash of the data, distribution and version of every component."""
    return {
        "versions": {"python": platform.python_version(), **versions()},
        "platform": platform.platform(),
        "backend": current(),
        "device": device(),
        "threads": threads(),
        "seed": experiment.seed,
        "data": {side: {"rows": table.num_rows, "sha256": data_hash(table)} for side, table in tables.items()},
        "components": {
            key: {"name": component.qualified, "version": component.version}
            for key, component in experiment.components.items()
        },
    }


def data_hash(table: pa.Table) -> str:
    """SHA-256 of the texts and targets, row by row; files and line numbers do not count."""
    digest = hashlib.sha256()
    names = [name for name in ("text", "text_2", "target", "weight") if name in table.column_names]
    for row in table.select(names).to_pylist():
        for name in names:
            digest.update(f"{name}\x1f{row[name]}\x1e".encode())
    return digest.hexdigest()
