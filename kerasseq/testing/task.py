"""A task that has learned from a few rows, and a small model of it."""

# B batch, T time, D features of a vector

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasseq.spec import TaskSpec
from kerasseq.testing.faults import CheckFailed, NotChecked
from kerasseq.testing.network import FEATURES, VOCABULARY
from kerasseq.testing.texts import PLAIN

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.tasks.task import Task

__all__ = ["built", "rows", "task_model", "text_task"]


def text_task(spec: TaskSpec) -> Any:
    """The Spec, if it is of a task that answers texts; others have models of a shape of their own.

    Raises:
        NotChecked: It is none.
    """
    from kerasseq.tasks.task import TextTaskSpec

    if not isinstance(spec, TextTaskSpec) or spec.target not in ("class", "number"):
        raise NotChecked(
            "the kit knows tasks that give a class or a number for a text; test this one in its own package"
        )
    return spec


def rows(spec: TaskSpec) -> pa.Table:
    """Ten rows with targets that the task can learn."""
    import pyarrow as pa

    said = text_task(spec).model_dump()
    if spec.target == "class":
        labels = tuple(said.get("labels", ())) or ("bad", "good", "mixed")
        targets: list[Any] = [labels[i % len(labels)] for i in range(len(PLAIN))]
    else:
        low, high = said.get("range") or (0.0, 9.0)
        targets = [low + (high - low) * i / (len(PLAIN) - 1) for i in range(len(PLAIN))]
    lines = pa.array(range(2, len(PLAIN) + 2), pa.int64())
    return pa.table({"text": list(PLAIN), "target": targets, "source": ["rows.csv"] * len(PLAIN), "line": lines})


def built(spec: TaskSpec) -> Task:
    """The task, built from the rows."""
    from kerasseq.tasks.task import Task

    task = spec.build(rows(spec)["target"])
    if not isinstance(task, Task):
        raise CheckFailed(f"build must return a Task, got {type(task).__qualname__}")
    return task


def task_model(spec: TaskSpec) -> Any:
    """Ids to vectors, no encoder, their mean, and what the task puts on top."""
    import keras

    from kerasseq.embeddings.lookup import Lookup
    from kerasseq.layers import MeanPooling
    from kerasseq.model import Parts

    pair = text_task(spec).pair
    table = keras.layers.Embedding(len(VOCABULARY), FEATURES, name="embedding")
    pooler = MeanPooling(name="mean") if "pooler" not in spec.forbids else _as_it_is
    return built(spec).build_model(Parts(Lookup(table), _as_it_is, pooler, pair == "combine"))


def _as_it_is(x: Any, mask: Any = None) -> Any:
    return x
