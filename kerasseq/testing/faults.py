"""How a check ends when it does not pass."""

from __future__ import annotations

import traceback
import unittest
from typing import Any

__all__ = ["CheckFailed", "NotChecked", "label", "place", "shown", "told"]


class CheckFailed(AssertionError):
    """A component breaks a rule; the message names the rule and what broke it."""


class NotChecked(unittest.SkipTest):
    """A rule that could not be checked here, and why; pytest and unittest count it as skipped."""


def shown(text: str) -> str:
    """A text for a message: escaped, and not too long.

    >>> shown("a\\u200b"), shown("x" * 100)[-6:]
    ("'a\\\\u200b'", 'xxx...')
    """
    said = ascii(text)
    return said if len(said) <= 90 else f"{said[:87]}..."


def told(cause: BaseException) -> str:
    """An error as one line."""
    return f"{type(cause).__name__}: {' '.join(str(cause).split())[:300]}".removesuffix(": ")


def place(cause: BaseException | None, module: str) -> str:
    """Where an error arose: the last line of the package of `module` on the way there, `file.py:3`, or nothing."""
    if isinstance(cause, SyntaxError) and cause.filename:
        return f"{cause.filename}:{cause.lineno}"
    package, found = module.partition(".")[0], ""
    for frame, line in traceback.walk_tb(cause.__traceback__ if cause else None):
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] == package:
            found = f"{frame.f_code.co_filename}:{line}"
    return found


def label(spec: Any) -> str:
    """A Spec as short as it can be said: `TopK(k=3)`, defaults left out.

    >>> from kerasseq.poolers.attention import Attention
    >>> label(Attention(name="attention", units=3))
    'Attention(units=3)'
    """
    fields = type(spec).model_fields
    said = {k: v for k, v in spec.model_dump().items() if k != "name" and v != fields[k].default}
    return f"{type(spec).__name__}({', '.join(f'{k}={v!r}' for k, v in said.items())})"
