"""The portable pattern language: one text, read the same by Python's `re` and by RE2."""

from kerasseq.patterns.classes import NAMES, characters
from kerasseq.patterns.language import Pattern, literal, parse

__all__ = ["NAMES", "Pattern", "characters", "literal", "parse"]
