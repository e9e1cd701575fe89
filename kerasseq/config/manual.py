"""One component as a page in the terminal: what it is, every setting, how to write it, where it lives."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from kerasseq.config.experiment import LISTS
from kerasseq.config.reference import Setting, settings_of
from kerasseq.registry.components import Component
from kerasseq.spec import Spec

__all__ = ["manual", "snippet"]

WIDTH = 100


def manual(component: Component, spec: type[Spec], written: str) -> str:
    """The page.

    Args:
        component: What is shown.
        spec: Its class.
        written: The name that a config writes.
    """
    definition = spec.model_json_schema()
    settings = [setting for setting in settings_of(definition) if setting.key != "name"]
    about = inspect.cleandoc(spec.__doc__ or "Nothing is said about it.")
    lines = [f'{component.kind} "{written}"', "", *about.splitlines(), ""]
    for setting in settings:
        lines += _setting(setting)
    if not settings:
        lines.append("It has no settings.")
    lines += ["", *snippet(component.kind, written, settings, definition), ""]
    lines += [f"{component.distribution} {component.version}, {component.target}", inspect.getsourcefile(spec) or ""]
    return "\n".join(lines).rstrip()


def _setting(setting: Setting) -> Iterator[str]:
    """`units: whole number, 1 to 8,192; default 128`, and its meaning below."""
    default = f"default {setting.default}" if setting.default else "required"
    yield f"{setting.key}: {setting.kind.replace('`', '')}; {default}"
    yield from textwrap.wrap(setting.meaning, WIDTH, initial_indent="    ", subsequent_indent="    ")


def snippet(kind: str, written: str, settings: list[Setting], definition: Mapping[str, Any]) -> Iterator[str]:
    """The section as a config would have it, every default written out; what is required stands there to be filled."""
    yield f"[[{kind}]]" if kind in LISTS else f"[{kind}]"
    yield f'name = "{written}"'
    empty = {"integer": "0", "number": "0.0", "boolean": "false", "array": "[]", "object": "{}"}
    for setting in settings:
        if setting.default:
            yield f"{setting.key} = {setting.default}"
        else:
            value = empty.get(str(definition["properties"][setting.key].get("type")), '"..."')
            yield f"{setting.key} = {value}    # required"
