"""What an exported file answers, as arrays by name; see `kerasseq_runtime.answers`."""

from __future__ import annotations

from kerasseq_runtime.answers import STEPS, read_answers

__all__ = ["STEPS", "read_answers"]
