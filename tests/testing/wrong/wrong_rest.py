"""Datasets, tasks, exporters and trackers that each break one rule."""

import random

from kerasseq.spec import DatasetSpec, ExporterSpec, TrackerSpec
from kerasseq.tasks.classification import Classification


class Rows(DatasetSpec):
    """Three rows."""

    def build(self):
        import pyarrow as pa

        return pa.table(
            {
                "text": ["one", "two", "three"],
                "target": ["a", "b", "a"],
                "source": ["here"] * 3,
                "line": pa.array([1, 2, 3], pa.int64()),
            }
        )


class SmallLines(Rows):
    """Lines of the wrong type."""

    def build(self):
        import pyarrow as pa

        table = super().build()
        return table.set_column(3, "line", table["line"].cast(pa.int32()))


class PromisesSides(Rows):
    """Says that there are sides."""

    @property
    def provides(self):
        return frozenset({"split"})


class LinesFromZero(Rows):
    """Counts from 0."""

    def build(self):
        import pyarrow as pa

        return super().build().set_column(3, "line", pa.array([0, 1, 2], pa.int64()))


class Shuffled(Rows):
    """Another order each time."""

    def build(self):
        import pyarrow as pa

        table = super().build()
        return table.set_column(1, "target", pa.array([str(random.random()) for _ in range(3)]))


class TokenRows(Rows):
    """Breaks nothing: rows of tokens, each with its tag."""

    row_kind = "tokens"

    def build(self):
        import pyarrow as pa

        table = super().build().select(["source", "line"])
        lists = pa.array([["one"], ["two", "2"], []], pa.list_(pa.string()))
        return table.append_column("tokens", lists).append_column("target", lists)


class TokensInOneText(TokenRows):
    """Rows of tokens without lists."""

    def build(self):
        return Rows(name="rows").build()


# === Tasks ===


class Task(Classification):
    """Classes, by the class of `wrong_tasks` that is named like this one."""

    def restored(self, state, pipeline):
        import wrong_tasks

        return getattr(wrong_tasks, type(self).__name__)(self, pipeline, tuple(state["labels"]))


class TruthIsNumbers(Task):
    """Gives class numbers back."""


class ForgetsTheOrder(Task):
    """Restores other classes."""


class FirstRowIsSpecial(Task):
    """Reads the first row of a batch in its own way."""

    def pipeline(self, sections, folder=None):
        import wrong_tasks

        return wrong_tasks.wrong_pipeline(wrong_tasks.SpecialPipeline, super().pipeline(sections, folder))

    def restored(self, state, pipeline):
        from kerasseq.tasks.classifier import Classifier

        return Classifier(self, pipeline, tuple(state["labels"]))


class OtherRowsInTheGraph(FirstRowIsSpecial):
    """Reads texts from behind in ONNX."""

    def pipeline(self, sections, folder=None):
        import wrong_tasks

        return wrong_tasks.wrong_pipeline(
            wrong_tasks.BackwardsPipeline, Classification.pipeline(self, sections, folder)
        )


class PromisesNine(Task):
    """Says that the model has nine outputs."""


class PoolsPadding(Task):
    """A model whose answer hangs on the padding."""


class LossOfTheBatch(Task):
    """The loss of a row hangs on the others."""


class ScoreFirst(Task):
    """The prediction is not the first column."""


class UnknownScore(Task):
    """A main score that nobody computes."""


class NothingToWatch(Task):
    """A main score that no epoch has."""


class OtherAnswersInTheGraph(Task):
    """No softmax in ONNX."""


# === Exporters ===


class WritesElsewhere(ExporterSpec):
    """Its artifact is not in the run."""

    def build(self):
        from wrong_tasks import WritesElsewhere

        return WritesElsewhere()


class LeavesASecondFile(ExporterSpec):
    """Leaves something behind."""

    def build(self):
        from wrong_tasks import LeavesASecondFile

        return LeavesASecondFile()


# === Trackers ===


class CountsItsRuns(TrackerSpec):
    """Takes a run that goes on for another one."""

    def build(self):
        from wrong_trackers import CountsItsRuns

        return CountsItsRuns()


class TakesNoBrackets(TrackerSpec):
    """Fails where a score is of a class."""

    def build(self):
        from wrong_trackers import TakesNoBrackets

        return TakesNoBrackets()


class TidiesUp(TrackerSpec):
    """Removes what it has kept elsewhere."""

    def build(self):
        from wrong_trackers import TidiesUp

        return TidiesUp()
