"""What a client sent to a model of tokens or of vectors; of texts see `body`."""

from __future__ import annotations

from typing import Any

from kerasseq_runtime.errors import DataError, UsageError
from kerasseq_runtime.inputs import TextInput, TokenInput

from kerasseq_serve import body
from kerasseq_serve.body import Asked, check_many, check_names, checked_text, kind_of, object_of
from kerasseq_serve.errors import Refused
from kerasseq_serve.model import Facts
from kerasseq_serve.settings import Settings

__all__ = ["rows"]


def rows(content: bytes, facts: Facts, settings: Settings) -> Asked:
    """The rows of a request, of the kind that the model reads.

    Texts as `body.texts` says. Tokens as `{"tokens": [["a", "day"], ...]}`, or as texts where the model cuts them.
    Vectors as `{"vectors": [[[0.1, 0.2], ...], ...]}`.

    Raises:
        Refused: 400 what is no JSON, 422 what is JSON of another shape or past a bound.
    """
    if isinstance(facts.input, TextInput):
        return body.texts(content, facts.pair, settings)
    sent = object_of(content)
    cuts = isinstance(facts.input, TokenInput) and facts.input.pattern is not None
    if cuts and "tokens" not in sent and ("text" in sent or "texts" in sent):
        return _texts(sent, facts, settings)
    name = facts.input.kind
    check_names(sent, [name], "tokens, text, or texts" if cuts else name)
    read = _tokens if name == "tokens" else _vectors
    values = check_many(sent[name], name, "lists", settings)
    for place, value in enumerate(values):
        read(value, f"{name}[{place}]", settings)
    try:
        return Asked(tuple(facts.input.rows(values)), True)
    except (DataError, UsageError) as cause:
        raise Refused(422, str(cause).partition("\n")[0]) from cause


def _texts(sent: dict[str, Any], facts: Facts, settings: Settings) -> Asked:
    """Texts that the model cuts into tokens."""
    many = "text" not in sent
    name = "texts" if many else "text"
    check_names(sent, [name], "tokens, text, or texts")
    values = check_many(sent[name], name, "strings", settings) if many else [sent[name]]
    places = [f"{name}[{place}]" for place in range(len(values))] if many else [name]
    found = [checked_text(value, place, settings) for value, place in zip(values, places, strict=True)]
    return Asked(tuple(facts.input.rows(found)), many)


def _tokens(value: object, where: str, settings: Settings) -> None:
    """Raise unless `value` is a list of tokens within the bounds."""
    if not isinstance(value, list):
        raise Refused(422, f"{where}: must be a list of strings, got {kind_of(value)}")
    size = 0
    for place, token in enumerate(value):
        if token == "":
            raise Refused(422, f"{where}[{place}]: must be a string with a character in it, got an empty one")
        size += 1 + len(checked_text(token, f"{where}[{place}]", settings))
    _check_size(size, where, "characters", settings)


def _vectors(value: object, where: str, settings: Settings) -> None:
    """Raise unless `value` is a list of lists of numbers within the bounds."""
    if not isinstance(value, list):
        raise Refused(422, f"{where}: must be a list of vectors, got {kind_of(value)}")
    size = 0
    for step, vector in enumerate(value):
        if not isinstance(vector, list):
            raise Refused(422, f"{where}[{step}]: must be a list of numbers, got {kind_of(vector)}")
        wrong = [number for number in vector if type(number) not in (int, float)]
        if wrong:
            raise Refused(422, f"{where}[{step}]: must be a list of numbers, got {kind_of(wrong[0])} among them")
        size += len(vector)
    _check_size(size, where, "numbers", settings)


def _check_size(size: int, where: str, what: str, settings: Settings) -> None:
    if size > settings.max_characters:
        message = f"{where}: must have at most {settings.max_characters} {what}, got {size}"
        raise Refused(422, f"{message}; shorten it, or start the service with a larger --max-characters")
