"""The program of the lectures: a recurrent text model written by hand in PyTorch, every text padded to one length.

A rival to measure, on purpose without anything of kerasseq: regexes, words between spaces, a `DataLoader` of padded
rows, `nn.LSTM`, AdamW, clipping. Run as `python -m kerasseq_bench.lectures SETTINGS.json OUT.json`; the settings name
files of rows, `{"text": ..., "target": ...}` a line.
"""

# B batch, T time, D features, F features of a pooled text

from __future__ import annotations

import json
import re
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

__all__ = ["Model", "encode", "main", "normalise", "pearson", "train"]

PADDING, UNKNOWN = 0, 1


def normalise(text: str) -> str:
    """Lower case, one spelling of Arabic letters, words and single spaces.

    >>> normalise("A <br/>good film, أحْمَد!")
    'a good film احمد'
    """
    text = re.sub(r"<[^>]+>", " ", text)
    text = re.sub(r"https?://\S+|www\.\S+", " ", text)
    text = text.lower()
    text = re.sub("[إأآٱ]", "ا", text)
    text = re.sub("ى", "ي", text)
    text = re.sub("ة", "ه", text)
    text = re.sub("[\u064b-\u0652\u0640]", "", text)
    text = re.sub(r"[^\w\s]", " ", text)
    return re.sub(r"\s+", " ", text).strip()


def read(path: str) -> tuple[list[list[str]], list[Any]]:
    """The words and the target of each row."""
    rows = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    return [normalise(row["text"]).split() for row in rows], [row["target"] for row in rows]


def encode(words: list[list[str]], index: dict[str, int], length: int) -> torch.Tensor:
    """Ids `(N, T)`, zeros behind the words."""
    rows = []
    for text in words:
        ids = [index.get(word, UNKNOWN) for word in text[:length]] or [UNKNOWN]
        rows.append(ids + [PADDING] * (length - len(ids)))
    return torch.tensor(rows)


class Model(nn.Module):  # type: ignore[misc]
    """Embedding, recurrent layers over the padded rows, pooling over the words, a linear head.

    Args:
        settings: See `kerasseq_bench.training.lecture_settings`.
        vocabulary: Its size.
        outputs: Classes, or 1.
    """

    def __init__(self, settings: dict[str, Any], vocabulary: int, outputs: int) -> None:
        super().__init__()
        cells = {"simple_rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
        units, directions = settings["units"], 2 if settings["bidirectional"] else 1
        self.pooler, self.units = settings["pooler"], units
        self.embedding = nn.Embedding(vocabulary, settings["dimension"], padding_idx=PADDING)
        self.embedding_dropout = nn.Dropout(settings["embedding_dropout"])
        self.encoder = cells[settings["cell"]](
            settings["dimension"],
            units,
            num_layers=settings["layers"],
            batch_first=True,
            dropout=settings["dropout"] if settings["layers"] > 1 else 0.0,
            bidirectional=settings["bidirectional"],
        )
        self.dropout = nn.Dropout(settings["head_dropout"])
        self.head = nn.Linear(units * directions, outputs)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Outputs `(B, outputs)` of ids `(B, T)`."""
        mask = (ids != PADDING).unsqueeze(-1)  # (B, T, 1)
        x, _ = self.encoder(self.embedding_dropout(self.embedding(ids)))  # (B, T, F)
        result: torch.Tensor = self.head(self.dropout(self._pool(x, mask)))
        return result

    def _pool(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        if self.pooler == "max":
            return x.masked_fill(~mask, float("-inf")).amax(1)
        if self.pooler == "last":
            end = mask.squeeze(-1).sum(1) - 1
            last = x[torch.arange(len(x), device=x.device), end]
            return torch.cat([last[:, : self.units], x[:, 0, self.units :]], dim=1)
        return (x * mask).sum(1) / mask.sum(1)


def pearson(a: torch.Tensor, b: torch.Tensor) -> float:
    """Pearson's r of two vectors; 0 where one of them is constant."""
    a, b = a.double() - a.double().mean(), b.double() - b.double().mean()
    scale = float(a.norm() * b.norm())
    return float(a @ b) / scale if scale else 0.0


def answers(model: nn.Module, rows: DataLoader[Any], device: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Outputs of every row, and the targets."""
    model.eval()
    with torch.no_grad():
        found = [(model(ids.to(device)).cpu(), target) for ids, target in rows]
    return torch.cat([output for output, _ in found]), torch.cat([target for _, target in found])


def train(settings: dict[str, Any], sides: dict[str, TensorDataset], vocabulary: int, outputs: int) -> dict[str, Any]:
    """Train for all epochs, measure the validation rows after each and the test rows at the end."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    loaders: dict[str, DataLoader[Any]] = {
        side: DataLoader(rows, settings["batch_size"], shuffle=side == "train") for side, rows in sides.items()
    }
    model = Model(settings, vocabulary, outputs).to(device)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=settings["learning_rate"], weight_decay=settings["weight_decay"]
    )
    loss_of = nn.CrossEntropyLoss() if outputs > 1 else nn.MSELoss()
    training, validation = [], []
    for epoch in range(settings["epochs"]):
        started = time.perf_counter()
        model.train()
        for ids, target in loaders["train"]:
            output = model(ids.to(device))
            loss = loss_of(output if outputs > 1 else output.squeeze(1), target.to(device))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        trained = time.perf_counter()
        if len(sides["validation"]):
            output, target = answers(model, loaders["validation"], device)
            value = float(loss_of(output if outputs > 1 else output.squeeze(1), target))
            print(f"lectures, epoch {epoch + 1}: validation loss {value:.4f}", file=sys.stderr, flush=True)
        training.append(trained - started)
        validation.append(time.perf_counter() - trained)
    output, target = answers(model, loaders["test"], device)
    return {"training": training, "validation": validation, "output": output, "target": target}


def prepare(settings: dict[str, Any]) -> tuple[dict[str, TensorDataset], int, int, tuple[float, float]]:
    """Padded rows of each side, the sizes of vocabulary and output, mean and deviation of a score."""
    rows = {side: read(path) for side, path in settings["rows"].items()}
    counts = Counter(word for text in rows["train"][0] for word in text)
    frequent = [w for w, n in counts.most_common(settings["vocabulary_size"] - 2) if n >= settings["min_frequency"]]
    index = {word: i for i, word in enumerate(frequent, start=2)}
    labels = sorted(set(rows["train"][1])) if settings["classification"] else []
    numbers = torch.tensor([0.0, 1.0] if labels else [float(y) for y in rows["train"][1]])
    mean, deviation = float(numbers.mean()), float(numbers.std(correction=0)) or 1.0
    sides = {}
    for side, (words, targets) in rows.items():
        if labels:
            y = torch.tensor([labels.index(target) for target in targets], dtype=torch.long)
        else:
            y = (torch.tensor([float(target) for target in targets]) - mean) / deviation
        sides[side] = TensorDataset(encode(words, index, settings["max_length"]), y)
    return sides, len(index) + 2, max(len(labels), 1), (mean, deviation)


def scores(
    output: torch.Tensor, target: torch.Tensor, unit: tuple[float, float], limits: list[float]
) -> dict[str, float]:
    """Accuracy of classes; Pearson's r and the mean absolute error of scores."""
    if output.shape[1] > 1:
        return {"accuracy": float((output.argmax(1) == target).double().mean())}
    mean, deviation = unit
    answer, truth = output.squeeze(1) * deviation + mean, target * deviation + mean
    if limits:
        answer = answer.clamp(*limits)
    return {"r": pearson(answer, truth), "mae": float((answer - truth).abs().mean())}


def main(settings: dict[str, Any]) -> dict[str, Any]:
    """Prepare, train, measure."""
    torch.manual_seed(settings["seed"])
    if settings["threads"]:
        torch.set_num_threads(settings["threads"])
    started = time.perf_counter()
    sides, vocabulary, outputs, unit = prepare(settings)
    preparation = time.perf_counter() - started
    found = train(settings, sides, vocabulary, outputs)
    return {
        "preparation": preparation,
        "training": found["training"],
        "validation": found["validation"],
        "scores": scores(found["output"], found["target"], unit, settings["range"]),
        "rows": {side: len(rows) for side, rows in sides.items()},
        "vocabulary": vocabulary,
        "threads": torch.get_num_threads(),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }


if __name__ == "__main__":
    result = main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    Path(sys.argv[2]).write_text(json.dumps(result), encoding="utf-8")
