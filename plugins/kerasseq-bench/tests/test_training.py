import json
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from kerasseq_bench import lectures
from kerasseq_bench.training import lecture_settings, training

from kerasseq import read_experiment
from kerasseq.plugin import UsageError

CONFIG = """
name = "tiny"
[dataset]
name = "bundled"
set = "{set}"
[tokenizer]
name = "word"
max_length = 12
[embedding]
name = "learned"
dimension = 8
[encoder]
name = "{cell}"
units = 8
layers = 1
bidirectional = {bidirectional}
[pooler]
name = "{pooler}"
[task]
name = "{task}"
[training]
epochs = 1
batch_size = 128
"""


def config(folder: Path, set: str, cell: str, pooler: str, task: str, bidirectional: str = "true") -> Path:
    file = folder / "tiny.toml"
    text = CONFIG.format(set=set, cell=cell, pooler=pooler, task=task, bidirectional=bidirectional)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("rows", "cell", "pooler", "task", "scores", "substituted"),
    [
        ("reviews_en", "lstm", "max", "classification", {"accuracy"}, False),
        pytest.param("technology_ar", "gru", "attention", "regression", {"r", "mae"}, True, marks=pytest.mark.slow),
    ],
)
def test_both_programs_train_on_the_same_rows_and_are_measured(
    tmp_path: Path, rows: str, cell: str, pooler: str, task: str, scores: set[str], substituted: bool
) -> None:
    file = tmp_path / "found.json"
    asked = [str(config(tmp_path, rows, cell, pooler, task)), "--epochs", "2", "--threads", "1", "--json", str(file)]
    result = CliRunner().invoke(training, asked, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "| the lectures' PyTorch |" in result.output
    assert ("masked mean in place of attention" in result.output) is substituted
    ours, theirs = json.loads(file.read_text(encoding="utf-8"))["programs"]
    assert ours["rows"] == theirs["rows"]
    for program in (ours, theirs):
        assert set(program["scores"]) == scores
        assert len(program["training"]) == len(program["validation"]) == 2
        assert 50 < program["peak"] < 20_000
        assert program["threads"] == 1
        assert program["whole"] > sum(program["training"]) > 0


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", ["simple_rnn", "gru", "lstm"])
@pytest.mark.parametrize("pooler", ["mean", "max", "last"])
def test_padding_behind_a_text_changes_no_answer_of_a_forward_model(
    cell: str, pooler: str, bidirectional: bool
) -> None:
    torch.manual_seed(0)
    settings = {"cell": cell, "units": 4, "layers": 2, "bidirectional": bidirectional, "dimension": 3, "pooler": pooler}
    settings |= {"dropout": 0.2, "embedding_dropout": 0.2, "head_dropout": 0.2}
    model = lectures.Model(settings, vocabulary=9, outputs=2).eval()
    short = model(torch.tensor([[3, 4, 5]]))
    padded = model(torch.tensor([[3, 4, 5, 0, 0]]))
    assert short.shape == (1, 2)
    same = torch.allclose(short, padded, atol=1e-6)
    assert same is (not bidirectional)  # backwards, the padding is read first: the lectures' fault


def test_the_score_is_pearsons_r() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 20))
    assert lectures.pearson(torch.tensor(a), torch.tensor(b)) == pytest.approx(np.corrcoef(a, b)[0, 1])
    assert lectures.pearson(torch.ones(3), torch.tensor([1.0, 2.0, 3.0])) == 0


def test_rows_are_cut_and_padded_and_an_empty_one_is_unknown() -> None:
    assert lectures.encode([["a", "x", "a"], []], {"a": 2}, 2).tolist() == [[2, 1], [1, 0]]


def test_the_lectures_take_sizes_and_rates_from_the_experiment(tmp_path: Path) -> None:
    file = config(tmp_path, "reviews_en", "simple_rnn", "last", "classification", "false")
    settings = lecture_settings(read_experiment(file, ["training.learning_rate=0.01"]))
    chosen = {"cell": "simple_rnn", "pooler": "last", "bidirectional": False, "max_length": 12, "dimension": 8}
    assert {key: settings[key] for key in chosen} == chosen
    assert settings["learning_rate"] == 0.01


def test_an_experiment_that_the_lectures_cannot_write_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "none.toml"
    text = CONFIG.format(set="reviews_en", cell="none", pooler="mean", task="classification", bidirectional="true")
    cut = text.replace("units = 8\nlayers = 1\nbidirectional = true\n", "")
    file.write_text(cut, encoding="utf-8")
    with pytest.raises(UsageError, match="encoder.name"):
        lecture_settings(read_experiment(file))
