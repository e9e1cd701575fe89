"""What a built task offers: its pipeline, targets, model, loss, answers, scores, baselines, and what its page shows."""

# N rows, B batch, T time

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from kerasseq.errors import DataError, UsageError
from kerasseq.metrics.bootstrap import resample_indices
from kerasseq.metrics.scores import is_error
from kerasseq.runtime.columns import AnswerColumn, as_columns

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from kerasseq_runtime.explanation import WeighedWord
    from numpy.typing import NDArray

    from kerasseq.corpus.examples import Examples, Values
    from kerasseq.corpus.samples import Samples
    from kerasseq.metrics import Measure, Score
    from kerasseq.model import Parts
    from kerasseq.onnx_graph.graph import Graph
    from kerasseq.pipelines.pipeline import Pipeline
    from kerasseq.report.markup import Html
    from kerasseq.tasks.predictions import Predictions
    from kerasseq.wide.branch import Sought

__all__ = ["ATTENTION", "Output", "Task", "Tested", "Truth", "target_error"]

Truth = Any
"""Encoded targets: `(N, ...)`, or a `Ragged` of one a step."""


@dataclass(frozen=True)
class Output:
    """One output of the model.

    Attributes:
        name: `"logits"`.
        axes: `"batch"` first, `"time"` for the steps of an input, a number for a fixed size: `("batch", "time", 9)`.
        of: The input whose steps `"time"` counts.
        optional: Whether a model may lack it, as attention weights without an attention pooler.
        unit: What differences of it are measured by; 0 for its largest value, where that is more than 1.
        constant: Whether it is the same for every row, so that one is kept.
    """

    name: str
    axes: tuple[str | int, ...]
    of: str = "tokens"
    optional: bool = False
    unit: float = 1.0
    constant: bool = False

    @property
    def shape(self) -> tuple[int | None, ...]:
        """As Keras has it."""
        return tuple(axis if isinstance(axis, int) else None for axis in self.axes)

    @property
    def timed(self) -> bool:
        """Whether it has a value for each step."""
        return "time" in self.axes


ATTENTION = (
    Output("attention", ("batch", "time"), "tokens", optional=True),
    Output("attention_2", ("batch", "time"), "tokens_2", optional=True),
)
"""Weights of the steps, which a pooler may give for each input."""


@dataclass(frozen=True)
class Tested:
    """A test, for the page that shows it.

    Attributes:
        samples: The `N` test rows.
        truth: Their encoded targets.
        predictions: The answers.
        scores: What they are worth.
        where: `file:line` of each row.
        language: BCP 47 tag of the texts; empty if unknown or mixed.
        wide: Factor of the linear branch in the answers; 0 without one.
        model: The trained Keras model, which a page may ask for more; None where it is not at hand.
        occluded: Of some rows the words of each, with what the answer loses without them, and how many were not
            weighed; of the first rows alone, or of none, where that would take long. None where rows have no words.
    """

    samples: Samples
    truth: Truth
    predictions: Any
    scores: Sequence[Score]
    where: Sequence[str]
    language: str = ""
    wide: float = 0.0
    model: Any = None
    occluded: Callable[[Sequence[int]], Sequence[tuple[Sequence[WeighedWord], int]]] | None = None


class Task(ABC):
    """A task that has learned what there is to learn from the training rows.

    Nothing outside of it asks of what shape it is: whoever has a row, an answer or a score asks the task.

    Attributes:
        name: As metadata and reports say it.
        main_score: The score that a person looks at first, and that keeps the epoch.
        watched: What `training.watch = "auto"` means: the main `"score"` of validation, or the `"loss"`.
        baseline_sides: Whose rows the baselines learn from: those of validation too, where none is held out of them.
        pipeline: From rows to inputs.
        outputs: Of the model; a stored model must have those that are not optional.
    """

    name: str
    main_score: str
    watched: Literal["loss", "score"] = "score"
    baseline_sides: tuple[str, ...] = ("train",)
    pipeline: Pipeline
    outputs: tuple[Output, ...]

    # === Rows ===

    @abstractmethod
    def targets(self, table: pa.Table) -> Truth:
        """Targets of `table` as numbers, `(N, ...)`, or a `Ragged` of one a step.

        Raises:
            DataError: A target is missing or cannot be one; names file and line.
        """

    def taught(self, table: pa.Table, side: str) -> Truth:
        """What the rows of `train` or `validation` are trained and kept an epoch by; mostly their `targets`.

        Raises:
            DataError: As `targets`.
        """
        if side != "train" or "taught" not in table.column_names:
            return self.targets(table)
        return self.targets(table.set_column(table.column_names.index("target"), "target", table["taught"]))

    def examples(self, inputs: Mapping[str, Values], targets: Truth = None, weights: Any = None) -> Examples:
        """Encoded rows as training and prediction read them.

        Args:
            inputs: What the pipeline gave.
            targets: What `targets` or `taught` gave; None where nobody asks for a loss.
            weights: `(N,)`; None where every row counts 1.
        """
        from kerasseq.corpus.examples import Examples

        return Examples(inputs, targets, weights)

    def weights(self, targets: Truth) -> NDArray[np.float32]:
        """Weight of each training row, `(N,)`, for rows that shall count more; ones."""
        import numpy as np

        return np.ones(len(targets), dtype=np.float32)

    # === Model ===

    @abstractmethod
    def build_model(self, parts: Parts) -> Any:
        """One Keras model from the pipeline's inputs to named outputs."""

    @abstractmethod
    def loss(self, outputs: dict[str, Any], targets: Any) -> Any:
        """Loss per row, `(B,)`, in `keras.ops`."""

    def sought(self, truth: Truth) -> Sought:
        """What a linear branch beside the network is fitted to.

        Raises:
            UsageError: The task has no use for one; see `TaskSpec.takes`.
        """
        raise UsageError(f"wide: must stand beside a class or a number, the task is {self.name}")

    def blend(self, outputs: Mapping[str, Any], wide: Any, truth: Truth, weights: Any) -> tuple[float, float]:
        """The factors of the network's answer and of the branch's, fitted where neither had seen the rows.

        Args:
            outputs: Of the network alone, `(N, ...)` each.
            wide: What the branch says, `(N, K)`.
            truth: `(N,)` targets.
            weights: `(N,)`.
        """
        return 1.0, 0.0

    def softened(self, truth: Truth, outputs: Mapping[str, Any], share: float) -> Truth:
        """Targets of training that are drawn towards the model's `outputs`, `(N, ...)` each, by `share` in [0, 1].

        Raises:
            UsageError: Its targets cannot lie between two answers; see `TaskSpec.softens`.
        """
        raise UsageError(f"training.distillation: must have targets between two answers, the task is {self.name}")

    # === Answers ===

    def reduced(self, outputs: dict[str, Any]) -> dict[str, Any]:
        """What is kept of a batch's outputs, `(B, ...)` each; all, unless they are too large to keep of every row."""
        return outputs

    def written(self, model: Any, examples: Examples, batch_size: int) -> dict[str, Any]:
        """What the trained `model` writes about each row, for `decode`, beside its outputs; nothing, mostly.

        Args:
            model: The Keras model.
            examples: `N` rows; with targets where a score of an epoch is asked for, without where answers are.
            batch_size: Rows at a time.

        Returns:
            By name one value a row, `(N, ...)` or a list.
        """
        return {}

    @abstractmethod
    def decode(self, outputs: Mapping[str, Any]) -> Predictions:
        """From the model's outputs to answers; of an output with steps, one array a row."""

    @abstractmethod
    def read(self, arrays: Mapping[str, Any]) -> Predictions:
        """From what an exported file gives, `Predictions.arrays`, to the same answers."""

    @property
    @abstractmethod
    def answer_columns(self) -> tuple[AnswerColumn, ...]:
        """What is said of each answer, in csv, JSON and services; `prediction` first."""

    @property
    @abstractmethod
    def answer_axes(self) -> dict[str, tuple[str | int, ...]]:
        """Axes of `Predictions.arrays` by name: `("batch",)`, `("batch", "time")`, `("batch", 3)`."""

    def columns(self, predictions: Predictions) -> dict[str, list[Any]]:
        """The answers as named columns."""
        return as_columns(self.answer_columns, predictions.arrays())

    @property
    def units(self) -> Mapping[str, float]:
        """What the numbers of `Predictions.arrays` are measured by, where that is not 1."""
        return {}

    @abstractmethod
    def made_targets(self, inputs: Mapping[str, Values]) -> Truth:
        """Encoded targets that made rows may have, as many as `inputs` has rows, one a step where targets are so."""

    @abstractmethod
    def truth_column(self, truth: Truth) -> list[Any]:
        """Targets as the data writes them: class names, numbers, lists of tags."""

    @property
    def answer_names(self) -> tuple[str, ...]:
        """What the K numbers of a linear branch stand for: classes; of a number nothing."""
        return ()

    # === Measuring ===

    @abstractmethod
    def quick_scores(self, truth: Truth, predictions: Predictions) -> dict[str, float]:
        """A few cheap scores for the epoch's line, the main score among them."""

    @property
    def lower_is_better(self) -> bool:
        """Whether less of the main score is better."""
        return is_error(self.main_score)

    @property
    def score_unit(self) -> float:
        """What differences of the main score are measured by, for `training.minimum_delta`; 1 of a share."""
        return 1.0

    @abstractmethod
    def measure(self, truth: Truth, predictions: Predictions) -> Measure:
        """The scores as a function of the rows that are drawn."""

    @abstractmethod
    def scores(
        self, truth: Truth, predictions: Predictions, resamples: int, confidence: float, seed: int
    ) -> list[Score]:
        """Every score with its interval."""

    @property
    def headlines(self) -> tuple[str, ...]:
        """The scores that a table of several models shows; empty for all."""
        return ()

    def draws(self, rows: int, resamples: int, seed: int) -> Iterator[NDArray[np.int64]]:
        """Chunks `(B, N)` of row numbers for the bootstrap; rows alone, unless they hang together."""
        return resample_indices(rows, resamples, seed)

    @abstractmethod
    def baselines(self, train: Samples, truth: Truth, asked: Samples, seed: int) -> dict[str, Predictions]:
        """What answers without a neural network would be, by name."""

    @abstractmethod
    def row_losses(self, truth: Truth, predictions: Predictions) -> NDArray[np.float64]:
        """How wrong each answer is, `(N,)`, for the report's worst errors."""

    def writer(self, model: Any, search: Any, condition: str = "") -> Any:
        """What writes texts with the trained `model`: a `kerasseq.tasks.writing.Writer`.

        Args:
            model: Trained.
            search: How tokens are chosen.
            condition: The class that writes; empty where none does, and given to no task without any.

        Raises:
            UsageError: The task writes none, the default.
        """
        raise UsageError(f"generate: must be of a task that writes, the run is of {self.name}")

    # === Page ===

    @property
    @abstractmethod
    def kind(self) -> str:
        """The shape in words: `3 classes`, `regression`."""

    @property
    def hub_task(self) -> str:
        """What the Hugging Face Hub calls the task, for the head of the card; empty where it has no word for it."""
        return ""

    @abstractmethod
    def use(self) -> str:
        """What the model is for, a sentence for its card."""

    @abstractmethod
    def sections(self, tested: Tested) -> list[tuple[str, Html]]:
        """Headings and contents of the page between training and data."""

    # === Files ===

    def to_onnx(self, graph: Graph, outputs: Mapping[str, str]) -> None:
        """Add the answers as outputs of an ONNX graph, by the names of `Predictions.arrays`.

        Args:
            graph: Where nodes and outputs are added.
            outputs: The tensor of each output of the model, by name.
        """
        raise NotImplementedError(f"the task {self.name} has no form in ONNX")

    @property
    def torch_answers(self) -> dict[str, dict[str, Any]]:
        """Type and shape of what `in_torch` gives, by name."""
        shapes = {out.name: list(out.axes) for out in self.outputs}
        return {name: {"dtype": "float32", "shape": shapes[name]} for name in self.torch_outputs}

    @property
    def torch_outputs(self) -> tuple[str, ...]:
        """The model's outputs that `in_torch` is given: all that are not optional."""
        return tuple(out.name for out in self.outputs if not out.optional)

    def in_torch(self, outputs: dict[str, Any]) -> dict[str, Any]:
        """What a program of torch answers, from the model's outputs as tensors of torch; the outputs themselves."""
        return outputs

    def of_torch(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """What such a program answered, in the form of `Predictions.arrays`."""
        return self.decode(answers).arrays()

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """What was learned from the training rows, beside what the pipeline saves, for `task.json`."""

    def describe(self) -> dict[str, Any]:
        """What a file that holds the model says about its answers, as JSON values."""
        return {"labels": [], "range": [], "unit": {}}


def target_error(table: pa.Table, problems: Sequence[tuple[int, str]]) -> DataError:
    """One error for all wrong targets: `file:line: column: message`, the first 20 and a count.

    Args:
        table: The rows, with `source` and `line`.
        problems: Row number and message.
    """
    column = (table.schema.metadata or {}).get(b"target", b"target").decode()
    lines = [
        f"{table['source'][row].as_py()}:{table['line'][row].as_py()}: {column}: {message}"
        for row, message in problems[:20]
    ]
    if len(problems) > 20:
        lines.append(f"and {len(problems) - 20} more rows like these")
    return DataError("\n".join(lines))
