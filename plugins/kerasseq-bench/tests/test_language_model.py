import json
from pathlib import Path

import numpy as np
import pytest
from kerasseq_bench import language_rivals
from kerasseq_bench.language_model import model_settings, ours
from kerasseq_bench.turns import Contender, in_turns, report

from kerasseq import read_experiment
from kerasseq.plugin import DataError, UsageError

CONFIG = """
name = "tiny"
[dataset]
name = "documents"
train = "text.txt"
[tokenizer]
name = "character"
[embedding]
name = "learned"
dimension = 4
[encoder]
name = "lstm"
units = 6
bidirectional = false
layers = 2
[task]
name = "language_model"
bptt = 5
[training]
batch_size = 3
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "text.txt").write_text("abcde fghij " * 40, encoding="utf-8")
    file = tmp_path / "tiny.toml"
    file.write_text(CONFIG, encoding="utf-8")
    return file


@pytest.fixture
def job(config: Path, tmp_path: Path) -> dict[str, object]:
    settings = model_settings(read_experiment(config))
    return {**settings, "config": str(config), "overrides": [], "updates": 2, "folder": str(tmp_path), "fused": False}


def test_everyone_trains_on_the_same_tokens(job: dict[str, object], tmp_path: Path) -> None:
    each = 2 * 3 * 5
    assert ours(job)["train"](0) == each
    with np.load(tmp_path / "tokens.npz") as found:
        assert len(found["tokens"]) > 300
        assert int(found["vocabulary"]) > found["tokens"].max()
    assert language_rivals.by_hand(job)["train"](0) == each
    assert language_rivals.by_hand({**job, "fused": True})["train"](40) == each  # the lanes begin again
    assert language_rivals.keras_fit(job)["train"](1) == each


def test_a_text_shorter_than_an_update_is_refused(job: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="train: must have 900 tokens"):
        ours({**job, "overrides": ["task.bptt=300"], "bptt": 300})


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ('task.documents="apart"', "task.documents"),
        ("task.tied=true", "task.tied"),
        ('embedding.name="vectors"', "embedding"),
    ],
)
def test_a_model_that_the_rivals_have_not_is_refused(config: Path, override: str, said: str) -> None:
    with pytest.raises((UsageError, Exception), match=said):
        model_settings(read_experiment(config, [override]))


def test_a_table_says_how_much_faster_ours_is_by_both_clocks() -> None:
    rounds = [[{"seconds": s, "cpu": s / 2, "count": 100}] * 3 for s in (1.0, 3.0)]
    rows = [
        {"name": n, "measure": "train", "failed": "", "rounds": r}
        for n, r in zip(("kerasseq", "other"), rounds, strict=True)
    ]
    rows.append({"name": "third", "measure": "", "failed": "ImportError: no", "rounds": []})
    said = report(rows, {"train": "tokens"})
    assert "| kerasseq | 100 | 200 |  |  |" in said
    assert "| other | 33 | 67 | 3.00 | 3.00 |" in said
    assert "third failed: ImportError: no." in said


def test_contenders_are_measured_in_turns_each_in_its_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kerasseq_bench.turns.Worker", Echo)
    contenders = [Contender(name, "torch", "m:f", {"name": name}) for name in ("one", "two", "gone")]
    rows = in_turns(contenders, {"x": 1}, tmp_path, 2, 1)
    assert json.loads((tmp_path / "1.json").read_text(encoding="utf-8"))["name"] == "two"
    assert [(row["name"], row["measure"], len(row["rounds"])) for row in rows[:2]] == [
        ("one", "go", 2),
        ("two", "go", 2),
    ]
    assert rows[2]["failed"] == "no"
    assert [name for name in Echo.told if name != "stop"] == ["one", "two", "two", "one", "one", "two"]
    assert Echo.told.count("stop") == 3


class Echo:
    """Stands for a process."""

    told: list[str] = []

    def __init__(self, backend: str, threads: int, log: Path, command: tuple[str, ...]) -> None:
        self.name = json.loads(Path(command[2]).read_text(encoding="utf-8"))["name"]

    def hear(self) -> dict[str, object]:
        return {"error": "no"} if self.name == "gone" else {"measures": ["go"]}

    def ask(self, do: str, turn: int) -> dict[str, object]:
        self.told.append(self.name)
        return {"seconds": 1.0, "cpu": 1.0, "count": turn}

    def stop(self) -> None:
        self.told.append("stop")
