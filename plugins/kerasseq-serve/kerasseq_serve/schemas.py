"""What comes out, as OpenAPI says it; what goes in, and answers of other shapes, see `openapi`."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from kerasseq_serve.model import Answer, Facts

__all__ = [
    "ClassAnswer",
    "ClassAnswers",
    "ClassExplanation",
    "Failure",
    "Health",
    "Limits",
    "Schema",
    "ScoreAnswer",
    "ScoreAnswers",
    "ScoreExplanation",
    "State",
    "WordWeight",
    "Written",
    "WrittenText",
    "answer_content",
]


class Schema(BaseModel):
    """Base of all of them."""

    model_config = ConfigDict(use_attribute_docstrings=True, frozen=True)


class ClassAnswer(Schema):
    """The answer to one text."""

    prediction: str
    """The label."""
    score: float
    """Its probability."""
    probabilities: dict[str, float]
    """The probability of each label."""


class ScoreAnswer(Schema):
    """The answer to one text."""

    prediction: float
    """The score in its unit."""


class ClassAnswers(Schema):
    """The answers to a list of texts, in their order."""

    predictions: list[ClassAnswer]
    """One for each text."""


class ScoreAnswers(Schema):
    """The answers to a list of texts, in their order."""

    predictions: list[ScoreAnswer]
    """One for each text."""


class WrittenText(Schema):
    """A text that was written behind a prompt."""

    text: str
    """Without the prompt."""
    tokens: int
    """How many."""
    log_probability: float
    """Natural logarithm of what the model gives to them."""
    ended: bool
    """Whether the model, or a stop, ended it, rather than max_length."""


class Written(Schema):
    """What was written."""

    texts: list[WrittenText]
    """As many as samples."""


class WordWeight(Schema):
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


class Limits(Schema):
    """The bounds that a request must keep."""

    max_texts: int
    """Texts of a request."""
    max_characters: int
    """Characters of a text."""
    max_bytes: int
    """Bytes of a body."""
    max_words: int
    """Words of a text to explain."""
    max_tokens: int
    """Tokens of a text that is written."""
    max_beam: int
    """Width of a beam."""
    queue: int
    """Texts that may wait."""


class Health(Schema):
    """Whether requests are accepted, and which model answers."""

    status: str
    """"ready" (200), "stopping" or "failed" (503)."""
    name: str
    """The name of the experiment."""
    task: str
    """"classification", "regression", or what else the model was trained for."""
    takes: str
    """What a row is: "text", "pair", "tokens" or "vectors"."""
    columns: list[str]
    """What an answer says, by the keys of its JSON."""
    explains: bool
    """Whether /explain has weights for the words of a text."""
    writes: bool
    """Whether it is a language model, which /generate asks."""
    labels: list[str]
    """The labels; empty where it answers with none."""
    range: list[float]
    """Lowest and highest score; empty where none is known."""
    pair: bool
    """Whether the model reads pairs of texts."""
    precision: str
    """Of the weights: "float32", "float16" or "int8"."""
    version: str
    """Of kerasseq, which wrote the model."""
    sha256: str
    """Of the model file."""
    service: str
    """Of kerasseq-serve."""
    workers: int
    """Processes that serve; the one that took the request answers for itself."""
    needs: list[str]
    """Distributions that the file needs beside onnxruntime."""
    limits: Limits
    """The bounds."""


class State(Schema):
    """Whether it is alive, or ready."""

    status: str
    """"ready", "stopping" or "failed"."""


class Failure(Schema):
    """Why a request was refused."""

    error: str
    """*Where: rule, got value; what to do.*"""


def answer_content(answer: Answer, facts: Facts) -> dict[str, Any]:
    """An answer as JSON: `prediction`; with probabilities `score`, that of the prediction, and `probabilities` by
    label; and what else the model says."""
    content: dict[str, Any] = {"prediction": answer.prediction}
    if answer.probabilities:
        probabilities = dict(zip(facts.labels, answer.probabilities, strict=True))
        content |= {"score": probabilities[str(answer.prediction)], "probabilities": probabilities}
    return content | dict(answer.more)
