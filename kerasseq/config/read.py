"""From a TOML to an Experiment: every problem in one pass, each with its line; nothing heavy is imported."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from kerasseq.config.backend import missing_backend, wanted_backend
from kerasseq.config.conflicts import conflicts
from kerasseq.config.experiment import ASIDE, COMPONENTS, LISTS, OPTIONAL, Experiment, General
from kerasseq.config.findings import Findings
from kerasseq.config.other_names import meant_key, meant_section
from kerasseq.config.overrides import apply
from kerasseq.config.positions import positions
from kerasseq.config.sections import check
from kerasseq.config.settings import SECTIONS
from kerasseq.config.syntax import START, parse, read_file
from kerasseq.errors import ConfigError, PluginError
from kerasseq.given import TableLike, give_all
from kerasseq.registry.canonical import canonicalize_name
from kerasseq.registry.components import Component, closest, is_installed, load, nearest, strangers
from kerasseq.spec import DatasetSpec, Settings, Spec, TaskSpec, parts_of

__all__ = ["read_experiment", "read_text"]

log = logging.getLogger("kerasseq")

DEFAULTS = {"tokenizer": "word", "embedding": "learned", "encoder": "lstm", "pooler": "mean"}
DEFAULTS |= {"decoder": "gru", "search": "sample"}
"""What a task that needs a section gets when the file has none, or none with a name; `config fill` writes it out."""

DEFAULT_LISTS: dict[str, list[Any]] = {"preprocessor": [], "exporter": [{"name": "onnx"}], "tracker": []}
"""What a file without these sections gets; `exporter = []` at the top asks for no export."""

NO_USE = {
    "decoder": "writes no text about another",
    "wide": "has no class and no number of a text that a linear model could share",
    "search": "writes no text",
}
"""Why a task makes no use of a section of `OPTIONAL`."""

WHAT = {"preprocessor": "step", "exporter": "file", "tracker": "tracker"}


def read_experiment(
    path: Path | str,
    overrides: Sequence[str] = (),
    backend: str = "",
    finished: bool = False,
    tables: Mapping[str, TableLike] | None = None,
    begun: bool = False,
) -> Experiment:
    """Read, complete and check an experiment.

    Args:
        path: A TOML file.
        overrides: `"training.epochs=3"`, each a key path and a TOML value; a bare word is a text.
        backend: Weighs more than everything in the file and the environment.
        finished: The experiment of a finished run: do not look for the data, which may be gone.
        tables: Tables of pandas, polars or Arrow in place of files, by what they stand for: `train`, `validation`,
            `test`. Columns are named as those of a file.
        begun: The experiment of a run that has begun: do not look for the runs that it took weights from, and for no
            file but those of its data; it holds what it has of them.

    Raises:
        ConfigError: With every problem that the file, and the columns of the tables, have.
        DataError: A table does not fit Arrow.
        UsageError: What stands for a table is none.
    """
    folder = Path(path).resolve().parent
    return read_text(read_file(path), str(path), folder, overrides, backend, finished, tables, begun)


def read_text(
    text: str,
    source: str,
    folder: Path | str = ".",
    overrides: Sequence[str] = (),
    backend: str = "",
    finished: bool = False,
    tables: Mapping[str, TableLike] | None = None,
    begun: bool = False,
) -> Experiment:
    """As `read_experiment`, from text; `source` names it in messages, relative paths start at `folder`."""
    sections = parse(text, source)
    reader = _Reader(Findings(positions(text)), Path(folder), finished, begun, give_all(tables or {}))
    for override in overrides:
        try:
            reader.findings.overridden.add(apply(sections, override))
        except ValueError as cause:
            reader.findings.add("", f"--set {cause}")
    experiment = reader.experiment(sections, backend)
    if experiment is None:
        raise ConfigError(reader.findings.problems, source) from reader.findings.cause
    return experiment


class _Reader:
    """Turns tables into sections and collects what is wrong."""

    def __init__(
        self, findings: Findings, folder: Path, finished: bool, begun: bool, given: Mapping[str, Path]
    ) -> None:
        self.findings = findings
        self.folder = folder
        self.finished = finished
        self.begun = begun
        self.given = given
        """Role -> the file of a table that was given in memory."""
        self.components: dict[str, Component] = {}
        self.defaults = dict(DEFAULTS)
        self.known: dict[str, Any] = {}
        """Section -> its settings, partial where some are wrong."""

    def experiment(self, tables: Mapping[str, Any], backend: str) -> Experiment | None:
        """The experiment, or None when anything was found."""
        general = self._general(tables, backend)
        self._unknown_sections(tables)
        for name, settings in SECTIONS.items():
            self.known[name] = self._settings(name, settings, tables.get(name, {}))
        task = self.known["task"] = self._required("task", tables)
        dataset = self.known["dataset"] = self._required("dataset", tables)
        needs, forbids = self._sections(task, dataset)
        if isinstance(task, TaskSpec):
            self.defaults |= task.defaults(dataset if isinstance(dataset, DatasetSpec) else None)
        for kind in COMPONENTS:
            if kind not in ("task", "dataset"):
                self._part(kind, tables, needs, forbids)
        self._allowed()
        top: dict[str, Any] = {} if self.finished else {"general": general}  # a finished run opens on any backend
        top |= {} if self.finished or self.begun else {"sources": True}
        for key, message in conflicts({name: part for name, part in (self.known | top).items() if part is not None}):
            self.findings.add(key, message)
        if self.findings.problems:
            return None
        return Experiment(general=cast(General, general), components=self.components, **self.known)

    def _general(self, tables: Mapping[str, Any], backend: str) -> Settings | None:
        top = {key: tables[key] for key in General.model_fields if key in tables}
        general = self._settings("", General, top)
        chosen, problem = wanted_backend(backend, top.get("backend"))
        if problem:
            self.findings.add("", problem)
        elif chosen and general is not None:
            general = general.model_copy(update={"backend": chosen})
        absent = missing_backend(getattr(general, "backend", ""))
        if absent:
            self.findings.add("backend", absent)
        return general

    def _unknown_sections(self, tables: Mapping[str, Any]) -> None:
        sections = [*COMPONENTS, *SECTIONS]
        for key, value in tables.items():
            if key in General.model_fields or key in sections or key in ASIDE:
                continue
            if isinstance(value, dict | list):
                ours = meant_section(key) or closest(key, sections)
                self.findings.add(key, f"unknown section{_hint(ours) or nearest(key, sections)}")
            else:
                homes = [f"{name}.{key}" for name, settings in SECTIONS.items() if key in settings.model_fields]
                ours = meant_key(key, General.model_fields, homes)
                self.findings.add(key, f"unknown key{_hint(ours) or nearest(key, sorted(General.model_fields))}")

    def _sections(self, task: Any, dataset: Any) -> tuple[frozenset[str], frozenset[str]]:
        """The sections that the task needs, and those that it forbids, on this dataset."""
        if not isinstance(task, TaskSpec):
            return frozenset(), frozenset()
        needs, forbids = task.sections(dataset if isinstance(dataset, DatasetSpec) else None)
        return needs, forbids | (frozenset(OPTIONAL) - task.takes - needs)

    def _part(self, kind: str, tables: Mapping[str, Any], needs: frozenset[str], forbids: frozenset[str]) -> None:
        """One section that the task may need, allow or forbid."""
        if kind in forbids:
            if tables.get(kind, []) != []:
                self.findings.add(kind, f"{self._why_not(kind, tables['task']['name'])}; remove it")
            self.known[kind] = () if kind in LISTS else None
        elif kind in LISTS:
            self.known[kind] = self._several(kind, tables.get(kind, DEFAULT_LISTS[kind]))
        elif kind in OPTIONAL and kind not in needs and tables.get(kind, []) == []:
            self.known[kind] = None
        elif kind in tables or kind not in self.defaults:
            self.known[kind] = self._required(kind, tables)
        else:
            self.known[kind] = self._component(kind, kind, {"name": self.defaults[kind]}) if kind in needs else None

    def _why_not(self, kind: str, name: str) -> str:
        """Why the task called so, on this dataset, forbids a section."""
        task, dataset = self.known["task"], self.known["dataset"]
        if kind not in OPTIONAL:
            return f'the task "{name}" forbids this section'
        if kind not in task.takes:
            return f'the task "{name}" {NO_USE[kind]}'
        if kind == "wide" and isinstance(dataset, DatasetSpec) and dataset.row_kind != "text":
            return f'must read texts, the rows of dataset "{dataset.name}" are {dataset.row_kind}'
        return f'the task "{name}" forbids this section'

    def _required(self, kind: str, tables: Mapping[str, Any]) -> Spec | None:
        if kind not in tables:
            hint = "" if tables else f"; {START}"
            self.findings.add(kind, f"is required: a section [{kind}] with a name{hint}")
            return None
        table = tables[kind]
        if isinstance(table, list) and table and all(isinstance(row, dict) for row in table):
            self.findings.add(f"{kind}[0]", f"must be one section, written [{kind}] and not [[{kind}]]")
            return None
        return self._component(kind, kind, table)

    def _several(self, kind: str, rows: Any) -> tuple[Spec, ...]:
        if not isinstance(rows, list):
            self.findings.add(kind, f"must be written [[{kind}]], one table for each {WHAT[kind]}")
            return ()
        found: list[Spec] = []
        for number, row in enumerate(rows):
            part = self._component(kind, f"{kind}[{number}]", row)
            if part is None:
                continue
            if kind == "tracker":  # behind one that was left out, it stands earlier than in the file
                self.components[f"{kind}[{len(found)}]"] = self.components.pop(f"{kind}[{number}]")
            found.append(part)
        return tuple(found)

    def _component(self, kind: str, key: str, table: Any) -> Spec | None:
        if not isinstance(table, dict):
            self.findings.add(key, f"must be a section [{kind}] with a name, got {table!r}")
            return None
        if kind in self.defaults:
            table = {"name": self.defaults[kind], **table}
        name = table.get("name")
        if not isinstance(name, str):
            rule = f"must be a text in quotes, got {name!r}" if "name" in table else f"is required: which {kind}"
            self.findings.add(f"{key}.name", rule)
            return None
        try:
            component, spec = load(kind, name)
        except PluginError as error:
            if kind == "tracker" and (self.finished or is_installed(kind, name)):
                log.warning("%s: left out, %s", key, error)  # nothing hangs on it
            else:
                self.findings.add(f"{key}.name", str(error), error if error.__cause__ else None)
            return None
        self.components[key] = component
        if kind == "dataset":
            table = {**table, **self._from_memory(name, cast(type[DatasetSpec], spec))}
        # However the file spells it, the Spec has the bare name, so that equal experiments are equal
        table = {**table, "name": component.name}
        if parts_of(spec):
            return self._with_parts(key, spec, table, component)
        return cast(Spec | None, self._settings(key, spec, table, component, self._is_looked_for(kind)))

    def _is_looked_for(self, kind: str) -> bool:
        """Whether the files are looked for that a component names."""
        return not self.finished and (not self.begun or kind in ("dataset", "tracker"))

    def _with_parts(self, key: str, spec: type[Spec], table: Mapping[str, Any], component: Component) -> Spec | None:
        """A component that holds others, each a table of its own."""
        kinds = parts_of(spec)
        before = len(self.findings.problems)
        inner = {name: self._parts(kind, f"{key}.{name}", table.get(name, [])) for name, kind in kinds.items()}
        own = {name: value for name, value in table.items() if name not in kinds}
        settings = self._settings(key, spec, own, component, outside=False)
        if len(self.findings.problems) > before:
            return None
        whole = cast(Spec, settings).model_copy(update=inner)
        for name, message in whole.problems() if self._is_looked_for(spec.kind) else ():
            self.findings.add(f"{key}.{name}", message)
        return whole

    def _parts(self, kind: str, key: str, rows: Any) -> tuple[Spec, ...]:
        if not isinstance(rows, list):
            self.findings.add(key, f"must be written [[{key}]], one table for each {kind}")
            return ()
        parts = [self._component(kind, f"{key}[{i}]", row) for i, row in enumerate(rows)]
        return tuple(part for part in parts if part is not None)

    def _from_memory(self, name: str, spec: type[DatasetSpec]) -> dict[str, str]:
        """The settings that name the files of tables in memory."""
        for role in self.given:
            if role not in spec.from_memory:
                takes = " and ".join(spec.from_memory) or "none"
                self.findings.add("dataset", f'"{name}" takes no table given as {role}; it takes {takes}')
        return {spec.from_memory[role]: str(file) for role, file in self.given.items() if role in spec.from_memory}

    def _settings(
        self,
        key: str,
        section: type[Settings],
        table: Any,
        component: Component | None = None,
        outside: bool = True,
    ) -> Settings | None:
        if not isinstance(table, dict):
            written = f"[{key}], once" if isinstance(table, list) else f"[{key}], got {table!r}"
            self.findings.add(key, f"must be a section, written {written}")
            return None
        checked = check(section, table, self.folder, outside=outside and not self.finished)
        for inner, message in checked.problems:
            if component is not None and not checked.whole and _is_default(section, table, inner):
                message += f", the default of {component.distribution} {component.version}; set it, or upgrade that"
            self.findings.add(f"{key}.{inner}" if key and inner else key or inner, message)
        return checked.settings

    def _allowed(self) -> None:
        allow = getattr(self.known["plugins"], "allow", ("*",))
        if "*" in allow:
            return
        allowed = {"kerasseq", *map(canonicalize_name, allow)}
        for key, component in self.components.items():
            if component.distribution not in allowed:
                self.findings.add(f"{key}.name", f'"{component.qualified}" is not in plugins.allow{strangers(allow)}')


def _is_default(section: type[Settings], table: Mapping[str, Any], key: str) -> bool:
    """Whether what is wrong at `key` is what the author of the section wrote, and no user."""
    name = key.split(".")[0].split("[")[0]
    return name in section.model_fields and name not in table and not section.model_fields[name].is_required()


def _hint(ours: str) -> str:
    return f'; did you mean "{ours}"?' if ours else ""
