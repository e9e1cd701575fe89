"""What an exported language model writes."""

# T tokens of a prompt

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kerasseq_runtime.errors import RunError, UsageError
from kerasseq_runtime.searches.chosen import SETTINGS, search_of
from kerasseq_runtime.spelling import Spelling
from kerasseq_runtime.stepper import FileStepper
from kerasseq_runtime.writing import Draft, Told, Writer

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from kerasseq_runtime.searches.search import Search

__all__ = ["BATCH", "FileCode", "check_steps", "chosen", "repeats", "write"]

BATCH = 64
"""Texts that are written together."""


class FileCode:
    """Texts to ids and back by an exported file; see `kerasseq_runtime.writing.Code`.

    Args:
        metadata: What the file says of itself.
        stepper: The open file.
        condition: The class that writes; empty where none does.

    Raises:
        UsageError: There is no such class.
    """

    def __init__(self, metadata: Mapping[str, Any], stepper: FileStepper, condition: str = "") -> None:
        self.end: int = metadata["separator"]
        self.spelling = Spelling.from_json(metadata["spelling"])
        self.stepper = stepper
        known: Sequence[str] = metadata["conditions"]
        if condition in known:
            self.begin = len(self.spelling.vocabulary) + list(known).index(condition)
        elif known or condition:
            rule = f"one of {', '.join(known[:20])}" if known else "empty, for no class writes here"
            raise UsageError(f'condition: must be {rule}, got "{condition[:40]}"')
        else:
            self.begin = self.end

    def prompts(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        """The separator, or the class that writes, and the ids of each text, `(T,)`."""
        found = self.stepper.text_ids(texts)
        for ids in found:
            ids[0] = self.begin
        return found

    def decode(self, ids: Sequence[int]) -> str:
        """A text of ids."""
        return self.spelling.decode(ids)

    def token(self, text: str) -> int:
        """The id of a text that is one token."""
        return self.spelling.token(text)

    def speller(self) -> Callable[[int], str]:
        """Characters of one token after another."""
        return self.spelling.speller()


def chosen(
    own: Mapping[str, Any], settings: Mapping[str, Any], greedy: bool = False, beam: int = 0, samples: int = 1
) -> Search:
    """The search that is asked for, and what the file's run says where nothing is.

    Args:
        own: `name` and settings of the run's [search]; empty where it has none.
        settings: Those of `sample`, and of `greedy` the penalty; None for what is not asked.
        greedy: Whether the likeliest token is written.
        beam: The width of a beam; 0 for none.
        samples: Texts for each prompt.

    Raises:
        UsageError: Two searches are asked for, a setting is out of its bounds, or several texts of one that draws none.
    """
    given = {name: value for name, value in settings.items() if value is not None}
    if isinstance(samples, bool) or not isinstance(samples, int) or samples < 1:
        raise UsageError(f"samples: must be a whole number of at least 1, got {str(samples)[:40]}")
    if beam:
        if greedy or given:
            raise UsageError(f"beam: searches and does not draw, got {', '.join(given) or 'greedy'} too")
        return search_of("beam", {"width": beam, "n_best": samples})
    if greedy:
        strange = sorted(set(given) - {"repetition_penalty"})
        if strange or samples > 1:
            raise UsageError(f"greedy: draws nothing, got {', '.join(strange) or 'samples'} too")
        return search_of("greedy", given)
    name = own.get("name", "sample")
    if name not in SETTINGS or (given and not set(given) <= set(SETTINGS[name])):
        return search_of("sample", given)
    asked: dict[str, Any] = {**{key: value for key, value in own.items() if key in SETTINGS[name]}, **given}
    if samples > 1 and name == "greedy":
        raise UsageError(f"samples: must be 1 where the search is greedy, got {samples}; a temperature draws")
    if samples > 1 and name == "beam":
        asked["n_best"] = samples
    return search_of(name, asked)


def repeats(search: Search, samples: int) -> int:
    """How often a search is asked for so many texts behind a prompt: a beam gives them at once."""
    from kerasseq_runtime.searches.beam_search import BeamSearch

    return 1 if isinstance(search, BeamSearch) else samples


def write(
    writer: Writer,
    prompts: Sequence[str],
    max_length: int = 100,
    samples: int = 1,
    stop: Sequence[str] = (),
    seed: int = 0,
    told: Told | None = None,
) -> list[list[Draft]]:
    """Write `samples` texts behind each prompt, as `kerasseq generate` does.

    Returns:
        Of each prompt its texts.
    """
    repeated = [prompt for prompt in prompts for _ in range(samples)]
    found: list[list[Draft]] = []
    for start in range(0, len(repeated), BATCH):
        part = repeated[start : start + BATCH]
        found += writer.write(part, max_length, stop, seed + start, _moved(told, start))
    return [
        [draft for several in found[first : first + samples] for draft in several]
        for first in range(0, len(repeated), samples)
    ]


def _moved(told: Told | None, start: int) -> Told | None:
    """A listener that hears of the place among all texts."""
    return told and (lambda row, text: told(start + row, text))


def check_steps(path: Path, session: Any, states: Mapping[str, str], size: int) -> None:
    """Raise unless a file can be asked step by step.

    Args:
        path: What to call it in messages.
        session: The open file.
        states: The output that feeds each input.
        size: Tokens of the vocabulary.

    Raises:
        RunError: Inputs or outputs are missing, or of other sizes.
    """
    inputs, outputs = (
        {tensor.name: tensor for tensor in side} for side in (session.get_inputs(), session.get_outputs())
    )
    for side, wanted, found in (
        ("inputs", {"text", "ids", *states}, inputs),
        ("outputs", {"text_ids", "logits", *states.values()}, outputs),
    ):
        if wanted != set(found):
            raise RunError(f"{path}: must have the {side} {', '.join(sorted(wanted))}, got {', '.join(sorted(found))}")
    widths = [tensor.shape[-1] for tensor in (outputs["logits"], *(inputs[name] for name in states))]
    if widths[0] != size or not all(isinstance(width, int) for width in widths):
        raise RunError(f"{path}: must give logits of {size} tokens and states of known widths, got {widths}")
