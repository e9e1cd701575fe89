"""What a client wants to have written: read within bounds, checked; and what it gets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kerasseq_runtime.errors import KerasseqError
from kerasseq_runtime.generating import chosen, repeats
from kerasseq_runtime.searches.beam_search import BeamSearch
from kerasseq_runtime.writing import Draft

from kerasseq_serve.body import checked_text, kind_of, object_of
from kerasseq_serve.errors import Refused
from kerasseq_serve.settings import Settings
from kerasseq_serve.writing import Job

__all__ = ["Wanted", "events", "shown", "wanted"]

NUMBERS = ("temperature", "top_k", "top_p", "min_p", "repetition_penalty")
COUNTS = {"max_length": 100, "samples": 1, "beam": 0, "seed": 0}
"""Whole numbers, and what they are where the body does not say."""
TRUTHS = ("greedy", "stream")
STOPS = 16
"""Texts that may end a text."""
LARGEST = 2**63 - 1
"""Largest seed."""


@dataclass(frozen=True)
class Wanted:
    """A request.

    Attributes:
        prompt: What is written on.
        search: `kerasseq_runtime.searches.search.Search`.
        max_length: Tokens at most.
        repeats: Texts that are drawn; 1 of a beam.
        texts: How many come back at most.
        places: How many are written side by side at most: what it takes of the queue.
        stop: Texts before which a text ends.
        seed: Of what is drawn.
        stream: Whether it is sent as it is written.
        condition: The class that writes; empty where none does.
    """

    prompt: str
    search: Any
    max_length: int
    repeats: int
    texts: int
    places: int
    stop: tuple[str, ...]
    seed: int
    stream: bool
    condition: str = ""


def wanted(content: bytes, own: Mapping[str, Any], settings: Settings, conditions: Sequence[str] = ()) -> Wanted:
    """The request of a body, `{"prompt": ..., "max_length": ..., ...}`.

    Args:
        content: The body.
        own: Name and settings of the search that the file names.
        settings: The bounds.
        conditions: The classes of the file that write.

    Raises:
        Refused: 400 what is no JSON, 422 what is JSON of another shape or past a bound.
    """
    sent = object_of(content)
    known = ("prompt", "stop", *NUMBERS, *COUNTS, *TRUTHS, *(["condition"] if conditions else []))
    extra = [name for name in sent if name not in known]
    if extra:
        raise Refused(422, f"body: must have keys of {', '.join(known)}, got {len(extra)} more")
    prompt = checked_text(sent.get("prompt", ""), "prompt", settings)
    condition = checked_text(sent.get("condition", ""), "condition", settings)
    if conditions and condition not in conditions:
        raise Refused(422, f"condition: must be one of {', '.join(conditions[:20])}, got {condition[:40]!r}")
    for name in TRUTHS:
        if not isinstance(sent.get(name, False), bool):
            raise Refused(422, f"{name}: must be a truth value, got {kind_of(sent[name])}")
    for name in NUMBERS:
        if name in sent and (isinstance(sent[name], bool) or not isinstance(sent[name], int | float)):
            raise Refused(422, f"{name}: must be a number, got {kind_of(sent[name])}")
    bounds = (settings.max_tokens, settings.max_texts, settings.max_beam, LARGEST)
    counts = {name: _count(sent, name, highest) for name, highest in zip(COUNTS, bounds, strict=True)}
    stop = _stop(sent.get("stop", []), settings)
    stream, samples, beam = sent.get("stream", False), counts["samples"], counts["beam"]
    if stream and (samples > 1 or beam):
        raise Refused(422, f"stream: must be of one text, got {'a beam' if beam else f'{samples} samples'}")
    search = _search(own, sent, counts)
    width = search.width if isinstance(search, BeamSearch) else 1
    places = min(max(samples, width), settings.queue)  # the file may name a beam that is wider than the queue
    again, most = repeats(search, samples), counts["max_length"]
    return Wanted(prompt, search, most, again, samples, places, stop, counts["seed"], stream, condition)


def _search(own: Mapping[str, Any], sent: Mapping[str, Any], counts: Mapping[str, int]) -> Any:
    """The search that is asked for; one that does not draw gives as many texts as are asked for."""
    given = {name: sent.get(name) for name in NUMBERS}
    try:
        search = chosen(own, given, sent.get("greedy", False), counts["beam"], counts["samples"])
    except KerasseqError as cause:
        raise Refused(422, str(cause).partition("\n")[0]) from cause
    return replace(search, n_best=counts["samples"]) if isinstance(search, BeamSearch) else search


def _count(sent: Mapping[str, Any], name: str, highest: int) -> int:
    value = sent.get(name, min(COUNTS[name], highest))
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(422, f"{name}: must be a whole number, got {kind_of(value)}")
    lowest = 1 if name in ("max_length", "samples") else 0
    if not lowest <= value <= highest:
        larger = {"max_length": "--max-tokens", "beam": "--max-beam"}.get(name) if value > highest else None
        hint = f"; start the service with a larger {larger}" if larger else ""
        raise Refused(422, f"{name}: must be in [{lowest}, {highest}], got {str(value)[:20]}{hint}")
    return value


def _stop(value: object, settings: Settings) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Refused(422, f"stop: must be a list of strings, got {kind_of(value)}")
    if len(value) > STOPS:
        raise Refused(422, f"stop: must have at most {STOPS} texts, got {len(value)}")
    found = tuple(checked_text(text, f"stop[{place}]", settings) for place, text in enumerate(value))
    if "" in found:
        raise Refused(422, f"stop[{found.index('')}]: must be a string with a character in it, got an empty one")
    return found


def shown(draft: Draft) -> dict[str, Any]:
    """A text as JSON values."""
    return {
        "text": draft.text,
        "tokens": draft.tokens,
        "log_probability": round(draft.log_probability, 6),
        "ended": draft.ended,
    }


async def events(job: Job, stop: Sequence[str]) -> AsyncIterator[str]:
    """Server-sent events: `{"text": ...}` for what is new of the text, then `done` with the whole.

    What may be the beginning of a stop waits until it is known to be none.
    """
    sent, heard = 0, ""
    held = max(map(len, stop), default=1) - 1
    while (piece := await job.pieces.get()) is not None:
        heard += piece
        cuts = [place for end in stop if (place := heard.find(end)) >= 0]
        upto = min(cuts) if cuts else len(heard) - held
        if upto > sent:
            yield _event({"text": heard[sent:upto]})
            sent = upto
    try:
        [draft] = await job.future
    except Exception as cause:
        message = (
            cause.message if isinstance(cause, Refused) else f"model: must write every text, got {type(cause).__name__}"
        )
        yield _event({"error": message}, "error")
        return
    if len(draft.text) > sent:
        yield _event({"text": draft.text[sent:]})
    yield _event(shown(draft), "done")


def _event(content: Mapping[str, Any], name: str = "") -> str:
    kind = f"event: {name}\n" if name else ""
    return f"{kind}data: {json.dumps(content, ensure_ascii=False)}\n\n"
