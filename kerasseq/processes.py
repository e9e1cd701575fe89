"""How a process ended, in words."""

from __future__ import annotations

__all__ = ["ending"]


def ending(code: int, said: bytes = b"") -> str:
    """Signal or exit code, and the last line that the process said.

    Args:
        code: As `subprocess` gives it; below 0 the signal.
        said: What stands in its stderr; none where that went elsewhere.

    >>> ending(-9), ending(3, b"Traceback ...\\nValueError: no such layer\\n")
    ('signal 9', 'exit code 3: ValueError: no such layer')
    """
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    last = said.decode("utf-8", "replace").strip().splitlines()[-1:]
    return ": ".join([how, *(line.strip() for line in last)])
