"""The portable pattern language: one text, read the same by Python's `re` and by RE2."""

from kerasseq.patterns.classes import NAMES, SPACES, characters
from kerasseq.patterns.language import Pattern, literal, parse

__all__ = ["NAMES", "SPACES", "Pattern", "characters", "literal", "parse"]
