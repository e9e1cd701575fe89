"""`[task] name = "marks"`: a mark for each word."""

import json

from kerasseq.plugin import Example, TaskSpec


class Marks(TaskSpec):
    """A mark for each word of a receipt, and how sure it is."""

    needs = frozenset({"embedding", "encoder"})
    forbids = frozenset({"preprocessor", "tokenizer", "pooler"})

    name: str = "marks"
    """The component."""

    def build(self, sections, table):
        """Learn the marks and the words."""
        from receipts.marker import Marker
        from receipts.rows import Words

        marks = sorted({mark for row in table["target"].to_pylist() for mark in row})
        pipeline = Words(())
        pipeline.fit(pipeline.samples(table))
        return Marker(marks, pipeline)

    def restore(self, sections, folder):
        """Those of a run."""
        from receipts.marker import Marker
        from receipts.rows import Words

        state = json.loads((folder / "task.json").read_text(encoding="utf-8"))
        words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        return Marker(state["marks"], Words(words))

    def diagnose(self, sections, table, sides):
        """How many words there are."""
        from kerasseq.diagnosis.findings import Diagnosis, Finding

        words = sum(map(len, table["tokens"].to_pylist()))
        return Diagnosis((Finding("pass", "words", f"{words} words on {table.num_rows} receipts"),))

    def example(self):
        """Eight receipts."""
        import pyarrow as pa

        words = [["2", "milk", "tea"][: 1 + row % 3] for row in range(8)]
        marks = [["amount", "item", "item"][: len(row)] for row in words]
        places = {"source": ["till.txt"] * 8, "line": pa.array(range(1, 9), pa.int64())}
        return Example(pa.table({"tokens": words, "target": marks, **places}), rows="tokens")
