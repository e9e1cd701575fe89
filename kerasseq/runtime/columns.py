"""Answers as named columns; see `kerasseq_runtime.columns`."""

from __future__ import annotations

from kerasseq_runtime.columns import AnswerColumn, answer_columns, as_columns, class_columns, decimals_of

__all__ = ["AnswerColumn", "answer_columns", "as_columns", "class_columns", "decimals_of"]
