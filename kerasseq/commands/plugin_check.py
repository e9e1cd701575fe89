"""`kerasseq plugins check`: each component in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kerasseq.console import tell
from kerasseq.errors import UsageError
from kerasseq.processes import Worker
from kerasseq.registry.canonical import canonicalize_name
from kerasseq.registry.components import KINDS, Component, find, nearest
from kerasseq.testing.checking import END, Step

__all__ = ["check_all", "chosen"]


def chosen(name: str | None) -> list[Component]:
    """The components that are meant.

    Args:
        name: A distribution, or a component, bare or `distribution/name`; None for all that are not kerasseq's.

    Raises:
        UsageError: Nothing has that name.
    """
    every = [component for kind in KINDS for component in find(kind)]
    if name is None:
        return [c for c in every if c.distribution != "kerasseq"]
    distribution, _, bare = name.rpartition("/")
    found = [c for c in every if c.distribution == canonicalize_name(name)] or [
        c for c in every if c.name == bare and (not distribution or c.distribution == canonicalize_name(distribution))
    ]
    if not found:
        known = sorted({c.distribution for c in every} | {c.name for c in every if c.distribution != "kerasseq"})
        raise UsageError(f'no distribution and no component is called "{name}"{nearest(name, known)}')
    return found


def check_all(components: Sequence[Component]) -> bool:
    """Check each and print what is found; whether none failed."""
    if not components:
        tell("no plugins are installed; kerasseq plugins new NAME --kind KIND writes one")
    failed = [component for component in components if not _checked(component)]
    if components:
        count = f"{len(components)} {'component' if len(components) == 1 else 'components'}"
        tell(f"{count}, {f'{len(failed)} failed' if failed else 'none failed'}")
    return not failed


def _checked(component: Component) -> bool:
    tell(component.describe())
    if component.state != "ok":
        tell(f"  {component.state}: {component.reason}")
        return component.state == "disabled"
    whole = True
    for step in _steps(component):
        tell(f"  {step.result:<8}{step.name}{f': {step.said}' if step.said else ''}")
        whole = whole and step.result != "failed"
    return whole


def _steps(component: Component) -> Iterator[Step]:
    """What the process says; the last step says how it died, if it did."""
    with Worker("kerasseq.testing.checking") as worker:
        for said in worker.answers([component.kind, component.qualified]):
            step = Step(*said)
            if step.name == END:
                return
            yield step
        yield Step("process", "failed", f"it died with {worker.ended()}")
