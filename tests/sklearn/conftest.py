import pytest

from kerasseq.sklearn import KerasSeqClassifier

CONFIG = {
    "tokenizer": {"name": "word", "max_length": 8},
    "embedding": {"name": "learned", "dimension": 4},
    "encoder": {"name": "none"},
    "pooler": {"name": "mean"},
    "training": {"epochs": 1, "batch_size": 64, "learning_rate": 0.1},
}
"""Trains in a moment, and on jax compiles little."""

TEXTS = ["good food", "bad food", "a good book", "a bad book", "كتاب good", "طعام bad"] * 8
MOODS = ["yes", "no"] * 24


@pytest.fixture(scope="session")
def config():
    return CONFIG


@pytest.fixture(scope="session")
def texts():
    return TEXTS


@pytest.fixture(scope="session")
def moods():
    return MOODS


@pytest.fixture(scope="session")
def classifier():
    """To look at; it knows its texts."""
    return KerasSeqClassifier(config=CONFIG, epochs=4).fit(TEXTS, MOODS)
