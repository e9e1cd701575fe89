"""`forecast`: the next steps of a series of numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from kerasseq.spec import DatasetSpec, TaskSpec

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.corpus.split import Split
    from kerasseq.diagnosis.findings import Diagnosis
    from kerasseq.tasks.forecaster import Forecaster

__all__ = ["Forecast"]


class Forecast(TaskSpec):
    """One or many steps ahead, of one or many numbers a step, from a window of the steps before."""

    needs = frozenset({"encoder", "pooler"})
    forbids = frozenset({"preprocessor", "tokenizer", "embedding"})
    target = "order"

    name: str = "forecast"
    """The component."""
    window: Annotated[int, Field(ge=1, le=10_000)] = 24
    """Steps that the model sees."""
    horizon: Annotated[int, Field(ge=1, le=1000)] = 1
    """Steps ahead that it says, all at once."""
    season: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Steps of a season, at most `window`: of monthly numbers usually 12, of daily ones 7. 0 finds it in the training
    part."""
    logarithm: bool = False
    """Learn on logarithms, where numbers grow by shares; all of them must be above 0."""
    relative: bool = True
    """Show the model the window less its last step, so that a level it has never seen is none to it."""
    base: Literal["none", "last", "season", "linear"] = "last"
    """What the model's answer is added to: nothing, the last step known, the step of one season before, or what a
    `linear` model of the window says, a ridge regression on the training part, so that the network learns what is left
    (Zhang, 2003)."""
    loss: Literal["mse", "mae", "huber"] = "mse"
    """What training makes small, in deviations of the training part. `huber` is quadratic up to 1, then linear."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Dropout on the pooled window before the head, in [0, 1)."""

    def defaults(self, dataset: DatasetSpec | None) -> Mapping[str, str]:
        """A window ends where the forecast begins: what the encoder knows last."""
        return {"pooler": "last"}

    def conflicts(self, sections: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Rows that are no series; sides that are not cut by time; a season that no window holds."""
        kind = sections["dataset"].row_kind
        if kind != "series":
            yield "task.name", f'"forecast" reads a series, the dataset gives {kind}; dataset.name = "series"'
        if sections["split"].method != "auto":
            got = sections["split"].method
            yield "split.method", f'must be "auto", for a series is cut by time, got "{got}"; remove it'
        if self.season > self.window:
            yield "task.season", f"must be at most window = {self.window}, got {self.season}"

    def table(self, table: pa.Table, split: Any) -> pa.Table:
        """Windows of the series, a row each, on the side that holds all of its targets."""
        from kerasseq.corpus.window_table import window_table

        return window_table(table, self.window, self.horizon, split.validation, split.test, self.logarithm)

    def unlabelled(self, table: pa.Table) -> pa.Table:
        """The whole series as one row: what comes behind its last step is asked."""
        import pyarrow as pa

        steps = table["values"].combine_chunks()
        whole = pa.ListArray.from_arrays(pa.array([0, len(steps)], pa.int32()), steps)
        return pa.table({"vectors": whole, "step": [len(steps) + 1]})

    def build(self, sections: Any, table: pa.Table) -> Forecaster:
        """Learn means, deviations and the season from the training part."""
        from kerasseq.pipelines.windows import WindowsPipeline
        from kerasseq.tasks.forecaster import Forecaster

        pipeline = WindowsPipeline(self.window, self.horizon, self.season, self.logarithm, self.relative, self.base)
        pipeline.fit(pipeline.samples(table), table)
        return Forecaster(self, pipeline)

    def restore(self, sections: Any, folder: Path) -> Forecaster:
        """The built task again, from what a run holds."""
        from kerasseq.pipelines.windows import restored_windows
        from kerasseq.tasks.forecaster import Forecaster

        state = json.loads((folder / "task.json").read_text(encoding="utf-8"))
        return Forecaster(self, restored_windows(self, state))

    def diagnose(self, sections: Any, table: pa.Table, sides: Split) -> Diagnosis:
        """Look at the numbers of each part."""
        from kerasseq.diagnosis.vectors import diagnose_series

        return diagnose_series(table, sides, self.window, self.horizon)
