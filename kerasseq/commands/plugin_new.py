"""`kerasseq plugins new`: a distribution with one component, filled in from templates."""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path
from string import Template

import click

from kerasseq import __version__
from kerasseq.errors import UsageError
from kerasseq.files import write_text
from kerasseq.registry import find, normalise

__all__ = ["write"]

TEMPLATES = Path(__file__).parent / "templates"
SUFFIX = ".txt"
"""Behind the name of every template, so that nothing takes one for code."""

NETWORKS = ("embedding", "encoder", "pooler", "task")
LISTS = ("preprocessor", "exporter")


def write(name: str, kind: str, out: Path) -> Path:
    """Write the folder `out/name`.

    Args:
        name: Of the distribution.
        kind: What it holds.
        out: An existing folder.

    Returns:
        The new folder.

    Raises:
        UsageError: The name is none, or the folder is there already.
    """
    folder = out / name
    values = _values(name, kind)
    if folder.exists():
        raise UsageError(f"{folder} is already there; choose another name, or --out another folder")
    if not out.is_dir():
        raise UsageError(f"--out must be a folder, got {out}")
    for path, text in sorted({**_filled("common", values), **_filled(kind, values)}.items()):
        write_text(folder / path, text)
    component = values["component"]
    if any(c.name == component and c.distribution != normalise(name) for c in find(kind)):
        click.echo(f'the name {component} is taken; a config writes "{normalise(name)}/{component}"', err=True)
    return folder


def _values(name: str, kind: str) -> dict[str, str]:
    """What stands for the placeholders."""
    package = re.sub(r"[-.]+", "_", name).lower()
    component = package.removeprefix("kerasseq_")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9._-]*[A-Za-z0-9]", name) or not component.isidentifier():
        raise UsageError(
            f"NAME must be letters, digits, dots, dashes and underscores, beginning with a letter, got {name}"
        )
    if package == "kerasseq" or package in sys.stdlib_module_names or keyword.iskeyword(component):
        raise UsageError(f"NAME must be none that Python or kerasseq has, got {name}; my-{name} would be one")
    target = component if kind == "command" else "".join(part.capitalize() for part in component.split("_"))
    network = kind in NETWORKS
    return {
        "distribution": name,
        "package": package,
        "component": component,
        "kind": kind,
        "target": target,
        "version": ".".join(__version__.split(".")[:2]),
        "environments": "torch, jax" if network else "py",
        "deps": _DEPS if network else "",
        "shown": f"kerasseq {component} --help" if kind == "command" else f"kerasseq plugins show {kind} {component}",
        "usage": _usage(kind, component),
    }


_DEPS = """deps =
    jax: jax>=0.4.34
set_env =
    torch: KERASSEQ_BACKEND = torch
    jax: KERASSEQ_BACKEND = jax"""


def _usage(kind: str, component: str) -> str:
    """The section of a config."""
    if kind == "command":
        return ""
    header = f"[[{kind}]]" if kind in LISTS else f"[{kind}]"
    more = 'folder = "texts"\n' if kind == "dataset" else ""
    return f'In a config:\n\n```toml\n{header}\nname = "{component}"\n{more}```\n'


def _filled(group: str, values: dict[str, str]) -> dict[Path, str]:
    """The files of a group of templates, by path in the distribution."""
    found = {}
    for template in (TEMPLATES / group).rglob(f"*{SUFFIX}"):
        parts = template.relative_to(TEMPLATES / group).parts
        names = [part.replace("package", values["package"]).replace("component", values["component"]) for part in parts]
        path = Path(*names[:-1], names[-1].removesuffix(SUFFIX))
        text = Template(template.read_text(encoding="utf-8")).substitute(values)
        found[path] = text
    return found
