"""Two finished runs with small, awkward data."""

import dataclasses

import numpy as np
import pytest

from kerasseq.metrics import classification_scores, regression_scores
from kerasseq.report import AttentionSample, ReportData

_ARABIC = "ذهب الولدُ إلى المدرسة صباحًا مع أخيه"
_MIXED = "GPT-4 نموذج لغوي كبير من شركة OpenAI يفهم العربية"
_ENGLISH = "the film was good, and then it was not"


def _history():
    keys = ("epoch", "loss", "validation_loss", "accuracy", "learning_rate", "gradient_norm")
    rows = [(1, 1.0, 0.9, 0.5, 1e-3, 2.0), (2, 0.7, 0.6, 0.7, 1e-3, 1.5), (3, 0.4, 0.8, None, 5e-4, float("nan"))]
    return [dict(zip(keys, row, strict=True)) for row in rows]


def _common(texts):
    return {
        "name": "demo",
        "created": "2025-01-02T03:04:05+00:00",
        "parameters": 12345,
        "seconds": 75.0,
        "settings": 'name = "demo"\n',
        "environment": {"backend": "torch", "versions": {"keras": "3.15.0"}, "threads": 2},
        "dataset": {"rows": {"train": 1000, "test": len(texts)}, "licence": "CC0-1.0", "truncated": 0.0125},
        "history": _history(),
        "texts": texts,
    }


@pytest.fixture(scope="session")
def classification():
    """Three classes, sixty rows of Arabic, mixed and English text, one of two lines."""
    generator = np.random.default_rng(0)
    texts = [f"{[_ARABIC, _MIXED, _ENGLISH][i % 3]} {i}" for i in range(59)] + ["السؤال الأول\nthe answer"]
    labels = ("سلبي", "محايد", "positive")
    truth = generator.integers(0, 3, 60)
    probabilities = generator.dirichlet(np.ones(3), 60)
    probabilities[np.arange(60), truth] += 0.5
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    share = np.full((60, 3), 1 / 3)
    samples = (
        AttentionSample(("ذهب", "الولدُ", "إلى", "machine", "learning"), (0.5, 0.2, 0.1, 0.1, 0.1), "سلبي", "محايد"),
        AttentionSample(("ال", "كت", "اب ", "جيد"), (0.1, 0.2, 0.3, 0.4), "محايد", "محايد", ""),
    )
    return ReportData(
        task="classification",
        scores=classification_scores(truth, probabilities, labels, resamples=100),
        baselines={"majority": classification_scores(truth, share, labels, resamples=100)},
        truth=truth,
        prediction=probabilities.argmax(axis=1),
        probabilities=probabilities,
        labels=labels,
        where=[f"test.csv:{i + 2}" for i in range(60)],
        attention=samples,
        **_common(texts),
    )


@pytest.fixture(scope="session")
def regression():
    """Scores from 0 to 10 of forty Arabic texts."""
    generator = np.random.default_rng(1)
    truth = generator.uniform(0, 10, 40)
    prediction = np.clip(truth + generator.normal(0, 1, 40), 0, 10)
    mean = np.full(40, truth.mean())
    return ReportData(
        task="regression",
        scores=regression_scores(truth, prediction, resamples=100),
        baselines={"mean": regression_scores(truth, mean, resamples=100)},
        truth=truth,
        prediction=prediction,
        unit="points",
        range=(0.0, 10.0),
        language="ar",
        **_common([f"{_ARABIC} {'جدا ' * i}" for i in range(40)]),
    )


@pytest.fixture
def changed():
    """`changed(data, name="x")`: a copy with some fields replaced."""
    return dataclasses.replace
