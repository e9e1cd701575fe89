"""What the tasks and exporters of `wrong_rest` build."""

from dataclasses import replace

import numpy as np
from keras import ops

from kerasseq.arrays.ragged import Ragged
from kerasseq.exporters.exporter import Exported, Exporter, Refused
from kerasseq.onnx_graph.graph import Inexpressible
from kerasseq.pipelines.text import TextPipeline
from kerasseq.pipelines.text_in_graph import TextInGraph
from kerasseq.tasks.classifier import Classifier
from kerasseq.tasks.task import Output


class TruthIsNumbers(Classifier):
    def truth_column(self, truth):
        return [str(i) for i in truth]


class ForgetsTheOrder(Classifier):
    def state(self):
        return {"labels": list(reversed(self.labels))}


class PromisesNine(Classifier):
    def __init__(self, spec, pipeline, labels):
        super().__init__(spec, pipeline, labels)
        self.outputs = (Output("logits", ("batch", 9)),)


class PoolsPadding(Classifier):
    def build_model(self, parts):
        return super().build_model(replace(parts, pooler=lambda x, mask=None: ops.mean(x, axis=1)))


class LossOfTheBatch(Classifier):
    def loss(self, outputs, targets):
        loss = super().loss(outputs, targets)
        return loss - ops.mean(loss)


class ScoreFirst(Classifier):
    @property
    def answer_columns(self):
        first, second, *rest = super().answer_columns
        return (second, first, *rest)


class UnknownScore(Classifier):
    def __init__(self, spec, pipeline, labels):
        super().__init__(spec, pipeline, labels)
        self.main_score = "bleu"


class NothingToWatch(Classifier):
    def quick_scores(self, truth, predictions):
        return {"accuracy": super().quick_scores(truth, predictions)["accuracy"]}


class OtherAnswersInTheGraph(Classifier):
    def to_onnx(self, graph, outputs):
        super().to_onnx(graph, {"logits": graph.node("Sigmoid", outputs["logits"])})


def wrong_pipeline(kind, right):
    return kind(right.preprocessors, right.tokenizer_spec, right.tokenizer, right.pair)


class SpecialPipeline(TextPipeline):
    def encode(self, samples, on_disk=False):
        inputs, counts = super().encode(samples, on_disk)
        rows = [ids[::-1] if row == 0 else ids for row, ids in enumerate(inputs["tokens"])]
        return {"tokens": Ragged.from_lists(rows)}, counts

    def in_graph(self):
        raise Inexpressible("there is no first row")


class BackwardsPipeline(TextPipeline):
    def in_graph(self):
        return Backwards(self)


class Backwards(TextInGraph):
    def feeds(self, samples):
        return {"text": np.array([text[::-1] for text in samples.first], dtype=object)}


class WritesElsewhere(Exporter):
    name = "elsewhere"

    def path(self, directory):
        return directory.path.parent / "model.txt"

    def export(self, subject, path):
        raise Refused("model.txt: never written")


class LeavesASecondFile(Exporter):
    name = "two"

    def path(self, directory):
        return directory.path / "model.txt"

    def export(self, subject, path):
        path.write_text("one")
        path.with_suffix(".tmp").write_text("two")
        return Exported(path, {})
