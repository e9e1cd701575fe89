"""An exported translation: texts in, texts out, by the loop in the file or by a search over its steps."""

# N texts, R rows in hand, S steps of a text, U units, V tokens of the vocabulary

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerasseq_runtime.errors import RunError
from kerasseq_runtime.searches.chosen import SETTINGS, search_of
from kerasseq_runtime.searches.greedy_search import GreedySearch
from kerasseq_runtime.searches.search import Limits, Written
from kerasseq_runtime.spelling import PADDING, UNKNOWN, Spelling
from kerasseq_runtime.writing import Draft

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from kerasseq_runtime.searches.search import Search

__all__ = ["SCORE", "TextStepper", "Translating", "check_decoder", "search_in"]

MASK = "memory_mask"
IDS, SCORE = "ids", "score"
"""Outputs of the loop in the file."""


@dataclass(frozen=True)
class Read:
    """What a step reads.

    Attributes:
        texts: `(R,)`: which text each row is about.
        held: What every step reads of it, by the names of the step's inputs.
        states: `(R, U)`, likewise.
        attended: `(R, S)`: how much each step of the text was attended to so far.
    """

    texts: NDArray[np.int64]
    held: Mapping[str, Any]
    states: Mapping[str, Any]
    attended: Any


class TextStepper:
    """See `kerasseq_runtime.searches.search.Stepper`; prompts are empty, for what is read are the texts.

    Args:
        session: The open file.
        metadata: What it says about itself.
        feeds: The texts, or their ids, as the file takes them.
        options: `onnxruntime.RunOptions` of every call, which run only what is asked for; None for new ones.
    """

    def __init__(
        self, session: Any, metadata: Mapping[str, Any], feeds: Mapping[str, Any], options: Any = None
    ) -> None:
        self.session, self.feeds = session, dict(feeds)
        self.held, self.states = (tuple(metadata["decoder"][name]) for name in ("held", "states"))
        self._begin: int = metadata["separator"]
        self._size = len(metadata["spelling"]["vocabulary"])
        self._none = {name: value[:0] for name, value in self.feeds.items()}
        self._options = only_asked(options)
        self._all: dict[str, Any] = {}

    @property
    def vocabulary_size(self) -> int:
        """V."""
        return self._size

    def start(self, prompts: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.float32], Read]:
        """Read the texts, one for each prompt, and what begins a translation."""
        import numpy as np

        names = (*self.held, *self.states)
        values = self.session.run([f"text_{name}" for name in names], self.feeds, self._options)
        found = dict(zip(names, values, strict=True))
        self._all = {name: found[name] for name in self.held}
        texts = np.arange(len(prompts))
        states = {name: found[name] for name in self.states}
        return self.step(np.full(len(texts), self._begin), Read(texts, self._all, states, np.float32(0)))

    def step(self, ids: NDArray[np.int64], state: Read) -> tuple[NDArray[np.float32], Read]:
        """Read one token of each row."""
        outputs = ["logits", "attention", *(f"{name}_next" for name in self.states)]
        feeds = {**self._none, "target": ids, **state.held, **state.states}
        logits, attention, *ends = self.session.run(outputs, feeds, self._options)
        states = dict(zip(self.states, ends, strict=True))
        return logits, Read(state.texts, state.held, states, state.attended + attention)

    def take(self, state: Read, rows: NDArray[np.int64]) -> Read:
        """The states of some rows; what is held of the texts is copied only where it must be."""
        import numpy as np

        texts = state.texts[rows]
        same = np.array_equal(texts, state.texts)
        held = state.held if same else {name: value[texts] for name, value in self._all.items()}
        states = {name: value[rows] for name, value in state.states.items()}
        return Read(texts, held, states, state.attended[rows])

    def coverage(self, state: Read) -> NDArray[np.float64]:
        """`sum_s log(min(a_s, 1))` over the steps of each row's text, `(R,)`, with `a_s` the attention so far (Wu et
        al., 2016); 0 where everything was attended to."""
        import numpy as np

        attended = np.where(state.held[MASK] > 0, state.attended.astype(np.float64), 1.0)
        found: NDArray[np.float64] = np.log(np.clip(attended, 1e-9, 1.0)).sum(axis=1)
        return found


def only_asked(options: Any = None) -> Any:
    """`onnxruntime.RunOptions`, or new ones, of a call that runs the part of the file that was asked for."""
    import onnxruntime

    options = options or onnxruntime.RunOptions()
    options.only_execute_path_to_fetches = True
    return options


class Translating:
    """Writes the translations of texts.

    Args:
        session: The open file.
        metadata: What it says about itself.
        search: How tokens are chosen; None for the loop in the file, which takes the likeliest one.
    """

    def __init__(self, session: Any, metadata: Mapping[str, Any], search: Search | None) -> None:
        self.session, self.metadata, self.search = session, metadata, search
        self.spelling = Spelling.from_json(metadata["spelling"])
        self.limits = Limits(metadata["decoder"]["longest"] + 1, frozenset({metadata["separator"]}), (PADDING, UNKNOWN))

    def write(self, feeds: Mapping[str, Any], options: Any = None) -> dict[str, Any]:
        """`translation` `(N,)`, texts, and `score` `(N,)`, the log probability of each a token.

        Args:
            feeds: The texts, or their ids, as the file takes them.
            options: `onnxruntime.RunOptions` of every call.
        """
        import numpy as np

        if self.search is None:
            ids, scores = self.session.run([IDS, SCORE], dict(feeds), options)
            rows = [row[row != PADDING] for row in ids]
        else:
            texts = self.searched(feeds, options)
            rows = [several[0].ids for several in texts]
            scores = [best.log_probability / max(len(best.ids) + best.ended, 1) for best, *_ in texts]
        written = [self.spelling.decode(row.tolist()) for row in rows]
        return {
            "translation": np.array([*written, None], dtype=object)[:-1],
            "score": np.asarray(scores, dtype=np.float64),
        }

    def searched(self, feeds: Mapping[str, Any], options: Any = None) -> list[list[Written]]:
        """The texts of each row that `search` finds, the best first; about nothing, nothing is written."""
        import numpy as np

        options = only_asked(options)
        nothing = np.zeros(0, dtype=np.int64)
        [mask] = self.session.run([f"text_{MASK}"], dict(feeds), options)
        found = [[Written(nothing, 0.0, False)] for _ in mask]
        rows = np.flatnonzero(mask.any(axis=1))
        if len(rows):
            kept = {name: value[rows] for name, value in feeds.items()}
            stepper = TextStepper(self.session, self.metadata, kept, options)
            search = self.search or GreedySearch()
            for row, texts in zip(rows, search.write(stepper, [nothing] * len(rows), self.limits), strict=True):
                found[row] = texts
        return found

    def drafts(self, texts: Sequence[str], feeds: Mapping[str, Any], options: Any = None) -> list[list[Draft]]:
        """What is found about each text, the best first."""
        return [
            [
                Draft(text, self.spelling.decode(one.ids.tolist()), len(one.ids), one.log_probability, one.ended)
                for one in several
            ]
            for text, several in zip(texts, self.searched(feeds, options), strict=True)
        ]


def search_in(metadata: Mapping[str, Any]) -> Search | None:
    """The search of the file's run; None where that is what the loop in the file does."""
    said = metadata["search"]
    name = said.get("name", "greedy")
    if name not in SETTINGS or (name == "greedy" and said.get("repetition_penalty", 1.0) == 1.0):
        return None
    return search_of(name, {key: value for key, value in said.items() if key in SETTINGS[name]})


def check_decoder(path: Path, session: Any, metadata: Mapping[str, Any]) -> None:
    """Raise unless a file has the inputs and outputs of a translation.

    Raises:
        RunError: One is missing.
    """
    decoder = metadata["decoder"]
    names = (*decoder["held"], *decoder["states"])
    outputs = {IDS, SCORE, "logits", "attention", *(f"text_{name}" for name in names)}
    outputs |= {f"{name}_next" for name in decoder["states"]}
    for side, wanted, found in (
        ("inputs", {"target", *names}, session.get_overridable_initializers()),
        ("outputs", outputs, session.get_outputs()),
    ):
        missing = wanted - {tensor.name for tensor in found}
        if missing:
            raise RunError(
                f"{path}: must have the {side} {', '.join(sorted(wanted))}, lacks {', '.join(sorted(missing))}"
            )
