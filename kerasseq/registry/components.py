"""Find, load and list components through `importlib.metadata`; no catalogue of our own.

Three steps, each usable alone: `find` reads metadata and imports nothing, `choose` turns a written name into one
component, `load` imports its Spec. kerasseq's own components are entry points like any other's; they cannot be
shadowed: a bare name that kerasseq has is always kerasseq's.
"""

from __future__ import annotations

import difflib
import functools
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from typing import TYPE_CHECKING, Any

from kerasseq.errors import PluginError
from kerasseq.registry.canonical import canonicalize_name
from kerasseq.registry.compatibility import HINTS, OURS, allowed, paths, state_of
from kerasseq.registry.declared import Declared, culprits, declared

if TYPE_CHECKING:
    from kerasseq.spec import Spec

__all__ = [
    "KINDS",
    "Component",
    "blame",
    "choose",
    "class_fault",
    "closest",
    "find",
    "group_of",
    "is_installed",
    "load",
    "load_object",
    "nearest",
    "remedy",
    "spelling",
    "strangers",
    "where_to_get",
]

KINDS = (
    "dataset",
    "preprocessor",
    "tokenizer",
    "embedding",
    "encoder",
    "pooler",
    "decoder",
    "wide",
    "search",
    "task",
    "exporter",
    "tracker",
    "command",
)

FIRST_PARTY = {
    "kerasseq-arabic": {
        "preprocessor": "arabic_stem arabic_lemmas arabic_roots arabic_dialect arabic_sentences arabert buckwalter "
        "farasa",
    },
    "kerasseq-bench": {"command": "bench"},
    "kerasseq-cells": {
        "encoder": "peephole_lstm layer_norm_lstm layer_norm_gru conv_lstm ind_rnn min_gru min_lstm transformer",
    },
    "kerasseq-collect": {"command": "collect"},
    "kerasseq-english": {
        "preprocessor": "english_stem english_lemmas english_spoken english_dates english_quantities english_sentences",
    },
    "kerasseq-gpt2": {"encoder": "gpt2", "task": "gpt2", "tokenizer": "gpt2"},
    "kerasseq-huggingface": {"dataset": "huggingface", "embedding": "static", "tokenizer": "huggingface"},
    "kerasseq-poolers": {"pooler": "self_attention gated last_k top_k_mean hierarchical conv2d concat"},
    "kerasseq-ray": {"command": "ray"},
    "kerasseq-serve": {"command": "serve"},
    "kerasseq-tftext": {
        "exporter": "saved_model",
        "preprocessor": "normalize_utf8 sentences",
        "tokenizer": "unicode_script whitespace wordpiece sentencepiece",
    },
    "kerasseq-trackers": {"tracker": "tensorboard mlflow"},
    "kerasseq-tune": {"command": "tune"},
    "kerasseq-vectors": {"command": "vectors"},
}
"""What distributions of this project have, for the hint to install one. Nothing is found or loaded by this table."""

_packages: dict[str, str] = {}
"""Package of a plugin that was imported -> its distribution and version."""


@dataclass(frozen=True)
class Component:
    """One entry point of a kind.

    Attributes:
        kind: `"pooler"`.
        name: The name under which it is registered.
        distribution: The installed distribution, or `"?"` where it has no metadata.
        version: Its version.
        target: `"package.module:Class"`.
        state: `"ok"`, `"incompatible"` (its metadata asks for another kerasseq), `"disabled"` (KERASSEQ_PLUGINS),
            `"duplicate"` (its distribution registers the name twice, or is installed twice in one folder),
            `"orphan"` (its distribution has no metadata, as after a broken uninstallation), or `"damaged"` (the file
            that registers it is cut off, or no text).
        reason: Why the state is not ok.
    """

    kind: str
    name: str
    distribution: str
    version: str
    target: str
    state: str = "ok"
    reason: str = ""

    @property
    def qualified(self) -> str:
        """`distribution/name`, always unambiguous."""
        return f"{self.distribution}/{self.name}"

    def describe(self) -> str:
        """`pooler "top_k" of kerasseq-poolers 0.2 (package.module:TopK)`."""
        return f'{self.kind} "{self.name}" of {self.distribution} {self.version} ({self.target})'


def group_of(kind: str) -> str:
    """The entry-point group of a kind.

    >>> group_of("pooler"), group_of("search")
    ('kerasseq.poolers', 'kerasseq.searches')
    """
    return f"kerasseq.{kind}es" if kind.endswith("ch") else f"kerasseq.{kind}s"


def closest(name: str, names: Iterable[str]) -> str:
    """The likeliest intended name, or nothing; case, `-` and `_` weigh nothing.

    >>> closest("BI_LSTM", ["gru", "lstm"]), closest("transformer", ["gru", "lstm"])
    ('lstm', '')
    """
    plain = {each.lower().replace("-", "_"): each for each in names}
    close = difflib.get_close_matches(name.lower().replace("-", "_"), plain, n=1, cutoff=0.6)
    return plain[close[0]] if close else ""


def nearest(name: str, names: Sequence[str]) -> str:
    """The likeliest intended name as a hint: `; did you mean "lstm"?`, or the choices."""
    close = closest(name, names)
    if close:
        return f'; did you mean "{close}"?'
    return f"; choose from {', '.join(sorted(set(names)))}" if names else ""


def where_to_get(kind: str, name: str) -> str:
    """The distribution of this project that has the component, as a hint; empty where none has it, or it is installed.

    >>> where_to_get("exporter", "no_such_format"), where_to_get("encoder", "lstm")
    ('', '')
    """
    wanted, _, bare = name.rpartition("/")
    installed = {component.distribution for component in find(kind)}
    for distribution, kinds in FIRST_PARTY.items():
        asked = wanted in ("", distribution) and bare in kinds.get(kind, "").split()
        if asked and distribution not in installed:
            return f"; pip install ./plugins/{distribution}, in the repository of kerasseq"
    return ""


def find(kind: str) -> tuple[Component, ...]:
    """Every component of `kind` that is installed, by name and distribution; imports nothing."""
    found: dict[tuple[str, str], Component] = {}
    for line in _lines(paths()):
        if line.group != group_of(kind):
            continue
        state, reason = state_of(line.distribution, line.target)
        if line.damage and state not in ("disabled", "orphan"):
            state, reason = "damaged", line.damage
        if state == "disabled":
            reason += strangers(allowed() or ())
        component = Component(kind, line.name, line.distribution, line.version, line.target, state, reason)
        known = found.get((line.name, line.distribution))
        if known is not None and known.target != component.target:
            reason = f"registered as {known.target} and as {component.target}"
            component = replace(component, state="duplicate", reason=reason)
        found[line.name, line.distribution] = component
    return tuple(sorted(found.values(), key=lambda c: (c.name, c.distribution != OURS, c.distribution)))


def strangers(names: Iterable[str]) -> str:
    """Those of `names` that are no installed plugin, as a hint: `; "polers" is no installed plugin`."""
    here = {line.distribution for line in _lines(paths())}
    said = ""
    for name in names:
        if canonicalize_name(name) not in here:
            close = closest(name, here - {OURS})
            said += f'; "{name}" is no installed plugin' + (f', did you mean "{close}"?' if close else "")
    return said


@functools.lru_cache(maxsize=1)
def _lines(where: tuple[tuple[str, int], ...]) -> tuple[Declared, ...]:
    """What is declared for every kind; kept, for `--help` asks again for each verb."""
    return tuple(declared([group_of(kind) for kind in KINDS]))


def spelling(component: Component, components: Sequence[Component]) -> str:
    """The shortest name that means `component` among all `components` of its kind."""
    rivals = [c for c in components if c.name == component.name and c != component and c.state == "ok"]
    ours = any(c.distribution == OURS for c in rivals)
    return component.qualified if ours or (rivals and component.distribution != OURS) else component.name


def choose(kind: str, name: str) -> Component:
    """The one component that `name` means.

    Raises:
        PluginError: Nothing has that name, several have it, or the one that has it cannot be used.
    """
    component = _meant(kind, name)
    if component.state != "ok":
        hint = HINTS[component.state].format(distribution=component.distribution)
        raise PluginError(f"{component.describe()} cannot be used: {component.reason}; {hint}")
    return component


def is_installed(kind: str, name: str) -> bool:
    """Whether `name` means one component, be it usable or not."""
    try:
        return bool(_meant(kind, name))
    except PluginError:
        return False


def _meant(kind: str, name: str) -> Component:
    """The same as `choose`, in whatever state it is."""
    components = find(kind)
    distribution, _, bare = name.rpartition("/")
    matches = [
        c
        for c in components
        if c.name == bare and (not distribution or c.distribution == canonicalize_name(distribution))
    ]
    ours = [c for c in matches if c.distribution == OURS]
    usable = ours or [c for c in matches if c.state == "ok"] or matches
    if not usable:
        installed = [c for c in components if c.state == "ok"]
        known = [c.qualified if distribution else spelling(c, installed) for c in installed]
        raise PluginError(f'unknown {kind} "{name}"{where_to_get(kind, name) or nearest(name, known)}')
    if len(usable) > 1:
        spellings = " or ".join(f'"{c.qualified}"' for c in usable)
        raise PluginError(f'{kind} "{name}" is ambiguous; write {spellings}')
    return usable[0]


def load(kind: str, name: str) -> tuple[Component, type[Spec]]:
    """The component that `name` means, and its Spec class, imported.

    Raises:
        PluginError: It cannot be chosen or imported, or is no Spec of that kind; one line names kind, name,
            distribution, version, target and cause.
    """
    component = choose(kind, name)
    target = load_object(component)
    fault = class_fault(kind, target)
    if fault:
        raise PluginError(f"{component.describe()} is broken: {fault}; {remedy(component)}")
    return component, target


def class_fault(kind: str, target: Any) -> str:
    """Why what an entry point names is none of `kind`, or nothing."""
    if kind == "command":
        import click

        return "" if isinstance(target, click.Command) else f"must be a click command, got {target!r}"
    from kerasseq.spec import Spec

    right = isinstance(target, type) and issubclass(target, Spec) and target.kind == kind
    return "" if right else f"must be a subclass of {kind.capitalize()}Spec, got {target!r}"


def remedy(component: Component) -> str:
    """What whoever names a broken component can do."""
    return f"upgrade or reinstall {component.distribution}, or name another {component.kind}"


def load_object(component: Component) -> Any:
    """Import what the entry point names; `SystemExit` at import counts as broken too."""
    entry = metadata.EntryPoint(component.name, component.target, group_of(component.kind))
    try:
        loaded = entry.load()
    except (Exception, SystemExit) as cause:
        if named := culprits(cause):
            raise PluginError(named) from cause
        reason = " ".join(str(cause).split())
        said = f"{type(cause).__name__}: {reason}".removesuffix(": ")
        raise PluginError(f"{component.describe()} is broken: {said}; {remedy(component)}") from cause
    package = entry.module.partition(".")[0]
    if OURS not in (component.distribution, package):
        _packages[package] = f"{component.distribution} {component.version}"
    return loaded


def blame(error: BaseException) -> str:
    """Note on an error the distribution of the plugin that raised it, if one did: `from my-poolers 1.0`.

    Returns:
        `"my-poolers 1.0"`, or nothing.
    """
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package in _packages:
            note = f"from {_packages[package]}"
            if note not in getattr(error, "__notes__", ()):
                error.add_note(note)
            return _packages[package]
    return ""
