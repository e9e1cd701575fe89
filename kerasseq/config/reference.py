"""Every setting of every section as Markdown, from the Specs: `docs/settings.md` is what this writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from kerasseq.config.experiment import COMPONENTS, LISTS
from kerasseq.config.schema import TITLES, schema
from kerasseq.config.settings import SECTIONS

__all__ = ["Setting", "reference", "settings_of", "toml"]

INTRODUCTION = """# Settings

Every section of a config and every setting, with type, default and meaning. `kerasseq config reference` writes this
page from the settings themselves, and lists the components of plugins too where some are installed.
"""


def reference(ours_only: bool = False) -> str:
    """A Markdown page.

    Args:
        ours_only: Leave the components of other distributions out.
    """
    whole = schema(ours_only)
    definitions: dict[str, Any] = whole["$defs"]
    top = {key: value for key, value in whole["properties"].items() if key not in (*COMPONENTS, *SECTIONS)}
    lines = [INTRODUCTION, "## Before the first section", "", *_table({"properties": top})]
    for kind in COMPONENTS:
        header = f"[[{kind}]]" if kind in LISTS else f"[{kind}]"
        lines += ["", f"## `{header}`: {TITLES[kind]}"]
        choice = whole["properties"][kind]
        for link in choice.get("items", choice)["anyOf"]:
            definition = definitions[link["$ref"].rpartition("/")[2]]
            name = definition["properties"]["name"]["anyOf"][0]["const"]
            lines += ["", f'### `name = "{name}"`', "", definition.get("description", ""), ""]
            lines += _table(definition)
    for section, settings in SECTIONS.items():
        title = (settings.__doc__ or "").partition(": ")[2].rstrip(".")
        lines += ["", f"## `[{section}]`: {title}", "", *_table(definitions[section])]
    return "\n".join(lines).rstrip() + "\n"


class Setting(NamedTuple):
    """One key of a section, for people.

    Attributes:
        key: Its name.
        kind: Type and range, in words; choices in backquotes.
        default: As TOML, empty for a setting that is required.
        meaning: What stands below it in the class.
    """

    key: str
    kind: str
    default: str
    meaning: str


def settings_of(definition: Mapping[str, Any]) -> Iterator[Setting]:
    """Yield the settings of a section.

    Args:
        definition: Its JSON Schema.
    """
    for key, value in definition["properties"].items():
        if key != "name" or "const" not in str(value.get("anyOf")):
            default = toml(value["default"]) if "default" in value else ""
            yield Setting(key, _type(value), default, " ".join(str(value.get("description", "")).split()))


def _table(definition: Mapping[str, Any]) -> Iterator[str]:
    rows = list(settings_of(definition))
    if not rows:
        yield "No settings."
        return
    yield "| setting | type | default | meaning |"
    yield "|---|---|---|---|"
    for key, kind, default, meaning in rows:
        shown = f"`{_cell(default)}`" if default else "required"
        yield f"| `{key}` | {kind} | {shown} | {_cell(meaning)} |"


def _type(value: Mapping[str, Any]) -> str:
    """`whole number, 1 to 8`."""
    if "enum" in value or "const" in value:
        return ", ".join(f"`{toml(choice)}`" for choice in value.get("enum", [value.get("const")]))
    if "anyOf" in value:
        return " or ".join(_type(each) for each in value["anyOf"])
    kind = value.get("type")
    if kind == "array":
        items = value.get("items") or (value.get("prefixItems") or [{}])[0]
        sections = all("$ref" in each for each in items.get("anyOf", [items]))
        return "list of sections" if sections else f"list of {_type(items)}"
    names = {"integer": "whole number", "number": "number", "boolean": "true or false", "object": "table"}
    return ", ".join(filter(None, [names.get(str(kind), "text"), _range(value)]))


def _range(value: Mapping[str, Any]) -> str:
    low, high = value.get("minimum"), value.get("maximum")
    if low is not None and high is not None:
        return f"{low:,} to {high:,}"
    bounds = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}
    return ", ".join(f"{word} {value[key]:,}" for key, word in bounds.items() if key in value)


def toml(value: Any) -> str:
    """A value as a TOML writes it."""
    import tomli_w

    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {toml(v)}" for k, v in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return tomli_w.dumps({"x": value}).partition(" = ")[2].strip()


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
