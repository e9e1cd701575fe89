"""The JSON Schema of a config, for editors: every section, every installed component, every setting."""

from __future__ import annotations

import copy
from typing import Any

from pydantic.json_schema import models_json_schema

from kerasseq.config.experiment import COMPONENTS, LISTS, General
from kerasseq.config.installed import installed
from kerasseq.config.settings import SECTIONS
from kerasseq.registry.components import Component
from kerasseq.spec import Settings, Spec, parts_of

__all__ = ["schema"]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TITLES = {
    "dataset": "where the rows come from",
    "preprocessor": "text to text, in the order of the file",
    "tokenizer": "text to ids",
    "embedding": "ids to vectors",
    "encoder": "vectors to vectors in context",
    "pooler": "one vector per text",
    "decoder": "writes a text from an encoded one, step by step",
    "wide": "a linear model beside the network, which shares the answer",
    "search": "how an answer is written, token by token",
    "task": "what is learned and measured; decides which sections an experiment has",
    "exporter": "one file to deploy, proved equal to the model",
    "tracker": "who is told how a run goes; one that fails never harms the run",
}


def schema(ours_only: bool = False) -> dict[str, Any]:
    """A JSON Schema, draft 2020-12, of the whole file.

    A component section is any of the installed components, told apart by `name`: bare where that is unambiguous, or
    `distribution/name`. A component that cannot be imported is left out.

    Args:
        ours_only: Leave the components of other distributions out.

    Returns:
        A new dict, ready for `json.dumps`.
    """
    parts = {kind: list(installed(kind, ours_only)) for kind in COMPONENTS}
    specs: list[type[Settings]] = [spec for group in parts.values() for _, _, spec in group]
    models: list[type[Settings]] = list(dict.fromkeys([General, *SECTIONS.values(), *specs]))
    references, shared = models_json_schema([(model, "validation") for model in models], ref_template="#/$defs/{model}")
    definitions: dict[str, Any] = copy.deepcopy(shared.get("$defs", {}))
    inputs = {model: references[model, "validation"]["$ref"].rpartition("/")[2] for model in models}

    def take(model: type[Settings]) -> dict[str, Any]:
        return copy.deepcopy(definitions[inputs[model]])

    general = take(General)
    properties: dict[str, Any] = dict(general["properties"])
    own: dict[str, Any] = {}
    links: dict[str, list[dict[str, str]]] = {kind: [] for kind in COMPONENTS}
    for kind, group in parts.items():
        choices = links[kind]
        for written, component, spec in group:
            key = f"{kind}.{component.qualified.replace('/', '.')}"
            own[key] = _component(take(spec), written, component, spec)
            for name, inner in parts_of(spec).items():
                own[key]["properties"][name]["items"] = {"anyOf": links[inner]}
            choices.append({"$ref": f"#/$defs/{key}"})
        choice = {"description": TITLES[kind], "anyOf": choices}
        properties[kind] = {"type": "array", "items": choice} if kind in LISTS else choice
    for section, settings in SECTIONS.items():
        own[section] = take(settings)
        properties[section] = {"$ref": f"#/$defs/{section}"}
    nested = {name: value for name, value in definitions.items() if name not in inputs.values()}
    return {
        "$schema": DRAFT,
        "title": "kerasseq experiment",
        "type": "object",
        "properties": properties,
        "required": ["dataset", "task"],
        "additionalProperties": False,
        "$defs": {**own, **nested},
    }


def _component(definition: dict[str, Any], written: str, component: Component, spec: type[Spec]) -> dict[str, Any]:
    """A Spec's schema whose `name` is one of the spellings of its component."""
    names = list(dict.fromkeys([written, component.qualified]))
    described = definition["properties"].get("name", {}).get("description") or "The component."
    definition["properties"] = {**definition["properties"]}
    definition["properties"]["name"] = {
        "description": described,
        "anyOf": [{"const": name} for name in names],
    }
    definition["required"] = ["name", *(k for k in definition.get("required", ()) if k != "name")]
    definition["title"] = component.name
    if spec.__doc__:
        definition["description"] = " ".join(spec.__doc__.split("\n\n")[0].split())
    return definition
