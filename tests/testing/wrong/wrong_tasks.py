"""What the tasks and exporters of `wrong_rest` build."""

from keras import ops

from kerasseq.exporters.exporter import Exported, Exporter, Refused
from kerasseq.tasks.classifier import Classifier


class TruthIsNumbers(Classifier):
    def truth_column(self, truth):
        return [str(i) for i in truth]


class ForgetsTheOrder(Classifier):
    def state(self):
        return {"labels": list(reversed(self.labels))}


class PromisesNine(Classifier):
    def __init__(self, spec, labels):
        super().__init__(spec, labels)
        self.outputs = {"logits": (None, 9)}


class LossOfTheBatch(Classifier):
    def loss(self, outputs, targets):
        loss = super().loss(outputs, targets)
        return loss - ops.mean(loss)


class ScoreFirst(Classifier):
    def columns(self, predictions):
        columns = super().columns(predictions)
        return {"score": columns["score"], **columns}


class UnknownScore(Classifier):
    def __init__(self, spec, labels):
        super().__init__(spec, labels)
        self.main_score = "bleu"


class OtherAnswersInTheGraph(Classifier):
    def to_onnx(self, graph, outputs):
        super().to_onnx(graph, {"logits": graph.node("Sigmoid", outputs["logits"])})


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
