"""What goes in and what comes out, as OpenAPI says it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from kerasseq_serve.model import Answer, Facts
from kerasseq_serve.settings import Settings

__all__ = [
    "ClassAnswer",
    "ClassAnswers",
    "ClassExplanation",
    "Failure",
    "Health",
    "Limits",
    "ScoreAnswer",
    "ScoreAnswers",
    "ScoreExplanation",
    "WordWeight",
    "answer_content",
    "request_body",
]


class _Schema(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True, frozen=True)


class ClassAnswer(_Schema):
    """The answer to one text."""

    prediction: str
    """The label."""
    score: float
    """Its probability."""
    probabilities: dict[str, float]
    """The probability of each label."""


class ScoreAnswer(_Schema):
    """The answer to one text."""

    prediction: float
    """The score in its unit."""


class ClassAnswers(_Schema):
    """The answers to a list of texts, in their order."""

    predictions: list[ClassAnswer]
    """One for each text."""


class ScoreAnswers(_Schema):
    """The answers to a list of texts, in their order."""

    predictions: list[ScoreAnswer]
    """One for each text."""


class WordWeight(_Schema):
    """A word and what the prediction loses without it."""

    field: str
    """"text" or "text_2"."""
    word: str
    """The word, as white space bounds it."""
    start: int
    """Its first character, from 0, in Unicode characters."""
    weight: float
    """The probability of the predicted label, or the score, minus what it is without the word."""


class ClassExplanation(ClassAnswer):
    """The answer, and the weight of each word in it."""

    words: list[WordWeight]
    """In the order of the text."""


class ScoreExplanation(ScoreAnswer):
    """The answer, and the weight of each word in it."""

    words: list[WordWeight]
    """In the order of the text."""


class Limits(_Schema):
    """The bounds that a request must keep."""

    max_texts: int
    """Texts of a request."""
    max_characters: int
    """Characters of a text."""
    max_bytes: int
    """Bytes of a body."""
    max_words: int
    """Words of a text to explain."""
    queue: int
    """Texts that may wait."""


class Health(_Schema):
    """Whether requests are accepted, and which model answers."""

    status: str
    """"ready" (200), "stopping" or "failed" (503)."""
    name: str
    """The name of the experiment."""
    task: str
    """"classification" or "regression"."""
    labels: list[str]
    """The labels; empty for a regression."""
    range: list[float]
    """Lowest and highest score; empty where none is known."""
    pair: bool
    """Whether the model reads pairs of texts."""
    precision: str
    """Of the weights: "float32", "float16" or "int8"."""
    version: str
    """Of kerasseq, which wrote the model."""
    service: str
    """Of kerasseq-serve."""
    needs: list[str]
    """Distributions that the file needs beside onnxruntime."""
    limits: Limits
    """The bounds."""


class Failure(_Schema):
    """Why a request was refused."""

    error: str
    """*Where: rule, got value; what to do.*"""


def answer_content(answer: Answer, facts: Facts) -> dict[str, Any]:
    """An answer as JSON."""
    if facts.task == "regression":
        return {"prediction": answer.prediction}
    probabilities = dict(zip(facts.labels, answer.probabilities, strict=True))
    return {
        "prediction": answer.prediction,
        "score": probabilities[str(answer.prediction)],
        "probabilities": probabilities,
    }


def request_body(facts: Facts, settings: Settings, many: bool) -> dict[str, Any]:
    """What OpenAPI says of a request's body, for this model and these bounds.

    Args:
        facts: Of the model.
        settings: The bounds.
        many: Whether a list of texts is allowed too.
    """
    text = {"type": "string", "maxLength": settings.max_characters}
    texts = {"type": "array", "items": text, "maxItems": settings.max_texts}
    shapes = [_object("One", text, "text", facts.pair)]
    examples: dict[str, Any] = {
        "one": {"value": {"text": "a fine day"} | ({"text_2": "a bad day"} if facts.pair else {})}
    }
    if many:
        shapes.append(_object("Many", texts, "texts", facts.pair))
        value: dict[str, Any] = {"texts": ["a fine day", "يوم جميل"]}
        examples["many"] = {"value": value | ({"texts_2": ["a bad day", "يوم سيئ"]} if facts.pair else {})}
    schema = {"anyOf": shapes} if many else shapes[0]
    return {"required": True, "content": {"application/json": {"schema": schema, "examples": examples}}}


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
