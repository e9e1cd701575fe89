"""What holds for preprocessors: pure, picklable, batch independent, whole on hostile texts."""

from __future__ import annotations

import pickle
from collections.abc import Sequence

from kerasseq.preprocessors.rules import Preprocessor, Rules
from kerasseq.spec import PreprocessorSpec
from kerasseq.testing.faults import CheckFailed, shown, told
from kerasseq.testing.texts import HOSTILE_TEXTS, PLAIN

__all__ = [
    "check_hostile_texts",
    "check_idempotent",
    "check_picklable",
    "check_pure",
    "check_texts_independent",
    "made",
]


def check_pure(spec: PreprocessorSpec) -> None:
    """The same text gives the same text, whatever came before; what is given is not changed."""
    built = made(spec)
    texts = list(PLAIN)
    wanted = built(texts)
    if texts != list(PLAIN):
        raise CheckFailed("a preprocessor must not change the list that it is given")
    _texts(texts, wanted)
    built(["something else", *reversed(PLAIN)])
    for text, one, other in zip(texts, wanted, built(texts), strict=True):
        if one != other:
            raise CheckFailed(
                f"the same text must give the same text: {shown(text)} gave {shown(one)}, then {shown(other)}"
            )


def check_texts_independent(spec: PreprocessorSpec) -> None:
    """A text gives the same alone, in a batch, and in another order; no texts give none."""
    built = made(spec)
    together = built(list(PLAIN))
    for text, one, other in zip(PLAIN, together, reversed(built(list(reversed(PLAIN)))), strict=True):
        for how, got in (("in another order", other), ("alone", built([text])[0])):
            if got != one:
                raise CheckFailed(
                    f"neighbours must not change a text: {shown(text)} gave {shown(one)}, {how} {shown(got)}"
                )
    if built([]) != []:
        raise CheckFailed("no texts must give no texts")


def check_picklable(spec: PreprocessorSpec) -> None:
    """It travels to another process and does the same there."""
    built = made(spec)
    wanted = built(list(PLAIN))
    try:
        again: Preprocessor = pickle.loads(pickle.dumps(built))
    except Exception as cause:
        raise CheckFailed(
            f"a preprocessor must be picklable, {type(built).__qualname__} is not: {told(cause)}"
        ) from cause
    for text, one, other in zip(PLAIN, wanted, again(list(PLAIN)), strict=True):
        if one != other:
            raise CheckFailed(
                f"a pickled copy must do the same: {shown(text)} gave {shown(one)}, the copy {shown(other)}"
            )


def check_hostile_texts(spec: PreprocessorSpec) -> None:
    """Whatever Unicode can hold comes through as a text."""
    built = made(spec)
    for text in HOSTILE_TEXTS:
        try:
            got = built([text])
        except Exception as cause:
            raise CheckFailed(f"every text must come through, {shown(text)} raised {told(cause)}") from cause
        _texts([text], got)


def check_idempotent(spec: PreprocessorSpec) -> None:
    """Doing it twice gives what doing it once gives, as the class says by `idempotent = True`."""
    built = made(spec)
    for text in (*PLAIN, *HOSTILE_TEXTS):
        once = built([text])[0]
        twice = built([once])[0]
        if once != twice:
            raise CheckFailed(
                f"idempotent says that twice is as once: {shown(text)} gave {shown(once)}, then {shown(twice)}"
            )


def made(spec: PreprocessorSpec) -> Preprocessor:
    """What the Spec builds, with nothing before it."""
    built = spec.build()
    if not isinstance(built, Preprocessor):
        raise CheckFailed(f"build must return a Preprocessor, got {type(built).__qualname__}")
    return built.after(Rules())


def _texts(given: Sequence[str], got: object) -> None:
    if not (isinstance(got, list) and len(got) == len(given) and all(isinstance(text, str) for text in got)):
        said = f"{len(got)} of {type(got).__name__}" if isinstance(got, list | tuple) else type(got).__name__
        raise CheckFailed(f"a list of {len(given)} texts must give a list of as many texts, got {said}")
