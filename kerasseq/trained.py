"""A trained model with everything around it: rows in, answers out."""

# N rows

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq_runtime.occlusion import MOST, asked, occluded

from kerasseq.backend.accelerate import accelerate
from kerasseq.backend.engine import make_engine
from kerasseq.backend.recurrent_training import truncate
from kerasseq.backend.select import exact
from kerasseq.config.experiment import Experiment
from kerasseq.corpus.examples import Examples
from kerasseq.corpus.text import Texts
from kerasseq.errors import UsageError
from kerasseq.explanation import METHODS, Explanation, LinearPart, Part, attended, moved, parts_of
from kerasseq.given import is_table, lent
from kerasseq.model import parameters
from kerasseq.report.markup import tag
from kerasseq.runtime.columns import as_columns
from kerasseq.tasks.task import ATTENTION
from kerasseq.training.optimizer import make_optimizer
from kerasseq.training.prediction import predict
from kerasseq.training.share import blend_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kerasseq_runtime.inputs.texts import TextRow

    from kerasseq.backend.engine import Engine
    from kerasseq.corpus.samples import Samples
    from kerasseq.pipelines.pipeline import Counts
    from kerasseq.spec import SearchSpec
    from kerasseq.tasks.predictions import Predictions
    from kerasseq.tasks.task import Task
    from kerasseq.tasks.writing import Draft
    from kerasseq.training.start import Start

__all__ = ["Answer", "TrainedModel"]


class Answer:
    """Answers for `N` rows.

    Attributes:
        predictions: Answers in the unit of the data.
        attention: For each input of the model, one array of weights per row, as long as its steps; empty for a pooler
            without weights.
        counts: What encoding did.
    """

    def __init__(self, predictions: Predictions, attention: list[list[Any]], counts: Counts) -> None:
        self.predictions = predictions
        self.attention = attention
        self.counts = counts


class TrainedModel:
    """A task with its pipeline, and a Keras model.

    Args:
        experiment: What it was made from.
        task: Built from the training rows.
        model: A built Keras model.
        start: What an untrained model begins with, where its weights are not drawn alone.
    """

    def __init__(self, experiment: Experiment, task: Task, model: Any, start: Start | None = None) -> None:
        self.experiment = experiment
        self.start = start
        self.task = task
        exact()
        self.model = accelerate(model)
        bptt = experiment.training.bptt
        if bptt and not truncate(model, bptt):
            name = experiment.encoder.name
            raise UsageError(f'training.bptt: must be 0, for "{name}" has no recurrent layer of Keras, got {bptt}')
        self._engine: Engine | None = None
        self._optimizer: Any = None

    def __repr__(self) -> str:
        """`<TrainedModel bilstm: 3 classes, 84,226 weights>`."""
        return f"<TrainedModel {self.experiment.name}: {self.task.kind}, {parameters(self.model):,} weights>"

    def _repr_html_(self) -> str:
        """What a notebook shows: what the model is for, and what it is made of."""
        made = ("tokenizer", "embedding", "encoder", "pooler", "decoder", "wide", "search")
        facts = {
            "task": self.task.kind,
            "weights": f"{parameters(self.model):,}",
            "vocabulary": f"{len(self.task.pipeline.vocabulary):,}" if self.task.pipeline.vocabulary else "",
        }
        facts |= {kind: part.name for kind in made if (part := getattr(self.experiment, kind)) is not None}
        rows = [tag("tr", tag("th", name, scope="row"), tag("td", fact)) for name, fact in facts.items() if fact]
        head = tag("p", tag("strong", tag("bdi", self.experiment.name)), " ", self.task.use())
        return tag("div", head, tag("table", tag("tbody", *rows)))

    @property
    def optimizer(self) -> Any:
        """That of `[training]`."""
        if self._optimizer is None:
            self._optimizer = make_optimizer(self.experiment.training)
        return self._optimizer

    @property
    def engine(self) -> Engine:
        """Runs the model on the current backend."""
        if self._engine is None:
            training = self.experiment.training
            self._engine = make_engine(
                self.model,
                self.task.loss,
                self.optimizer,
                training.global_clipnorm,
                self.task.pipeline.max_length,
                training.lazy_embeddings,
            )
        return self._engine

    def answer(self, samples: Samples) -> Answer:
        """Answer every row, in order.

        Raises:
            DataError: The rows are of another kind than the model reads.
        """
        inputs, counts = self.task.pipeline.encode(samples)
        return self.answer_examples(self.task.examples(inputs), counts)

    def answer_examples(self, examples: Examples, counts: Counts) -> Answer:
        """The same for rows that are encoded already; nobody asks for their loss, so their targets are left out."""
        batch_size = self.experiment.evaluation.batch_size
        outputs, _ = predict(self.engine, examples.unlabelled(), self.task, batch_size)
        attention = [outputs[out.name] for out in ATTENTION if out.name in outputs]
        return Answer(self.task.decode(outputs), attention, counts)

    def predict(self, *columns: Any) -> dict[str, list[Any]]:
        """Answers as named columns: `prediction`, and for classes `score` and `score[label]`.

        Args:
            columns: N rows as the run reads them: a list of texts, and for pairs one of second texts; a list of
                sentences, each a list of tokens; a list of `(T, D)` arrays. Or one table of pandas, polars or Arrow
                with the run's columns; of a series, one answer behind its last row.

        Returns:
            Lists of N values; of tags, a list of T for each row, of a forecast one of H steps.

        Raises:
            UsageError: A single row stands where a list of rows belongs, or a column is missing.
            DataError: A row is of another kind than the model reads.
        """
        return self.task.columns(self.answer(self._given(columns)).predictions)

    def _given(self, columns: tuple[Any, ...]) -> Samples:
        """Rows that may be those of a table."""
        if len(columns) == 1 and is_table(columns[0]):
            with lent(columns[0]) as path:
                columns = self._rows(path)
        return self.task.pipeline.given(*columns)

    def _rows(self, path: Path) -> tuple[list[Any], ...]:
        """The rows of a file, as `predict` takes them."""
        parts = [rows.columns for rows in self.task.pipeline.reader.table(path, self.experiment)]
        return tuple([row for part in column for row in part] for column in zip(*parts, strict=True))

    def generate(
        self,
        prompts: Sequence[str] = ("",),
        max_length: int = 100,
        search: SearchSpec | None = None,
        stop: Sequence[str] = (),
        seed: int = 0,
        condition: str = "",
    ) -> list[Draft]:
        """Write on behind each prompt, with a language model.

        Args:
            prompts: Texts; behind an empty one a text begins.
            max_length: Tokens at most.
            search: How tokens are chosen; None for the run's `[search]`.
            stop: Texts before which what was written ends.
            seed: The same one gives the same texts.
            condition: The class that writes, of a model of `task.condition`.

        Returns:
            One `Draft` a prompt, of a beam the best: `text`, `tokens`, `log_probability`, `ended`.

        Raises:
            UsageError: The run is of another task, or a single prompt stands where a list belongs.
            DataError: There is no such class.
        """
        if isinstance(prompts, str):
            raise UsageError(f'prompts: must be a list of texts, got the text "{prompts[:40]}"; put it into a list')
        chosen = search or self.experiment.search
        if chosen is None:
            raise UsageError(f"generate: must be of a task that writes, the run is of {self.task.name}")
        given = {"condition": condition} if condition else {}
        found = self.task.writer(self.model, chosen.build(), **given).write(prompts, max_length, stop, seed)
        return [drafts[0] for drafts in found]

    def attention(self, *columns: Any) -> list[list[list[tuple[str, float]]]]:
        """What the pooler looked at: each step with its weight; the weights of a row sum to 1.

        Args:
            columns: As of `predict`, but for tables.

        Returns:
            One list per input of the model, 1 or of pairs that are read apart 2; in it a list for each row, of
            `(word, weight)` for each step.

        Raises:
            UsageError: The pooler weighs nothing, or a single row stands where a list of rows belongs.
            DataError: A row is of another kind than the model reads.
        """
        samples = self.task.pipeline.given(*columns)
        found = self.answer(samples).attention
        if not found:
            raise UsageError(
                'attention: must be of a pooler that weighs its steps, as "attention" does; this one gives none'
            )
        return self._named(samples, found)

    def _named(self, samples: Samples, attention: list[list[Any]]) -> list[list[list[tuple[str, float]]]]:
        """Weights with the words, or the numbers, of their steps."""
        names = self.words(samples) or [[tuple(map(str, range(1, len(w) + 1))) for w in rows] for rows in attention]
        return [
            [list(zip(words, map(float, weights), strict=True)) for words, weights in zip(*rows, strict=True)]
            for rows in zip(names, attention, strict=True)
        ]

    def explain(self, *columns: Any, most: int = 10, method: str = "", words: int = MOST) -> list[Explanation]:
        """What weighed in each answer: the parts of the network and of the linear model of `[wide]`, its n-grams that
        stand in the text, the weights of the pooler, or what changes without each word.

        Args:
            columns: As of `predict`.
            most: N-grams of each row, the heaviest ones.
            method: `wide`, `attention`, or `occlusion`, which leaves each word of a text out and asks again, n + 1
                answers for n words. Empty for the first two as far as the run has them, else for occlusion; where
                n-grams have no share in the answer, that is added.
            words: Words of a text that are left out in turn at most, at least 1; the others are counted in `left_out`.

        Returns:
            One `Explanation` a row. Its `words` have the same form whatever the method is: `word`, `start` and `end`
            in the text, `weight`, `method`, `field`.

        Raises:
            UsageError: The run has not what the method asks; occlusion is of texts that are answered with a class or a
                number. Or a single row stands where a list of rows belongs.
            DataError: A row is of another kind than the model reads.
        """
        return self.explained(self._given(columns), most, method, words)[0]

    def explained(
        self, samples: Samples, most: int, method: str = "", words: int = MOST
    ) -> tuple[list[Explanation], Counts]:
        """The same, and what encoding did."""
        if words < 1:
            raise UsageError(f"words: must be at least 1, got {words}")
        inputs, counts = self.task.pipeline.encode(samples)
        examples = self.task.examples(inputs)
        answer = self.answer_examples(examples, counts)
        columns = self.task.columns(answer.predictions)
        found = [Explanation(dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]
        if not found:
            return [], counts
        looked, blend = self._looked(samples, found), blend_of(self.model)
        has = {"wide": blend is not None and self.task.pipeline.wide is not None, "attention": bool(answer.attention)}
        chosen = self._methods(has | {"occlusion": bool(looked)}, method)
        if "wide" in chosen and blend is not None:
            with blend.alone():
                network = self.task.columns(self.answer_examples(examples, counts).predictions)
            parts = self._parts(samples, inputs["wide"], columns, network, blend.factors, most)
            told = method or blend.factors[1]  # without a share n-grams weigh nothing
            found = [
                replace(each, network=own, linear=other, words=moved(other) if told else ())
                for each, (own, other) in zip(found, parts, strict=True)
            ]
            if not told and looked and not answer.attention:
                chosen = ("occlusion",)
        if "attention" in chosen:
            found = self._attended(found, samples, self._named(samples, answer.attention))
        if "occlusion" in chosen and isinstance(samples, Texts):
            weighed = occluded(_rows_of(samples), looked, self._without, words)
            found = [replace(each, words=own, left_out=left) for each, (own, left) in zip(found, weighed, strict=True)]
        return found, counts

    def _parts(
        self,
        samples: Samples,
        values: Any,
        columns: dict[str, list[Any]],
        network: dict[str, list[Any]],
        factors: tuple[float, float],
        most: int,
    ) -> list[tuple[Part, LinearPart]]:
        """Of each row the parts of the network and of the linear model, of which `values` are the answers."""
        pipeline, out = self.task.pipeline, self.task.outputs[0]
        if pipeline.wide is None:
            return []
        linear = self.task.columns(self.task.decode({out.name: values.reshape(len(values), *out.shape[1:])}))
        rows, names = pipeline.wide_rows(samples), self.task.answer_names
        return parts_of(pipeline.wide, rows, values, names, columns, factors, (network, linear), most)

    def _looked(self, samples: Samples, found: Sequence[Explanation]) -> list[str]:
        """Of each row the column in which occlusion looks; nothing where it cannot be asked."""
        pipeline = self.task.pipeline
        if not isinstance(samples, Texts) or pipeline.writes or pipeline.runs_on:
            return []
        columns = [asked(each.answer) for each in found]
        return columns if all(columns) else []

    def _methods(self, has: dict[str, bool], method: str) -> tuple[str, ...]:
        """Those that were chosen, or those that come by themselves.

        Raises:
            UsageError: The run has none, or not this one.
        """
        there = [name for name in METHODS if has[name]]
        if not there:
            raise UsageError(
                "explain: must be of a run with [wide], with a pooler that weighs its steps, or of texts that are "
                f"answered with a class or a number; this one is of {self.task.name}"
            )
        if method and method not in there:
            raise UsageError(f"explain: the method must be one of {', '.join(there)} for this run, got {method}")
        own = tuple(name for name in there if name != "occlusion")
        return (method,) if method else own or ("occlusion",)

    def _attended(
        self, found: list[Explanation], samples: Samples, attention: list[list[list[tuple[str, float]]]]
    ) -> list[Explanation]:
        """With the weights of the steps, and the words that these come from."""
        sources = self.task.pipeline.sources(samples) or [[(None,) * len(row) for row in rows] for rows in attention]
        whole = []
        for each, steps, words in zip(found, zip(*attention, strict=True), zip(*sources, strict=True), strict=True):
            weighed = attended(steps, words)
            whole.append(replace(each, attention=tuple(map(tuple, steps)), words=(*each.words, *weighed)))
        return whole

    def _without(self, rows: list[TextRow], names: Collection[str]) -> dict[str, list[Any]]:
        """Some columns of the answers to texts, not rounded."""
        first, second = map(list, zip(*rows, strict=True))
        given = (first, second) if self.task.pipeline.pair != "single" else (first,)
        predictions = self.answer(self.task.pipeline.given(*given)).predictions
        return as_columns([c for c in self.task.answer_columns if c.name in names], predictions.arrays(), float)

    def words(self, samples: Samples) -> list[list[tuple[str, ...]]]:
        """What `Answer.attention` weighs: one list per input of the model, one tuple per row."""
        return self.task.pipeline.words(samples)


def _rows_of(texts: Texts) -> list[TextRow]:
    """Texts as occlusion takes them."""
    return list(zip(texts.first, texts.second or [""] * len(texts), strict=True))
