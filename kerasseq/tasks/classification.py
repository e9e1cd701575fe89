"""`classification`: one of two or many classes."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from kerasseq.arrays.column import distinct
from kerasseq.errors import DataError
from kerasseq.tasks.merging import Merge, check_merge, others_of, shown
from kerasseq.tasks.sequence import SequenceTaskSpec

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.pipelines.pipeline import Pipeline
    from kerasseq.tasks.classifier import Classifier

__all__ = ["Classification"]

log = logging.getLogger("kerasseq")


class Classification(SequenceTaskSpec):
    """Sentiment, topic, question type: a softmax over the classes, trained on cross-entropy."""

    target = "class"

    labels: tuple[str, ...] = ()
    """The classes in their order; empty takes those of the training rows, sorted, whole numbers by size."""
    merge: Merge = {}
    """Other spellings of a class, which are read as it: `{ positive = ["Positive", "POSITIVE"] }`. Of every side, and
    of the tables that `evaluate` is given."""
    positive: str = ""
    """Of two classes, the one that F1, precision and recall speak of; empty for the last."""
    class_weights: Literal["none", "balanced"] = "none"
    """`balanced` weighs a training row by the inverse share of its class, so that rare classes count as much."""
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of the target probability that is spread over all classes (Szegedy et al., 2016), in [0, 1)."""
    temperature: Annotated[float, Field(gt=0, le=100)] = 1.0
    """Of distributions, from several target columns or `training.distillation`: they and the answers are compared
    softened, as logits divided by it are, and the loss is multiplied by its square (Hinton et al., 2015). Above 1 the
    classes that are unlikely count more."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.3
    """Dropout on the pooled text before the head, in [0, 1)."""

    @model_validator(mode="after")
    def _labels_agree(self) -> Classification:
        if len(set(self.labels)) != len(self.labels) or len(self.labels) == 1:
            raise ValueError(f"labels must be at least 2 different names, got {list(self.labels)}")
        if self.positive and self.labels and self.positive not in self.labels:
            raise ValueError(f'positive must be one of the labels, got "{self.positive}"')
        check_merge(self.merge, "class", {"labels": self.labels, "positive": (self.positive,)})
        return self

    @property
    def balances(self) -> bool:
        """Whether rare classes count as much as frequent ones."""
        return self.class_weights == "balanced"

    def conflicts(self, sections: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """A temperature without distributions."""
        yield from super().conflicts(sections)
        if self.temperature == 1 or "distribution" in sections["dataset"].provides:
            return
        if not sections["training"].distillation:
            hint = "name a column of dataset.target for each class, set training.distillation, or remove it"
            yield "task.temperature", f"is of distributions; {hint}"

    def table(self, table: pa.Table, split: Any) -> pa.Table:
        """The rows with one spelling of each class: what `merge` says, and where every class is a number, 1 of 1.0."""
        import pyarrow as pa

        from kerasseq.arrays.numbers import one_spelling

        columns = [name for name in ("target", "taught") if name in table.column_names]
        if not all(pa.types.is_string(table[name].type) for name in columns):
            return table
        classes = {value for name in columns for value in table[name].unique().to_pylist() if value}
        others = {other: kept for other, kept in others_of(self.merge).items() if other in classes}
        if others:
            log.info("target: read %s, as task.merge says", shown(others))
        numbers = {} if self.labels else one_spelling(others.get(value, value) for value in classes)
        if numbers:
            log.info("target: one number is spelt in more than one way; read %s", shown(numbers))
            others = numbers | {value: numbers.get(kept, kept) for value, kept in others.items()}
        for name in columns if others else ():
            different, places = distinct(table[name])
            read = pa.array([others.get(value, value) for value in different], pa.string()).take(places)
            table = table.set_column(table.column_names.index(name), name, read)
        return table

    def learned(self, targets: pa.ChunkedArray[Any], pipeline: Pipeline) -> Classifier:
        """Learn the classes from the training targets; distributions say theirs.

        Raises:
            DataError: Fewer than two classes, a class that is none of the labels, or no row of the positive class.
        """
        import pyarrow as pa

        if pa.types.is_struct(targets.type):
            found = [field.name for field in targets.type]
            strange = [name for name in found if self.labels and name not in self.labels]
            if strange:
                hint = "dataset.classes names what the columns of dataset.target stand for"
                rule = f"must be one of task.labels, {', '.join(self.labels)}"
                raise DataError(f"target: {rule}, got {', '.join(strange)}; {hint}")
        else:
            found = sorted({str(value) for value in targets.unique().to_pylist() if value is not None}, key=_in_order)
        labels = self.labels or tuple(found)
        if len(labels) < 2:
            got = f'only "{found[0]}"' if found else "none"
            hint = "another dataset.target may be meant; kerasseq dataset check looks at the rows"
            raise DataError(f"target: must have at least 2 classes in training, got {got}; {hint}")
        if self.positive and self.positive not in labels:
            raise DataError(f'target: task.positive is "{self.positive}", the classes are {", ".join(labels)}')
        return self.restored({"labels": labels}, pipeline)

    def restored(self, state: Mapping[str, Any], pipeline: Pipeline) -> Classifier:
        """The built task again."""
        from kerasseq.tasks.classifier import Classifier

        return Classifier(self, pipeline, tuple(state["labels"]))


def _in_order(label: str) -> tuple[bool, int, str]:
    """Whole numbers first and by size, so that 10 comes after 9."""
    number = re.fullmatch(r"[+-]?[0-9]{1,18}", label)
    return number is None, int(label) if number else 0, label
