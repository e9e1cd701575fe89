"""The page, the card and the pictures of a finished run."""

from kerasseq.report.card import write_card
from kerasseq.report.data import AttentionSample, ReportData
from kerasseq.report.page import write_report

__all__ = ["AttentionSample", "ReportData", "write_card", "write_report"]
