"""What a client sent: read within bounds, checked, and turned into texts. No message repeats a part of a text.

Rows of another kind than texts: see `sequences`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from kerasseq_serve.errors import Refused
from kerasseq_serve.model import Row, Text
from kerasseq_serve.settings import Settings

__all__ = ["Asked", "check_many", "check_names", "checked_text", "kind_of", "object_of", "one_text", "texts"]

KEYS = ("text", "text_2", "texts", "texts_2", "tokens", "vectors")
"""What a message may repeat of the keys of a body."""


@dataclass(frozen=True)
class Asked:
    """The texts of a request, or rows of another kind, and whether they came as a list."""

    texts: tuple[Row, ...]
    many: bool


def texts(body: bytes, pair: bool, settings: Settings) -> Asked:
    """The texts of `{"text": ...}` or `{"texts": [...]}`, with text_2 or texts_2 beside them for a model of pairs.

    Raises:
        Refused: 400 what is no JSON, 422 what is JSON of another shape or past a bound.
    """
    content = object_of(body)
    many = "texts" in content and "text" not in content
    both = ["texts", "texts_2"] if many else ["text", "text_2"]
    names = both if pair else both[:1]
    wanted = "text and text_2, or texts and texts_2" if pair else "text, or texts"
    check_names(content, names, wanted)
    columns = [_column(content[name], name, many, settings) for name in names]
    if pair and len(columns[0]) != len(columns[1]):
        got = f"{len(columns[0])} and {len(columns[1])}"
        raise Refused(422, f"texts_2: must have a text for each of texts, got {got}")
    if not pair:
        columns.append([""] * len(columns[0]))
    return Asked(tuple(zip(*columns, strict=True)), many)


def one_text(body: bytes, pair: bool, settings: Settings) -> Text:
    """The text of `{"text": ...}`, or the two of a pair.

    Raises:
        Refused: As `texts`, and 422 for a list of texts.
    """
    asked = texts(body, pair, settings)
    if asked.many:
        raise Refused(422, "text: must be one text, got a list; ask for each alone")
    text: Text = asked.texts[0]
    return text


def object_of(body: bytes) -> dict[str, Any]:
    """The JSON object of a body.

    Raises:
        Refused: 400 what is no JSON, 422 what is no object.
    """
    try:
        content = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError as cause:
        message = f"body: must be utf-8, got byte 0x{body[cause.start]:02X} (byte {cause.start + 1})"
        raise Refused(400, message) from cause
    except json.JSONDecodeError as cause:
        message = f"body: must be JSON, got an error in line {cause.lineno}, column {cause.colno}: {cause.msg.lower()}"
        raise Refused(400, message) from cause
    except (RecursionError, ValueError) as cause:  # nested too deeply, or a number of thousands of digits
        raise Refused(400, "body: must be a JSON object of texts, got what cannot be read") from cause
    if not isinstance(content, dict):
        raise Refused(422, f"body: must be a JSON object, got {kind_of(content)}")
    return content


def check_names(content: dict[str, Any], names: list[str], wanted: str) -> None:
    """Raise unless the keys are `names`; `wanted` says which a client may choose from.

    Raises:
        Refused: 422.
    """
    missing = [name for name in names if name not in content]
    if missing:
        raise Refused(422, f"{missing[0]}: must be given, this model reads {wanted}")
    extra = [name for name in content if name not in names]
    if extra:
        known = [name for name in extra if name in KEYS]
        got = known[0] if known else f"{len(extra)} more"
        raise Refused(422, f"body: must have the keys {wanted} and no others, got {got}")


def check_many(value: object, name: str, what: str, settings: Settings) -> list[Any]:
    """A list of not too many rows.

    Args:
        value: What stands under the key `name`.
        name: The key.
        what: What the list holds.
        settings: The bounds.

    Raises:
        Refused: 422.
    """
    if not isinstance(value, list):
        raise Refused(422, f"{name}: must be a list of {what}, got {kind_of(value)}")
    if len(value) > settings.max_texts:
        message = f"{name}: must have at most {settings.max_texts} texts, got {len(value)}"
        raise Refused(422, f"{message}; send several requests, or start the service with a larger --max-texts")
    return value


def _column(value: object, name: str, many: bool, settings: Settings) -> list[str]:
    if not many:
        return [checked_text(value, name, settings)]
    rows = check_many(value, name, "strings", settings)
    return [checked_text(text, f"{name}[{place}]", settings) for place, text in enumerate(rows)]


def checked_text(value: object, where: str, settings: Settings) -> str:
    """A text that onnxruntime takes.

    Raises:
        Refused: 422; `where` says which one it is.
    """
    if not isinstance(value, str):
        raise Refused(422, f"{where}: must be a string, got {kind_of(value)}")
    if len(value) > settings.max_characters:
        message = f"{where}: must have at most {settings.max_characters} characters, got {len(value)}"
        raise Refused(422, f"{message}; shorten it, or start the service with a larger --max-characters")
    if "\0" in value:
        got = value.index("\0") + 1
        raise Refused(422, f"{where}: must have no NUL character, got one as character {got}; remove it")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as cause:
        message = f"{where}: must be whole Unicode, got half a surrogate pair as character {cause.start + 1}"
        raise Refused(422, f"{message}; remove it") from cause
    return value


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")
