"""Whether the runs fit from which an experiment takes weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kerasseq.config.experiment import Experiment
from kerasseq.errors import KerasseqError
from kerasseq.run_directory import RunDirectory

__all__ = ["source_conflicts", "sources"]

Findings = Iterator[tuple[str, str]]

SIZES = ("name", "max_length", "truncation", "min_frequency", "vocabulary_size")
"""Settings of a tokenizer that say how much is read and known, not where a text is cut."""

FORM = ("units", "layers", "normalisation", "residual", "reset", "activation")
"""Settings of an encoder without which the weights of another have no place, or another meaning."""

PROBE = "AbC"


def sources(encoder: Any, embedding: Any) -> dict[str, str]:
    """Setting -> the run that it takes weights from: `{"encoder.from": "runs/language_model"}`."""
    asked = {
        "embedding.from": getattr(embedding, "from", ""),
        "encoder.from": getattr(encoder, "from", ""),
        "encoder.from_backward": getattr(encoder, "from_backward", ""),
    }
    return {key: path for key, path in asked.items() if path}


def source_conflicts(
    encoder: Any, embedding: Any, tokenizer: Any, preprocessor: Sequence[Any], looked_for: Any
) -> Findings:
    """Yield what is wrong with each run that weights are taken from: it is none, or of another form.

    Args:
        encoder: The section that takes them.
        embedding: Likewise.
        tokenizer: The section that cuts the texts.
        preprocessor: The sections that the texts pass before.
        looked_for: Given where the runs must be there; an experiment that has begun has its weights already.
    """
    if encoder.directions == 1 and getattr(encoder, "from_backward", ""):
        yield "encoder.from_backward", "must be empty for an encoder that reads in one direction; remove it"
    opened: dict[str, Experiment | str] = {}
    for key, path in sources(encoder, embedding).items():
        found = opened[path] = opened.get(path) or _opened(path)
        if isinstance(found, str):
            yield key, found
            continue
        yield from ((key, message) for message in _reading(key, found, tokenizer, preprocessor))
        part, name = (embedding, "embedding") if key == "embedding.from" else (encoder, "encoder")
        form = ("dimension", "layer_norm") if name == "embedding" else FORM
        yield from ((key, message) for message in _form(part, getattr(found, name), name, form))
        if name == "encoder":
            yield from ((key, message) for message in _width(embedding, found.embedding))


def _opened(path: str) -> Experiment | str:
    """The experiment of a finished language model, or what is wrong with the path."""
    from kerasseq.config.finished import read_run

    rule = "must be a finished run of a language model, got"
    run = RunDirectory.newest(path)
    if run is None:
        return f"{rule} {path}, which holds no experiment.toml; see `ls runs`"
    try:
        found = read_run(run)
    except KerasseqError as error:
        return f"{rule} {run.path}, which cannot be read: {error}"
    if found.task.name != "language_model":
        return f"{rule} {run.path}, a run of {found.task.name}"
    missing = [file.name for file in (run.tokenizer, run.task, run.model) if not file.exists()]
    if missing:
        return f"{rule} {run.path} without {' and '.join(missing)}; end it with: kerasseq train --resume {run.path}"
    return found


def _reading(key: str, source: Experiment, tokenizer: Any, preprocessor: Sequence[Any]) -> Iterator[str]:
    """Whether both cut texts alike, fold case alike, and read them in the direction that `key` asks for."""
    backwards = bool(getattr(source.task, "reverse", False))
    if key == "encoder.from" and backwards:
        yield "must be a run that reads forwards, got one of task.reverse = true; see encoder.from_backward"
    if key == "encoder.from_backward" and not backwards:
        yield "must be a run that reads backwards, got one of task.reverse = false"
    mine, theirs = _cut(tokenizer), _cut(source.tokenizer)
    given = tokenizer.name == "given" and getattr(source.tokenizer, "looks_up", False)  # what is cut already is tokens
    if not given and mine != theirs:
        name = next(name for name in sorted(mine.keys() | theirs.keys()) if mine.get(name) != theirs.get(name))
        yield f'must be a run whose tokenizer has {name} = "{mine.get(name)}", got "{theirs.get(name)}"'
    if _folds(preprocessor) != _folds(source.preprocessor):
        said = "lower-cases its texts" if _folds(source.preprocessor) else "does not lower-case its texts"
        yield f"must be a run that reads texts as this experiment does, got one that {said}; see preprocessor"


def _cut(tokenizer: Any) -> dict[str, Any]:
    said = {key: value for key, value in tokenizer.model_dump(mode="json").items() if key not in SIZES}
    return {"name": tokenizer.name, **said}


def _folds(preprocessor: Sequence[Any]) -> bool:
    """Whether the case of letters is gone behind the chain."""
    texts = [PROBE, PROBE.lower()]
    for spec in preprocessor:
        texts = spec.build()(texts)
    return texts[0] == texts[1]


def _form(part: Any, source: Any, kind: str, form: Sequence[str]) -> Iterator[str]:
    """Whether the weights of one part have a place in the other."""
    if kind == "encoder" and part.name != source.name:
        yield f'must be a run of encoder "{part.name}", got "{source.name}"'
        return
    for name in form:
        mine, theirs = (getattr(each, name, None) for each in (part, source))
        if mine != theirs and None not in (mine, theirs):
            yield f"must be a run of {kind}.{name} = {_toml(mine)}, got {_toml(theirs)}"
    if kind == "encoder" and part.bidirectional and part.normalisation != "none":
        yield f'must have normalisation = "none" where the encoder is bidirectional, got "{part.normalisation}"'


def _width(embedding: Any, source: Any) -> Iterator[str]:
    """Whether the encoder reads vectors as wide as those that its weights were learned on."""
    if embedding is None:
        yield "must be of an experiment whose texts become vectors by an [embedding], got none"
        return
    mine, theirs = (getattr(each, "dimension", None) for each in (embedding, source))
    if mine != theirs and None not in (mine, theirs):
        yield f"must be a run of embedding.dimension = {mine}, got {theirs}"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
