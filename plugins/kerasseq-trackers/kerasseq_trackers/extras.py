"""Libraries that come with an extra."""

from __future__ import annotations

from kerasseq.plugin import PluginError

__all__ = ["missing"]


def missing(extra: str, cause: ImportError) -> PluginError:
    """What to say where a library of `extra` cannot be imported."""
    return PluginError(f'must have {cause.name or extra}; pip install "./plugins/kerasseq-trackers[{extra}]"')
