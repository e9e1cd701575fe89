"""An exported model: rows in, answers out."""

# N rows, B batch

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq_runtime.answers import STEPS, read_answers
from kerasseq_runtime.columns import AnswerColumn, answer_columns, as_columns
from kerasseq_runtime.cores import cores
from kerasseq_runtime.ends import check_ends, check_rows
from kerasseq_runtime.errors import RunError, UsageError
from kerasseq_runtime.explanation import Explanation
from kerasseq_runtime.generating import FileCode, check_steps, chosen, repeats, write
from kerasseq_runtime.inputs import TextInput, input_of
from kerasseq_runtime.metadata import READER, read_metadata
from kerasseq_runtime.occlusion import MOST, asked, occluded
from kerasseq_runtime.session import EXTENSIONS, guarded, naming, open_file, string_operators, without_extensions
from kerasseq_runtime.stepper import FileStepper
from kerasseq_runtime.translating import SCORE, Translating, check_decoder, search_in
from kerasseq_runtime.writing import Draft, Told, Writer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq_runtime.searches.search import Search

__all__ = ["Model", "load"]

BATCH = 64
"""Rows of a call at most."""

ROOM = 1_000_000
"""Characters, or numbers, of a call at most, as each row is padded to the longest; one row may be longer."""

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
        takes: What a row is: `"text"`, `"pair"`, `"tokens"`, `"vectors"`, or `"prompt"`.
        labels: Class names; empty where it answers with none.
        pairs: Whether it reads pairs of texts.
        columns: What it answers, `prediction` first.
        outputs: Axes of each answer by the name of the file's output; `"time"` where it has a value for each step.
        input: Rows as the file takes them.
        writes: Whether it is a language model: it writes, see `generate`, and answers nothing else.
        translates: Whether it answers a text with a text, see `translate`.
        conditions: The classes that write, one of which `generate` must be told; empty where none does.

    Raises:
        RunError: The file is missing or damaged, is no export of kerasseq, or needs what is not installed.
    """

    def __init__(self, path: Path | str, threads: int = 0, *, spinning: bool = True, reader: str = READER) -> None:
        self.path, self.threads = Path(path), threads
        self.session = open_file(path, threads, spinning)
        with guarded(self.path, "must be a whole export of kerasseq"):
            self._describe(reader)
        self._options: Any = None

    def _describe(self, reader: str) -> None:
        """Take over what the file says of itself, and check that it is so."""
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
        self.writes = self.takes == "prompt"
        self.conditions: tuple[str, ...] = tuple(self.metadata["conditions"])
        self.translates = bool(self.metadata["decoder"])
        if self.translates:
            check_ends(self.path, self.session, self.input.tensors, {SCORE: ("batch",)})
            check_decoder(self.path, self.session, self.metadata)
            self._search = search_in(self.metadata)
        elif self.writes:
            check_steps(self.path, self.session, self.metadata["states"], len(self.metadata["spelling"]["vocabulary"]))
        else:
            check_ends(self.path, self.session, self.input.tensors, self.outputs)
        named = {tensor.name for tensor in self.session.get_outputs()}
        self._counts = {name: told for name, told in COUNTS.items() if name in named}

    def predict(self, *columns: Any) -> dict[str, list[Any]]:
        """Answers as named columns: `prediction`, and for classes `score` and `score[label]`.

        Args:
            columns: Rows as the file takes them, any number. Of texts a list, and for pairs a list of the second ones.
                Of tokens a list of lists; or of texts, which the file's own pattern cuts, and whose answers come with
                the `offsets` of their tokens. Of vectors a list of arrays `(steps, D)`.

        Raises:
            UsageError: A single row stands where a list of rows belongs.
            DataError: A row is of another kind than the file takes.
            RunError: The file cannot answer a row, or answers in another form than it says.
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
        self._check_answers()
        rows = self.input.rows(*columns)
        with guarded(self.path, "must answer every row"):
            return self._answered(rows)

    @property
    def explains(self) -> bool:
        """Whether the words of its texts can be weighed: it answers with a class and its probability, or a number."""
        if not isinstance(self.input, TextInput) or self.writes or self.translates:
            return False
        named = {column.name for column in self.columns}
        if self.labels and {f"score[{label}]" for label in self.labels} <= named:
            return True
        said = self.columns[0]
        kinds = {tensor.name: tensor.type for tensor in self.session.get_outputs()}
        axes = self.outputs[said.output]
        return kinds[said.output] != "tensor(string)" and (said.pick != "all" or len(axes) == 1)

    def explain(self, *columns: Any, words: int = MOST) -> list[Explanation]:
        """What each word weighs in the answer to its text, by occlusion: see `kerasseq_runtime.occlusion`.

        A text of n words costs n + 1 answers.

        Args:
            columns: As of `predict`.
            words: Words of a text that are weighed at most, at least 1; the others are counted in `left_out`.

        Raises:
            UsageError: The file reads no texts, or answers with neither a class nor a number; or see `predict`.
            DataError: See `predict`.
            RunError: See `predict`.
        """
        return self.explained(*columns, words=words)[0]

    def explained(self, *columns: Any, words: int = MOST) -> tuple[list[Explanation], dict[str, NDArray[Any]]]:
        """The same, and the counts of `answer`."""
        if not self.explains:
            wanted = "must read texts and answer with a class or a number to be explained"
            raise UsageError(f"{self.path}: {wanted}, got one of {self.metadata['task']}")
        if words < 1:
            raise UsageError(f"words: must be at least 1, got {words}")
        rows = self.input.rows(*columns)
        with guarded(self.path, "must answer every row"):
            found, counts = self._answered(rows)
            answers = [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]
            weighed = occluded(rows, list(map(asked, answers)), self._asked, words)
            each = zip(answers, weighed, strict=True)
            return [Explanation(answer, words=own, left_out=left) for answer, (own, left) in each], counts

    def _asked(self, rows: Sequence[Any], names: Collection[str]) -> dict[str, list[Any]]:
        return self._answered(rows, [column for column in self.columns if column.name in names], float)[0]

    def _answered(
        self,
        rows: Sequence[Any],
        wanted: Sequence[AnswerColumn] | None = None,
        number: Callable[[Any], float] | None = None,
    ) -> tuple[dict[str, list[Any]], dict[str, NDArray[Any]]]:
        """Batches hold rows of about one length, for each is padded to its longest.

        Args:
            rows: Those that `input.rows` gives.
            wanted: Columns; None for all.
            number: See `as_columns`.
        """
        import numpy as np

        asked_for = self.columns if wanted is None else wanted
        sizes = [self.input.size(row) for row in rows]
        order = sorted(range(len(rows)), key=sizes.__getitem__)
        found: dict[str, list[Any]] = {column.name: [] for column in asked_for}
        found |= {name: [] for name in self.input.columns(rows, None)}
        counts: dict[str, list[Any]] = {name: [np.zeros(0, np.int64)] for name in self._counts.values()}
        parts = [[rows[place] for place in places] for places in _batches(order, sizes)]
        for part, (arrays, seen) in zip(parts, self._each(parts), strict=True):
            answers = as_columns(asked_for, arrays, number) | self.input.columns(part, seen.get("tokens"))
            for name, values in answers.items():
                found[name] += values
            for name, numbers in seen.items():
                counts[name].append(numbers)
        back = np.argsort(np.array(order, dtype=np.int64))
        columns = {name: [values[place] for place in back] for name, values in found.items()}
        return columns, {name: np.concatenate(arrays)[back] for name, arrays in counts.items()}

    def _each(self, parts: Sequence[Sequence[Any]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """`run` of each part, in their order, on all threads at once: what reads texts takes one core a call."""
        together = min(self.threads or cores(), len(parts))
        if together < 2:
            yield from map(self.run, parts)
            return
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(together)
        try:
            yield from pool.map(self.run, parts)
        finally:
            pool.shutdown(cancel_futures=True)

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
        self._check_answers()
        feeds = self.input.feeds(rows)
        if self.translates:
            found = self._translated(feeds)
        else:
            found = read_answers(self.session, self.outputs, feeds, tuple(self._counts), self._run_options())
        check_rows(self.path, len(rows), self.outputs, found, len(self.labels))
        return {name: found[name] for name in self.outputs}, {told: found[n] for n, told in self._counts.items()}

    def _translated(self, feeds: Mapping[str, Any]) -> dict[str, Any]:
        """As the file's run writes, and what encoding did."""
        found = Translating(self.session, self.metadata, self._search).write(feeds, self._run_options())
        seen = read_answers(self.session, {}, feeds, tuple(self._counts), self._run_options()) if self._counts else {}
        return {**found, **seen}

    def translate(
        self, texts: Sequence[str], *, greedy: bool = False, beam: int = 0, n_best: int = 1
    ) -> list[list[Draft]]:
        """Write about each text; what is not said is as the file's run says, which `predict` does, too.

        Args:
            texts: What is read.
            greedy: Always the likeliest token.
            beam: Search for the likeliest text, so many at a time; 0 for none.
            n_best: Texts of a beam for each, the best first.

        Returns:
            Of each text those that were written.

        Raises:
            UsageError: The file answers no texts with texts, or a setting is out of its bounds.
            DataError: Something is no text.
        """
        if not self.translates:
            raise UsageError(f"{self.path}: must be a translation, got one of {self.metadata['task']}; use predict")
        if n_best != 1 and not beam:
            raise UsageError(f"n_best: must be 1 without a beam, got {str(n_best)[:40]}")
        search = chosen(self.metadata["search"] or {"name": "greedy"}, {}, greedy, beam, n_best)
        translating = Translating(self.session, self.metadata, search)
        rows = self.input.rows(texts)
        found: list[list[Draft]] = []
        with guarded(self.path, "must write about every text"):
            for start in range(0, len(rows), BATCH):
                part = rows[start : start + BATCH]
                found += translating.drafts([first for first, *_ in part], self.input.feeds(part), self._run_options())
        return found

    def generate(
        self,
        prompts: Sequence[str] = ("",),
        max_length: int = 100,
        temperature: float | None = None,
        top_k: int | None = None,
        top_p: float | None = None,
        min_p: float | None = None,
        repetition_penalty: float | None = None,
        *,
        greedy: bool = False,
        beam: int = 0,
        samples: int = 1,
        stop: Sequence[str] = (),
        seed: int = 0,
        condition: str = "",
        told: Told | None = None,
    ) -> list[list[Draft]]:
        """Write on behind each prompt; the same texts as `kerasseq generate` of the run writes.

        Args:
            prompts: Texts; behind an empty one a text begins.
            max_length: Tokens of a text at most.
            temperature: In (0, 100]; below 1 the likely becomes likelier. What is not said is as the file's run says.
            top_k: So many of the likeliest tokens may come; 0 for all.
            top_p: The likeliest tokens of this probability may come, in (0, 1].
            min_p: Tokens may come that are so likely beside the likeliest, in [0, 1).
            repetition_penalty: In [1, 10]: weakens tokens that were written.
            greedy: Always the likeliest token.
            beam: Search for the likeliest text, so many at a time; 0 for none.
            samples: Texts for each prompt.
            stop: Texts before which a text ends.
            seed: Of what is drawn; the same one gives the same texts.
            condition: The class that writes, of a file that has `conditions`.
            told: Called with the place of a text and a few of its characters, as they are written.

        Returns:
            Of each prompt its texts.

        Raises:
            UsageError: The file is no language model, or a setting is out of its bounds.
            DataError: A prompt is no text.
        """
        settings = {
            "temperature": temperature,
            "top_k": top_k,
            "top_p": top_p,
            "min_p": min_p,
            "repetition_penalty": repetition_penalty,
        }
        if isinstance(max_length, bool) or not isinstance(max_length, int):
            raise UsageError(f"max_length: must be a whole number, got {str(max_length)[:40]}")
        search = chosen(self.metadata["search"], settings, greedy, beam, samples)
        asked = [text for text, _ in self.input.rows(prompts)] if self.writes else []
        writer, again = self.writer(search, condition), repeats(search, samples)
        ours = told is None  # what a listener raises is its own
        with guarded(self.path, "must write behind every prompt") if ours else naming(self.path):
            return write(writer, asked, max_length, again, stop, seed, told)

    def writer(self, search: Search, condition: str = "") -> Writer:
        """What writes texts as `search` chooses their tokens; any thread may ask it.

        Raises:
            UsageError: The file is no language model, or has no such class.
        """
        if not self.writes:
            raise UsageError(f"{self.path}: must be a language model to write, got one of {self.metadata['task']}")
        stepper = FileStepper(self.session, self.metadata["states"], self._run_options())
        return Writer(FileCode(self.metadata, stepper, condition), stepper, search)

    def _check_answers(self) -> None:
        if self.writes:
            raise UsageError(f"{self.path}: is a language model, which writes; use generate")

    def stop(self) -> None:
        """End the call that is under way, and every later one, with an error of onnxruntime."""
        self._run_options().terminate = True

    def _run_options(self) -> Any:
        if self._options is None:
            import onnxruntime

            self._options = onnxruntime.RunOptions()
            self._options.only_execute_path_to_fetches = self.translates
        return self._options


def _batches(order: Sequence[int], sizes: Sequence[int]) -> Iterator[list[int]]:
    """Places of rows that are asked together, from the shortest to the longest."""
    batch: list[int] = []
    for place in order:
        if batch and (len(batch) == BATCH or (len(batch) + 1) * sizes[place] > ROOM):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def load(path: Path | str, threads: int = 0) -> Model:
    """Open a `model.onnx`; see `Model`."""
    return Model(path, threads)
