"""The Specs of every component that can be loaded, for the schema and the reference."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from kerasseq.errors import PluginError
from kerasseq.registry.components import Component, find, load, spelling
from kerasseq.spec import Spec

__all__ = ["installed"]

log = logging.getLogger("kerasseq.config")


def installed(kind: str, ours_only: bool = False) -> Iterator[tuple[str, Component, type[Spec]]]:
    """Yield the name to write, the component and its Spec; one that is broken is logged and left out.

    Args:
        kind: `"pooler"`.
        ours_only: Leave other distributions out.
    """
    components = [c for c in find(kind) if c.state == "ok"]
    for component in components:
        if ours_only and component.distribution != "kerasseq":
            continue
        try:
            yield spelling(component, components), *load(kind, component.qualified)
        except PluginError as error:
            log.warning("left out: %s", error)
