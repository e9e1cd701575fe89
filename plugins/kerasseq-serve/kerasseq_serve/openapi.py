"""Requests and answers of one model, as OpenAPI says them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasseq_runtime.inputs import TokenInput, VectorInput
from pydantic import Field, create_model

from kerasseq_serve import schemas
from kerasseq_serve.model import Facts
from kerasseq_serve.settings import Settings

__all__ = ["generate_body", "request_body", "response_models"]

Shapes = tuple[list[dict[str, Any]], dict[str, Any]]
"""Schemas that a body may have, and examples by name."""


def response_models(facts: Facts) -> tuple[Any, Any]:
    """What /predict and /explain answer with."""
    if list(facts.columns) == ["prediction", "score", "probabilities"]:
        return schemas.ClassAnswer | schemas.ClassAnswers, schemas.ClassExplanation
    if facts.weighs and list(facts.columns) == ["prediction"]:
        return schemas.ScoreAnswer | schemas.ScoreAnswers, schemas.ScoreExplanation
    fields: dict[str, Any] = {
        f"column_{number}": (kind, Field(alias=name)) for number, (name, kind) in enumerate(facts.columns.items())
    }
    if _cuts(facts):
        said = "Start and end of each token in its text, in Unicode characters; of rows that came as texts."
        fields["offsets"] = (list[list[int]], Field(default=[], description=said))
    said = "The answer to one row."
    one: Any = create_model("Answer", __base__=schemas.Schema, __doc__=said, **fields)
    said = "The answers to a list of rows, in their order."
    many: Any = create_model("Answers", __base__=schemas.Schema, __doc__=said, predictions=(list[one], ...))
    said = "The answer, and the weight of each word in it."
    words: Any = create_model("Explanation", __base__=one, __doc__=said, words=(list[schemas.WordWeight], ...))
    return one | many, words


def request_body(facts: Facts, settings: Settings, many: bool) -> dict[str, Any]:
    """What is sent.

    Args:
        facts: Of the model.
        settings: The bounds.
        many: Whether a list of rows is allowed too.
    """
    shapes, examples = _shapes(facts, settings, many)
    schema = {"anyOf": shapes} if many else shapes[0]
    return {"required": True, "content": {"application/json": {"schema": schema, "examples": examples}}}


def generate_body(settings: Settings, conditions: Sequence[str] = ()) -> dict[str, Any]:
    """What is sent to /generate; where classes write, which of them."""
    number, whole = {"type": "number"}, {"type": "integer", "minimum": 0}
    properties: dict[str, Any] = {
        "prompt": {"type": "string", "maxLength": settings.max_characters},
        "max_length": {"type": "integer", "minimum": 1, "maximum": settings.max_tokens},
        **dict.fromkeys(["temperature", "top_p", "min_p", "repetition_penalty"], number),
        **dict.fromkeys(["top_k", "seed"], whole),
        "beam": whole | {"maximum": settings.max_beam},
        "samples": {"type": "integer", "minimum": 1, "maximum": settings.max_texts},
        "stop": {"type": "array", "items": {"type": "string", "minLength": 1}},
        **dict.fromkeys(["greedy", "stream"], {"type": "boolean"}),
    }
    schema = {"title": "Wanted", "type": "object", "properties": properties, "additionalProperties": False}
    example: dict[str, Any] = {"prompt": "The king", "max_length": 50, "temperature": 0.8, "seed": 1}
    if conditions:
        properties["condition"] = {"enum": list(conditions)}
        schema["required"], example = ["condition"], {"condition": conditions[0], "samples": 3, "seed": 1}
    examples = {"one": {"value": example}}
    return {"required": True, "content": {"application/json": {"schema": schema, "examples": examples}}}


def _shapes(facts: Facts, settings: Settings, many: bool) -> Shapes:
    if isinstance(facts.input, VectorInput):
        width = facts.input.dimension
        vector: dict[str, Any] = {"type": "array", "items": {"type": "number"}}
        vector |= {"minItems": width, "maxItems": width} if width else {}
        return _rows(vector, "vectors", [[[0.5] * (width or 1)] * 2], settings)
    if isinstance(facts.input, TokenInput):
        shapes, examples = _rows({"type": "string", "minLength": 1}, "tokens", [["a", "fine", "day"], ["no"]], settings)
        texts = _texts(False, settings, many) if _cuts(facts) else ([], {})
        return shapes + texts[0], examples | texts[1]
    return _texts(facts.pair, settings, many)


def _cuts(facts: Facts) -> bool:
    return isinstance(facts.input, TokenInput) and facts.input.pattern is not None


def _rows(step: dict[str, Any], name: str, example: list[Any], settings: Settings) -> Shapes:
    """Lists of steps."""
    row = {"type": "array", "items": step}
    rows = {"type": "array", "items": row, "maxItems": settings.max_texts}
    return [_object("Rows", rows, name, False)], {"rows": {"value": {name: example}}}


def _texts(pair: bool, settings: Settings, many: bool) -> Shapes:
    """One text, and where they may be many a list of texts."""
    text = {"type": "string", "maxLength": settings.max_characters}
    texts = {"type": "array", "items": text, "maxItems": settings.max_texts}
    shapes = [_object("One", text, "text", pair)]
    examples: dict[str, Any] = {"one": {"value": {"text": "a fine day"} | ({"text_2": "a bad day"} if pair else {})}}
    if many:
        shapes.append(_object("Many", texts, "texts", pair))
        value: dict[str, Any] = {"texts": ["a fine day", "يوم جميل"]}
        examples["many"] = {"value": value | ({"texts_2": ["a bad day", "يوم سيئ"]} if pair else {})}
    return shapes, examples


def _object(title: str, schema: dict[str, Any], name: str, pair: bool) -> dict[str, Any]:
    names = [name, f"{name}_2"] if pair else [name]
    properties = {name: schema for name in names}
    return {
        "title": title,
        "type": "object",
        "properties": properties,
        "required": names,
        "additionalProperties": False,
    }
