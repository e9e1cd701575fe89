"""Two tests of small, awkward data, and the reports that their tasks make of them."""

import dataclasses

import numpy as np
import pytest

from kerasseq.corpus.text import Texts
from kerasseq.pipelines.text import TextPipeline
from kerasseq.report import AttentionSample, ReportData
from kerasseq.tasks.classification import Classification
from kerasseq.tasks.regression import Regression
from kerasseq.tasks.task import Tested
from kerasseq.tokenizers.whitespace import Whitespace

_ARABIC = "ذهب الولدُ إلى المدرسة صباحًا مع أخيه"
_MIXED = "GPT-4 نموذج لغوي كبير من شركة OpenAI يفهم العربية"
_ENGLISH = "the film was good, and then it was not"


def _history():
    keys = ("epoch", "loss", "validation_loss", "accuracy", "learning_rate", "gradient_norm")
    rows = [(1, 1.0, 0.9, 0.5, 1e-3, 2.0), (2, 0.7, 0.6, 0.7, 1e-3, 1.5), (3, 0.4, 0.8, None, 5e-4, float("nan"))]
    return [dict(zip(keys, row, strict=True)) for row in rows]


def _pipeline():
    words = Whitespace()
    return TextPipeline((), words, words.build())


def _report(task, tested, main, **fields):
    return ReportData(
        name="demo",
        kind=task.kind,
        use=task.use(),
        created="2025-01-02T03:04:05+00:00",
        parameters=12345,
        seconds=75.0,
        settings='name = "demo"\n',
        environment={"backend": "torch", "versions": {"keras": "3.15.0"}, "threads": 2},
        dataset={"rows": {"train": 1000, "test": len(tested.samples)}, "licence": "CC0-1.0", "truncated": 0.0125},
        history=_history(),
        scores=tested.scores,
        rows=len(tested.samples),
        sections=task.sections(tested),
        main=main,
        language=tested.language,
        **fields,
    )


@pytest.fixture(scope="session")
def classifier():
    """`classifier(labels)`: a classification."""
    return lambda labels: Classification(name="classification").restored({"labels": labels}, _pipeline())


@pytest.fixture(scope="session")
def regressor():
    """Scores from 0 to 10."""
    return Regression(name="regression", range=(0.0, 10.0)).restored({"mean": 5.0, "deviation": 2.0}, _pipeline())


@pytest.fixture(scope="session")
def moods(classifier):
    """A test of three classes, sixty rows of Arabic, mixed and English text, one of two lines."""
    generator = np.random.default_rng(0)
    texts = [f"{[_ARABIC, _MIXED, _ENGLISH][i % 3]} {i}" for i in range(59)] + ["السؤال الأول\nthe answer"]
    task = classifier(("سلبي", "محايد", "positive"))
    truth = generator.integers(0, 3, 60)
    probabilities = generator.dirichlet(np.ones(3), 60)
    probabilities[np.arange(60), truth] += 0.5
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    predictions = task.read({"probabilities": probabilities})
    scores = task.scores(truth, predictions, 100, 0.95, 0)
    return Tested(Texts(texts), truth, predictions, scores, [f"test.csv:{i + 2}" for i in range(60)])


@pytest.fixture(scope="session")
def points(regressor):
    """A test of scores from 0 to 10 of forty Arabic texts."""
    generator = np.random.default_rng(1)
    truth = generator.uniform(0, 10, 40)
    predictions = regressor.read({"score": np.clip(truth + generator.normal(0, 1, 40), 0, 10)})
    texts = Texts([f"{_ARABIC} {'جدا ' * i}" for i in range(40)])
    return Tested(texts, truth, predictions, regressor.scores(truth, predictions, 100, 0.95, 0), (), "ar")


@pytest.fixture(scope="session")
def classification(moods, classifier):
    """The report of `moods`."""
    task = classifier(moods.predictions.labels)
    share = task.read({"probabilities": np.full((60, 3), 1 / 3)})
    samples = (
        AttentionSample(("ذهب", "الولدُ", "إلى", "machine", "learning"), (0.5, 0.2, 0.1, 0.1, 0.1), "سلبي", "محايد"),
        AttentionSample(("ال", "كت", "اب ", "جيد"), (0.1, 0.2, 0.3, 0.4), "محايد", "محايد", ""),
    )
    baselines = {"majority": task.scores(moods.truth, share, 100, 0.95, 0)}
    return _report(task, moods, "f1_macro", baselines=baselines, attention=samples)


@pytest.fixture(scope="session")
def regression(points, regressor):
    """The report of `points`."""
    mean = regressor.read({"score": np.full(40, points.truth.mean())})
    return _report(regressor, points, "mae", baselines={"mean": regressor.scores(points.truth, mean, 100, 0.95, 0)})


@pytest.fixture
def changed():
    """`changed(data, name="x")`: a copy with some fields replaced."""
    return dataclasses.replace
