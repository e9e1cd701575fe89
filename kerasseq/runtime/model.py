"""An exported model: texts in, answers out."""

# N texts, K classes

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kerasseq.errors import DataError, RunError
from kerasseq.runtime.metadata import read_metadata
from kerasseq.runtime.session import open_file
from kerasseq.runtime.texts import as_texts

__all__ = ["Model", "load"]

BATCH = 64
COUNTS = ("tokens", "truncated", "unknown")


class Model:
    """A `model.onnx`.

    Args:
        path: The file.
        threads: Of one call; 0 takes all cores.

    Attributes:
        metadata: What the file says about itself: labels, unit, versions, data, citation.
        labels: Class names; empty for a score.
        pairs: Whether it reads pairs of texts.

    Raises:
        RunError: The file is missing or damaged, is no export of kerasseq, or needs what is not installed.
    """

    def __init__(self, path: Path | str, threads: int = 0) -> None:
        self.path = Path(path)
        self.session = open_file(path, threads)
        self.metadata = read_metadata(self.session, self.path)
        if self.metadata["python_steps"]:
            steps = ", ".join(self.metadata["python_steps"])
            raise RunError(f"{self.path}: leaves {steps} to Python; ask the run it came from: kerasseq predict RUN")
        self.labels: tuple[str, ...] = tuple(self.metadata["labels"])
        self.pairs = self.metadata["pair"] != "single"

    def predict(self, texts: Iterable[str], second: Iterable[str] = ()) -> dict[str, list[Any]]:
        """Answers as named columns: `prediction`, and for classes `score` and `score[label]`.

        Args:
            texts: One text per answer; may be empty.
            second: The second text of each pair.

        Raises:
            UsageError: A single text stands where a list of texts belongs.
            DataError: Something in the list is no text, or single texts came where the model reads pairs.
        """
        return self.answer(texts, second)[0]

    def answer(self, texts: Iterable[str], second: Iterable[str] = ()) -> tuple[dict[str, list[Any]], dict[str, Any]]:
        """The columns of `predict`, and for every text what encoding did.

        Returns:
            The columns, and `tokens` (read by the model), `truncated` (lost to its greatest length) and `unknown`
            (outside its vocabulary), each an int64 array `(N,)`.

        Raises:
            UsageError: See `predict`.
            DataError: See `predict`.
        """
        import numpy as np

        first, other = _whole(texts), _whole(second)
        if bool(other) != self.pairs and first:
            wanted, got = ("pairs", "single texts") if self.pairs else ("single texts", "pairs")
            raise DataError(f"texts: must be {wanted}, got {got}")
        if other and len(other) != len(first):
            raise DataError(f"texts: must be as many second texts as first ones, got {len(first)} and {len(other)}")
        sides = [first, *([other] if self.pairs else [])]
        rows = [[side[start : start + BATCH] for side in sides] for start in range(0, max(len(first), 1), BATCH)]
        parts = [self._run(part) for part in rows]
        counts = {name: np.concatenate([part[n] for part in parts]) for n, name in enumerate(COUNTS, start=-3)}
        return self._columns([part[:-3] for part in parts]), counts

    def _run(self, sides: list[list[str]]) -> list[Any]:
        import numpy as np

        feeds = {n: np.array(side, dtype=object) for n, side in zip(("text", "text_2"), sides, strict=False)}
        wanted = ["label", "probabilities"] if self.labels else ["score"]
        answer: list[Any] = self.session.run([*wanted, *COUNTS], feeds)
        return answer

    def _columns(self, parts: list[list[Any]]) -> dict[str, list[Any]]:
        if not self.labels:
            return {"prediction": [round(float(score), 6) for (scores,) in parts for score in scores]}
        labels = [str(label) for names, _ in parts for label in names]
        rows = [[round(float(p), 6) for p in row] for _, probabilities in parts for row in probabilities]
        columns: dict[str, list[Any]] = {"prediction": labels, "score": [max(row) for row in rows]}
        return columns | {f"score[{label}]": [row[k] for row in rows] for k, label in enumerate(self.labels)}


def load(path: Path | str, threads: int = 0) -> Model:
    """Open a `model.onnx`; see `Model`."""
    return Model(path, threads)


def _whole(texts: Iterable[str]) -> list[str]:
    """The texts; half of a surrogate pair, which onnxruntime does not take, becomes a question mark."""
    return [text.encode("utf-8", "replace").decode() for text in as_texts(texts)]
