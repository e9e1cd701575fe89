"""`kerasseq plugins new`: a distribution with one component, filled in from templates."""

from __future__ import annotations

import builtins
import importlib.util
import keyword
import re
import sys
from pathlib import Path
from string import Template

import click

from kerasseq import __version__
from kerasseq.errors import UsageError
from kerasseq.files import write_text
from kerasseq.registry.canonical import canonicalize_name
from kerasseq.registry.components import KINDS, find, group_of

__all__ = ["write"]

TEMPLATES = Path(__file__).parent / "templates"
SUFFIX = ".txt"
"""Behind the name of every template, so that nothing takes one for code."""

NETWORKS = ("embedding", "encoder", "pooler", "decoder", "task")
LISTS = ("preprocessor", "exporter", "tracker")
NOUNS = {"wide": "linear model"}
"""What a component is called where its kind is no noun."""


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
        raise UsageError(f"--out must be an existing folder, got {out}")
    for path, text in sorted({**_filled("common", values), **_filled(kind, values)}.items()):
        write_text(folder / path, text)
    component, written = values["component"], values["written"]
    if written != component:
        said = f"is called {written}" if kind == "command" else f'is written "{written}" in a config'
        click.echo(f"the name {component} is taken; this one {said}", err=True)
    return folder


def _belongs_to_another(package: str, name: str) -> bool:
    """Whether a package is installed that is none of a plugin of that name: this one would stand in its way."""
    own = any(c.distribution == canonicalize_name(name) for kind in KINDS for c in find(kind))
    return not own and importlib.util.find_spec(package) is not None


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
    if _belongs_to_another(package, name):
        raise UsageError(f"NAME must be no package that is installed already, got {name}; my-{name} would be one")
    network = kind in NETWORKS
    taken = any(c.name == component and c.distribution != canonicalize_name(name) for c in find(kind))
    written = f"{canonicalize_name(name)}/{component}" if taken else component
    return {
        "distribution": name,
        "package": package,
        "component": component,
        "kind": kind,
        "group": group_of(kind),
        "noun": NOUNS.get(kind, kind),
        "target": _target(component, kind),
        "written": written,
        "version": ".".join(__version__.split(".")[:2]),
        "environments": "torch, jax" if network else "py",
        "deps": _DEPS if network else "",
        "shown": f"kerasseq {written} --help" if kind == "command" else f"kerasseq plugins show {kind} {written}",
        "usage": _usage(kind, written),
    }


def _target(component: str, kind: str) -> str:
    """The class, or the function of a verb: a name that neither Python nor an import of the templates has."""
    texts = [file.read_text(encoding="utf-8") for file in (TEMPLATES / kind).rglob(f"*{SUFFIX}")]
    imports = (found for text in texts for found in re.findall(r"^ *(?:from [^$\s]+ )?import ([\w, ]+)$", text, re.M))
    taken = {*dir(builtins), *keyword.kwlist, *re.findall(r"\w+", " ".join(imports))}
    ends = {end for text in texts for end in re.findall(r"\$\{target\}(\w*)", text)} | {""}
    target = component if kind == "command" else "".join(part.capitalize() for part in component.split("_"))
    if any(target + end in taken for end in ends):
        target += "_verb" if kind == "command" else "Spec"
    return target


_DEPS = """deps =
    jax: jax>=0.4.34
set_env =
    torch: KERASSEQ_BACKEND = torch
    jax: KERASSEQ_BACKEND = jax"""


def _usage(kind: str, written: str) -> str:
    """The section of a config."""
    if kind == "command":
        return ""
    header = f"[[{kind}]]" if kind in LISTS else f"[{kind}]"
    more = 'folder = "texts"\n' if kind == "dataset" else ""
    return f'In a config:\n\n```toml\n{header}\nname = "{written}"\n{more}```\n'


def _filled(group: str, values: dict[str, str]) -> dict[Path, str]:
    """The files of a group of templates, by path in the distribution."""
    found = {}
    for template in (TEMPLATES / group).rglob(f"*{SUFFIX}"):
        parts = template.relative_to(TEMPLATES / group).parts
        names = [re.sub("package|component", lambda found: values[found[0]], part) for part in parts]
        path = Path(*names[:-1], names[-1].removesuffix(SUFFIX))
        text = Template(template.read_text(encoding="utf-8")).substitute(values)
        found[path] = text
    return found
