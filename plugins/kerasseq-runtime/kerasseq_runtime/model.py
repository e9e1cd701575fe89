"""An exported model: rows in, answers out."""

# N rows, B batch

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq_runtime.answers import STEPS, read_answers
from kerasseq_runtime.columns import answer_columns, as_columns
from kerasseq_runtime.ends import check_ends, check_rows
from kerasseq_runtime.errors import RunError
from kerasseq_runtime.inputs import input_of
from kerasseq_runtime.metadata import READER, read_metadata
from kerasseq_runtime.session import EXTENSIONS, open_file, string_operators, without_extensions

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Model", "load"]

BATCH = 64
COUNTS = {"tokens": "tokens", STEPS: "tokens", "truncated": "truncated", "unknown": "unknown"}
"""Outputs that say of each row what encoding did, and what `Model.answer` calls them."""


class Model:
    """A `model.onnx`.

    Args:
        path: The file.
        threads: Of one call; 0 takes all cores.
        spinning: Whether threads keep their cores busy for a while behind a call, which helps the next one.
        reader: The distribution to upgrade where the file is newer than it, for a message.

    Attributes:
        metadata: What the file says about itself: labels, unit, versions, data, citation.
        takes: What a row is: `"text"`, `"pair"`, `"tokens"` or `"vectors"`.
        labels: Class names; empty where it answers with none.
        pairs: Whether it reads pairs of texts.
        columns: What it answers, `prediction` first.
        outputs: Axes of each answer by the name of the file's output; `"time"` where it has a value for each step.
        input: Rows as the file takes them.

    Raises:
        RunError: The file is missing or damaged, is no export of kerasseq, or needs what is not installed.
    """

    def __init__(self, path: Path | str, threads: int = 0, *, spinning: bool = True, reader: str = READER) -> None:
        self.path = Path(path)
        self.session = open_file(path, threads, spinning)
        self.metadata = read_metadata(self.session, self.path, reader)
        left = [*map(str, self.metadata["python_steps"])] or ["the way to ids"] * (self.metadata["takes"] == "ids")
        if left:
            got = f"got one that leaves {', '.join(left)} to Python"
            raise RunError(f"{self.path}: must hold every step, {got}; kerasseq predict RUN can use it")
        if EXTENSIONS in self.metadata["needs"] and not string_operators():
            raise without_extensions(self.path)
        self.takes: str = self.metadata["takes"]
        self.labels: tuple[str, ...] = tuple(self.metadata["labels"])
        self.pairs = self.takes == "pair"
        self.columns = answer_columns(self.metadata["columns"])
        self.outputs: dict[str, tuple[str | int, ...]] = {n: tuple(a) for n, a in self.metadata["outputs"].items()}
        self.input = input_of(self.metadata, self.session)
        check_ends(self.path, self.session, self.input.tensors, self.outputs)
        named = {tensor.name for tensor in self.session.get_outputs()}
        self._counts = {name: told for name, told in COUNTS.items() if name in named}
        self._options: Any = None

    def predict(self, *columns: Any) -> dict[str, list[Any]]:
        """Answers as named columns: `prediction`, and for classes `score` and `score[label]`.

        Args:
            columns: Rows as the file takes them, any number. Of texts a list, and for pairs a list of the second ones.
                Of tokens a list of lists; or of texts, which the file's own pattern cuts, and whose answers come with
                the `offsets` of their tokens. Of vectors a list of arrays `(steps, D)`.

        Raises:
            UsageError: A single row stands where a list of rows belongs.
            DataError: A row is of another kind than the file takes.
        """
        return self.answer(*columns)[0]

    def answer(self, *columns: Any) -> tuple[dict[str, list[Any]], dict[str, NDArray[Any]]]:
        """The columns of `predict`, and for every row what encoding did.

        Returns:
            The columns; and as far as the file says them `tokens` (steps that it read), `truncated` (lost to its
            greatest length) and `unknown` (outside its vocabulary), each an int64 array `(N,)`.

        Raises:
            UsageError: See `predict`.
            DataError: See `predict`.
            RunError: The file answers in another form than it says.
        """
        import numpy as np

        rows = self.input.rows(*columns)
        found: dict[str, list[Any]] = {column.name: [] for column in self.columns}
        found |= {name: [] for name in self.input.columns(rows, None)}
        counts: dict[str, list[Any]] = {name: [np.zeros(0, np.int64)] for name in self._counts.values()}
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            arrays, seen = self.run(part)
            answers = as_columns(self.columns, arrays) | self.input.columns(part, seen.get("tokens"))
            for name, values in answers.items():
                found[name] += values
            for name, numbers in seen.items():
                counts[name].append(numbers)
        return found, {name: np.concatenate(parts) for name, parts in counts.items()}

    def run(self, rows: Sequence[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """One call of onnxruntime; any thread may make it.

        Args:
            rows: At least one of those that `input.rows` gives.

        Returns:
            The answers by the name of the file's output, arrays `(B, ...)` or of one with steps one array a row; and
            the counts of `answer`.

        Raises:
            RunError: The file answers in another form than it says.
        """
        feeds = self.input.feeds(rows)
        found = read_answers(self.session, self.outputs, feeds, tuple(self._counts), self._run_options())
        check_rows(self.path, len(rows), self.outputs, found, len(self.labels))
        return {name: found[name] for name in self.outputs}, {told: found[n] for n, told in self._counts.items()}

    def stop(self) -> None:
        """End the call that is under way, and every later one, with an error of onnxruntime."""
        self._run_options().terminate = True

    def _run_options(self) -> Any:
        if self._options is None:
            import onnxruntime

            self._options = onnxruntime.RunOptions()
        return self._options


def load(path: Path | str, threads: int = 0) -> Model:
    """Open a `model.onnx`; see `Model`."""
    return Model(path, threads)
