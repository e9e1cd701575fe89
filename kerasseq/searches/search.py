"""What a search is given, a model that says what comes next, and what it gives back; see `kerasseq_runtime.searches`.

The searches themselves stand there, so that an exported file writes what the model writes.
"""

from __future__ import annotations

from kerasseq_runtime.searches.one_by_one import OneByOne
from kerasseq_runtime.searches.search import DEAD_END, Limits, Search, Stepper, Told, Written, check_limits, checked

__all__ = ["DEAD_END", "Limits", "OneByOne", "Search", "Stepper", "Told", "Written", "check_limits", "checked"]
