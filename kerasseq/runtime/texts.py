"""What a user gives as texts; see `kerasseq_runtime.inputs.texts`."""

from __future__ import annotations

from kerasseq_runtime.inputs.texts import as_texts

__all__ = ["as_texts"]
