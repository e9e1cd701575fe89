"""A linear model as users of scikit-learn write it, a rival to measure: fitted, pickled, and asked in chunks.

Run as `python -m kerasseq_bench.linear fit EXPERIMENT.toml MODEL` or `... answer MODEL TEXTS.csv ANSWERS.csv`.
"""

from __future__ import annotations

import csv
import pickle
import sys
from itertools import islice
from pathlib import Path

__all__ = ["answer", "fit"]

CHUNK = 10_000


def fit(config: str, model: str) -> None:
    """Fit it on the training rows of an experiment: words and their pairs, and 2 to 5 letters inside words."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline, make_union

    from kerasseq import read_experiment
    from kerasseq.corpus.split import split

    experiment = read_experiment(config)
    table = experiment.dataset.build()
    rows = table.take(split(table, experiment.split, experiment.task.target).train)
    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )
    line = Ridge() if experiment.task.name == "regression" else LogisticRegression(max_iter=1000)
    fitted = make_pipeline(features, line).fit(rows["text"].to_pylist(), rows["target"].to_pylist())
    Path(model).write_bytes(pickle.dumps(fitted))


def answer(model: str, source: str, out: str) -> None:
    """Write the text and the answer of every row."""
    fitted = pickle.loads(Path(model).read_bytes())
    with open(source, encoding="utf-8", newline="") as texts, open(out, "w", encoding="utf-8", newline="") as answers:
        writer, rows = csv.writer(answers), csv.DictReader(texts)
        writer.writerow(["text", "prediction"])
        while chunk := [row["text"] for row in islice(rows, CHUNK)]:
            writer.writerows(zip(chunk, fitted.predict(chunk), strict=True))


if __name__ == "__main__":
    do = fit if sys.argv[1] == "fit" else answer
    do(*sys.argv[2:])
