"""A linear model as users of scikit-learn write it: fitted, pickled, and asked in chunks.

A rival to measure, on purpose without anything of kerasseq. Run as `python -m kerasseq_bench.linear fit ROWS MODEL`
with rows in a file as `{"text": ..., "target": ...}` a line, or as `... answer MODEL TEXTS.csv ANSWERS.csv`.
"""

from __future__ import annotations

import csv
import json
import pickle
import sys
from itertools import islice
from pathlib import Path

__all__ = ["answer", "fit"]

CHUNK = 10_000


def fit(rows: str, model: str) -> None:
    """Fit it: words and their pairs, and 2 to 5 letters inside words; numbers by a line, classes by its sigmoid."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline, make_union

    read = [json.loads(line) for line in Path(rows).read_text(encoding="utf-8").splitlines()]
    texts, targets = [row["text"] for row in read], [row["target"] for row in read]
    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )
    line = LogisticRegression(max_iter=1000) if isinstance(targets[0], str) else Ridge()
    Path(model).write_bytes(pickle.dumps(make_pipeline(features, line).fit(texts, targets)))


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
