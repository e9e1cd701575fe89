"""What a pipeline offers: rows to the inputs of a model, and back to what a person reads."""

# N rows, B batch, T time

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from kerasseq.errors import UsageError
from kerasseq.pipelines.subwords import SubwordIds

if TYPE_CHECKING:
    import pyarrow as pa
    from kerasseq_runtime.occlusion import Word
    from numpy.typing import NDArray

    from kerasseq.corpus.examples import Values
    from kerasseq.corpus.samples import Samples
    from kerasseq.corpus.text import Match, PairMode
    from kerasseq.onnx_graph.graph import Graph
    from kerasseq.pipelines.readers import RowReader
    from kerasseq.wide.branch import Branch

__all__ = ["Counts", "InGraph", "Pipeline"]


class Counts(Protocol):
    """What encoding did; adds up over parts, and says itself to a person."""

    def __add__(self, other: Any) -> Self: ...


class InGraph(ABC):
    """A pipeline as nodes of a graph, as far as a graph can say it.

    Attributes:
        python_steps: Components that no graph can hold; their work is done before it.
        takes: What the file is asked with, for whoever opens it: `"text"`, `"pair"`, `"tokens"`, `"vectors"`, `"ids"`.
    """

    python_steps: tuple[str, ...] = ()
    takes: str

    @abstractmethod
    def inputs(self, graph: Graph) -> dict[str, str]:
        """Add inputs and nodes.

        Returns:
            By the name of each input of the model, a tensor `(B + 1, T, ...)`. The last row is one more than was asked,
            of padding: onnxruntime ends the process when an LSTM or a GRU gets no rows.
        """

    @abstractmethod
    def feeds(self, samples: Samples) -> dict[str, NDArray[Any]]:
        """What the file gets for these rows."""


class Pipeline(ABC):
    """From the rows of a table to the inputs of a model. It is fitted on the training rows, and keeps its parts.

    Attributes:
        max_length: Most steps of a row; what is longer is cut and counted.
        noun: What a row is, in the middle of a sentence.
        row: What it is called where rows are counted; an s makes it plural.
        example: An argument of `kerasseq predict RUN`, as a shell reads it.
        made_of: What `random` gives, for a person.
        oddities: What `odd` adds, likewise.
        wide: A linear branch, whose input `wide` `(B, K)` stands beside those with steps; None, mostly.
        pair: How the two texts of a row are read; `single` where a row is no pair of texts.
        match: What the model is told of each token of a pair beside its id.
        runs_on: Whether a row is read in pieces, so that the encoder must give its states back.
        writes: Whether the answer to a row is a text that is written token by token.
        subwords: The n-grams of tokens, whose inputs `subwords` `(B, T, K)` stand beside those of ids; None, mostly.
        made_lengths: Steps of the rows that `made` gives, for a person; empty where nothing is said of them.
        way: What a file that takes the model's inputs leaves to its user, for a person.
        way_parts: What such a file holds for it, likewise.
    """

    max_length: int
    noun: str = "a short text"
    row: str = "text"
    example: str = '"a text"'
    made_of: str = "texts made of the vocabulary"
    oddities: str = "an empty, an unknown and a long text"
    made_lengths: tuple[int, ...] = ()
    way: str = "text to ids"
    way_parts: str = "preprocessors, tokenizer, vocabulary and labels"
    wide: Branch | None = None
    pair: PairMode = "single"
    match: Match = "none"
    runs_on: bool = False
    writes: bool = False
    subwords: SubwordIds | None = None

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The inputs of the model that have steps, in order."""

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Token by id; empty where the model reads no ids."""
        return ()

    @property
    def alphabet_size(self) -> int:
        """Ids of characters; 0 where the model reads none."""
        return 0

    @property
    def characters_width(self) -> int:
        """Characters of a token that the model reads."""
        return 0

    @property
    def dimension(self) -> int:
        """Numbers in a step; 0 where a step is an id."""
        return 0

    @property
    def wide_width(self) -> int:
        """K: numbers of that input; 0 for none."""
        return self.wide.width if self.wide is not None else 0

    @abstractmethod
    def samples(self, table: pa.Table) -> Samples:
        """The rows of a table, as the dataset gives it; see `DatasetSpec.build`."""

    @abstractmethod
    def given(self, *columns: Any) -> Samples:
        """Rows as a person gives them in Python, such as texts and second texts.

        Raises:
            UsageError: One row stands where rows belong.
            DataError: A row is of another kind.
        """

    @property
    def reader(self) -> RowReader:
        """Rows as a person asks for them on a command line; its `Rows.columns` are what `given` takes.

        Raises:
            UsageError: They cannot be written there, the default.
        """
        raise UsageError(f"{self.noun}: cannot be given on the command line; ask the run from Python")

    @abstractmethod
    def fit(self, samples: Samples) -> None:
        """Learn from the training rows what has to be learned: a vocabulary, means and deviations."""

    @abstractmethod
    def encode(self, samples: Samples, on_disk: bool = False) -> tuple[dict[str, Values], Counts]:
        """The inputs of the model by their names, and what happened on the way.

        Args:
            samples: Any number of rows.
            on_disk: Keep what is large in a memory map, not in memory.

        Raises:
            DataError: The rows are of another kind than the model reads.
            RunError: There is no room on disk.
        """

    def check(self, counts: Any) -> None:
        """Raise a DataError where the training rows, as `counts` says, leave nothing to learn from."""
        return None

    @abstractmethod
    def made(self) -> Samples:
        """Rows made to find a difference between two forms of a model: every length, and hostile ones."""

    @abstractmethod
    def random(self, rows: int) -> Samples:
        """Rows of what the model knows, where the run's own cannot be had."""

    @abstractmethod
    def odd(self, samples: Samples) -> Samples:
        """`samples`, and behind them rows on which models break: empty, unknown, very long."""

    def told(self, rows: Sequence[Mapping[str, str]], source: str) -> pa.Table | None:
        """The table of which `rows` of a csv with `Samples.columns` and `target` were written; None where csv cannot
        hold one.

        Args:
            rows: As csv gives them.
            source: The file, for messages.
        """
        return None

    def tokens(self, samples: Samples) -> Iterator[list[str]]:
        """The preprocessed tokens of every text, none cut short: what vectors of words are learned from.

        Raises:
            UsageError: Rows are no texts, the default.
        """
        raise UsageError(f"{self.noun}: has no words to learn vectors of; the experiment must be one of texts")

    def words(self, samples: Samples) -> list[list[tuple[str, ...]]]:
        """What stands behind each step, for a person: one list per input of the model, one tuple per row."""
        return []

    def sources(self, samples: Samples) -> list[list[tuple[Word | None, ...]]]:
        """In the form of `words`, which word of its text, as it was given, each step comes from; None where that is
        not known. Empty, the default, where rows are no texts.
        """
        return []

    @property
    def gap(self) -> str:
        """What stands between two of those words."""
        return " "

    @abstractmethod
    def in_graph(self) -> InGraph:
        """The same as nodes of a graph.

        Raises:
            Inexpressible: It has no form there at all.
        """

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write what `fit` learned into a run, each file atomically."""

    def describe(self) -> dict[str, Any]:
        """What a file that holds the model says about its inputs, as JSON values."""
        return {"pair": self.pair}

    def steps(self) -> Mapping[str, Any]:
        """What turns a row into ids, as JSON values, for a file that leaves it to Python."""
        return {}

    def language(self, samples: Samples) -> str:
        """The BCP 47 tag of the texts; empty where unknown, mixed, or none are there."""
        return ""

    def baseline_numbers(self, samples: Samples) -> NDArray[Any] | None:
        """Numbers of each row, `(N, F)`, for models without order; None where a row is a text."""
        return None

    def baseline_texts(self, samples: Samples) -> Sequence[str]:
        """One text a row for models of words without order."""
        return []

    def baseline_pairs(self, samples: Samples) -> Sequence[tuple[str, str]]:
        """The two texts of each row apart; nothing where a row is no pair."""
        return []

    def wide_rows(self, samples: Samples) -> Sequence[Any]:
        """The rows as the linear branch reads them."""
        return self.baseline_texts(samples)
