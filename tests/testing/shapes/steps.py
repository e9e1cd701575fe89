"""A task of a shape of its own: every step of a sequence of vectors gets a tag. Its wrong forms break one rule each."""

import json

from kerasseq.spec import Example, TaskSpec

ROWS = 9


class Steps(TaskSpec):
    """A tag for each vector."""

    needs = frozenset({"encoder"})
    forbids = frozenset({"preprocessor", "tokenizer", "embedding", "pooler"})

    def example(self):
        """Sequences of 1 to 5 vectors, whose tag is the sign of their first number."""
        import numpy as np
        import pyarrow as pa

        random = np.random.default_rng(0)
        vectors = [random.normal(size=(1 + row % 5, 2)).astype("float32") for row in range(ROWS)]
        columns = {
            "vectors": pa.array([each.tolist() for each in vectors], pa.list_(pa.list_(pa.float32()))),
            "target": [["up" if step[0] > 0 else "down" for step in each] for each in vectors],
            "source": ["steps.npz"] * ROWS,
            "line": pa.array(range(1, ROWS + 1), pa.int64()),
        }
        return Example(pa.table(columns), rows="vectors")

    def build(self, sections, table):
        """Learn the tags."""
        tags = sorted({tag for row in table["target"].to_pylist() for tag in row})
        return self._built(tags)

    def restore(self, sections, folder):
        """The tags of a run."""
        return self._built(json.loads((folder / "task.json").read_text(encoding="utf-8"))["tags"])

    def _built(self, tags):
        import steps_task

        return getattr(steps_task, type(self).__name__)(tags)


class CountsPadding(Steps):
    """Its loss is the mean over all steps, padded ones too."""


class NotFiniteAlone(Steps):
    """Its loss divides by the steps of a row, of which a row of padding has none."""


class SaysOneTag(Steps):
    """Its answers are said to be one a row."""


class ForgetsProbabilities(Steps):
    """Reads other answers than it gave."""


class CountsNoSteps(Steps):
    """Its file does not say how many steps a row has."""


class WithoutExample(Steps):
    """Offers no rows."""

    def example(self):
        """None."""
        return None
