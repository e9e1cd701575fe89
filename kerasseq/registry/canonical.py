"""Names of distributions as they are compared.

As `packaging.utils` has it, whose import also reads what platforms wheels are for, which every command would wait for.
"""

from __future__ import annotations

import re

__all__ = ["canonicalize_name"]

_SEPARATORS = re.compile(r"[-_.]+")


def canonicalize_name(name: str) -> str:
    """The normal form of PEP 503.

    >>> canonicalize_name("Kerasseq__Arabic")
    'kerasseq-arabic'
    """
    return _SEPARATORS.sub("-", name).lower()
