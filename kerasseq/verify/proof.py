"""Ask each backend in turn, then compare what they said."""

from __future__ import annotations

import logging
import math
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from kerasseq.errors import UsageError
from kerasseq.run_directory import RunDirectory
from kerasseq.verify.backends import KERAS, reference
from kerasseq.verify.checks import Check, Measure
from kerasseq.verify.process import Absent, Said, ask
from kerasseq.verify.sample import Sample

__all__ = ["Proof", "prove"]

log = logging.getLogger("kerasseq")


@dataclass(frozen=True)
class Proof:
    """What the comparison found.

    Attributes:
        run: The run directory.
        reference: The backend that the others were compared with.
        backends: Version, device and so on, by backend.
        texts: Which texts were asked about.
        precision: What the layers compute in.
        tolerance: Largest allowed difference.
        checks: Every comparison.
    """

    run: Path
    reference: str
    backends: dict[str, dict[str, Any]]
    texts: str
    precision: str
    tolerance: float
    checks: list[Check]

    @property
    def failed(self) -> list[Check]:
        """The checks past the tolerance."""
        return [check for check in self.checks if not check.ok]

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values; a difference that is no number is null."""
        return {
            "run": str(self.run),
            "kerasseq": metadata.version("kerasseq"),
            "ok": not self.failed,
            "reference": self.reference,
            "backends": self.backends,
            "texts": self.texts,
            "precision": self.precision,
            "tolerance": self.tolerance,
            "checks": [
                {
                    "check": check.name,
                    "backends": list(check.backends),
                    "difference": check.difference if math.isfinite(check.difference) else None,
                    "tolerance": check.tolerance,
                    "where": check.where,
                    "ok": check.ok,
                }
                for check in self.checks
            ],
        }


def prove(run: RunDirectory, names: Sequence[str], tolerance: float, rows: int, strict: bool = True) -> Proof:
    """Compare the backends `names` on the weights of `run`; nothing is written there.

    Args:
        run: A finished run.
        names: Backends that are there, `onnx` for the exported file; at least one of Keras.
        tolerance: Largest allowed difference, above 0.
        rows: Most test rows to ask about, 1 or more.
        strict: Whether one that cannot take part, as a file that leaves steps to Python or a backend that cannot be
            imported, is an error; else it is left out with a line in the log.

    Raises:
        KerasseqError: A backend cannot open the run, or its process died.
    """
    ordered = sorted(names, key=lambda name: (name != reference(names), name not in KERAS))
    with tempfile.TemporaryDirectory(prefix="kerasseq-verify-") as folder:
        said: dict[str, Said] = {}
        for place, name in enumerate(ordered):
            started = time.perf_counter()
            try:
                said[name] = ask(name, run.path, Path(folder), rows)
            except UsageError as error:
                another = said or (isinstance(error, Absent) and {*KERAS} & {*ordered[place + 1 :]})
                if strict or not another:
                    raise  # without a backend of Keras there is nothing to compare with
                log.warning("left out: %s", error)
                continue
            about = said[name].facts
            log.info("%s %s on %s: %.1f s", name, about["version"], about["device"], time.perf_counter() - started)
        sample = Sample.read(Path(folder))
    first = next(iter(said))
    measure = Measure(tolerance, sample.units, said[first].facts["weights"], sample.shown)
    checks: list[Check] = []
    for name in list(said)[1:]:
        checks += measure.between((first, name), said[first].arrays, said[name].arrays)
    for name, answers in said.items():
        checks += measure.within(name, answers.arrays)
    facts = {name: {key: value for key, value in s.facts.items() if key != "weights"} for name, s in said.items()}
    return Proof(run.path, first, facts, sample.source, sample.precision, tolerance, checks)
