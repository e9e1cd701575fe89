"""One component, checked from its import to the kit, in a process of its own: `python -m kerasseq.testing.checking`.

Its job is a list of the kind and `distribution/name`. It answers with each step: its name, `ok`, `failed` or `skipped`,
and what there is to say.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from pydantic import ValidationError

from kerasseq.errors import PluginError
from kerasseq.processes import serve
from kerasseq.registry.components import choose, class_fault, load_object, remedy
from kerasseq.spec import EncoderSpec, Spec
from kerasseq.testing.faults import CheckFailed, NotChecked, place, told
from kerasseq.testing.network import ready

__all__ = ["END", "Step", "steps"]

REST = "its own tests check the rest"

END = "end"
"""The last step; a process that does not come to it has died."""


class Step(NamedTuple):
    """One thing that was looked at.

    Attributes:
        name: `import`, `class`, `defaults`, or the name of a check.
        result: `ok`, `failed` or `skipped`.
        said: Why it is not ok.
    """

    name: str
    result: str
    said: str = ""


def steps(kind: str, qualified: str) -> Iterator[Step]:
    """Yield what is found, up to what makes going on meaningless."""
    component = choose(kind, qualified)
    try:
        loaded = load_object(component)
    except PluginError as error:
        where = place(error.__cause__, component.target.partition(":")[0])
        yield Step("import", "failed", f"{error} ({where})" if where else str(error))
        return
    yield Step("import", "ok")
    fault = class_fault(kind, loaded)
    if fault:
        yield Step("class", "failed", f"{fault}; {remedy(component)}")
        return
    yield Step("class", "ok")
    if kind == "command":
        return
    spec, step = _with_defaults(loaded, component.name)
    yield step
    if spec is not None:
        from kerasseq.testing.suite import EVERY, checks_for

        alone = kind == "dataset" or step.result != "ok"
        yield from (_checked(check, spec) for check in (EVERY if alone else checks_for(spec)))
        if kind == "dataset":
            yield Step("rows", "skipped", "what it reads may be fetched first; its own tests check the rows")
        if isinstance(spec, EncoderSpec) and spec.own_task:
            yield Step("network", "skipped", f'it stands in task "{spec.own_task}" alone, which is checked with it')
    elif step.result == "skipped":
        from kerasseq.testing.section_checks import check_documented, check_light_import, check_strict

        for check in (check_light_import, check_documented, check_strict):
            yield _checked(check, loaded.model_construct(name=component.name))


def _with_defaults(spec: type[Spec], name: str) -> tuple[Spec | None, Step]:
    """The Spec with nothing set but its name, if its defaults allow it."""
    try:
        found = spec.model_validate_json(json.dumps({"name": name}))
    except ValidationError as error:
        from kerasseq.config.messages import explain

        wrong = [f"{key}: {said}" for key, said in explain(error, spec, {"name": name}) if said != "is required"]
        if wrong:
            return None, Step("defaults", "failed", "; ".join(wrong))
        missing = [".".join(map(str, finding["loc"])) for finding in error.errors()]
        return None, Step("defaults", "skipped", f"{', '.join(missing)} must be set; {REST}")
    return found, _checked(defaults, found)


def defaults(spec: Spec) -> None:
    """A Spec with nothing set can be built, unless a file or another distribution has to be there for it.

    Raises:
        NotChecked: One is not there.
    """
    outside = [] if spec.kind == "dataset" else [f"{key} {said}" for key, said in spec.problems()]
    if outside:
        raise NotChecked(f"{'; '.join(outside)}; {REST}")


def _checked(check: Callable[[Any], None], spec: Spec) -> Step:
    try:
        ready()
        check(spec)
    except NotChecked as reason:
        return Step(check.__name__, "skipped", str(reason))
    except CheckFailed as fault:
        return Step(check.__name__, "failed", str(fault))
    except (Exception, SystemExit) as cause:
        last = traceback.extract_tb(cause.__traceback__)[-1]
        where = place(cause, type(spec).__module__) or f"{last.filename}:{last.lineno}"
        return Step(check.__name__, "failed", f"{told(cause)} ({where})")
    return Step(check.__name__, "ok")


if __name__ == "__main__":
    serve(lambda job: chain(steps(*job), [Step(END, "ok")]))
