from pathlib import Path

import numpy as np
import pytest
import torch
from kerasseq_bench.translation import ours, translation_settings
from kerasseq_bench.translation_rivals import BEGIN, Pairs, Translator, by_hand

from kerasseq import read_experiment
from kerasseq.plugin import UsageError

CONFIG = """
name = "tiny"
[dataset]
name = "dates"
rows = 80
[tokenizer]
name = "character"
[embedding]
name = "learned"
dimension = 4
[encoder]
name = "gru"
units = 3
layers = 1
bidirectional = true
[decoder]
name = "gru"
units = 6
[search]
name = "greedy"
[task]
name = "translation"
[training]
batch_size = 8
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "tiny.toml"
    file.write_text(CONFIG, encoding="utf-8")
    return file


def test_everyone_trains_on_the_same_pairs_and_writes_as_much(config: Path, tmp_path: Path) -> None:
    settings = translation_settings(read_experiment(config))
    job = {**settings, "config": str(config), "overrides": [], "folder": str(tmp_path), "updates": 2, "tokens": 5}
    work = ours(job)
    tokens = work["train"](0)
    assert work["greedy"](1) == 16
    with np.load(tmp_path / "pairs.npz") as arrays:
        pairs = Pairs(**arrays)
    assert tokens == sum(int((pairs.padded("written", rows) > 0).sum()) for rows in pairs.of_turn(0, 2))
    assert pairs.written.max() < pairs.sizes[1]
    for expert in (False, True):
        rival = by_hand({**job, "expert": expert})
        assert rival["train"](0) == tokens
        assert rival["greedy"](1) == 16


def test_the_expert_computes_what_tutorials_do() -> None:
    sizes = {"dimension": 4, "encoder": 3, "decoder": 5, "embedding_dropout": 0.5, "dropout": 0.5}
    plain, expert = (Translator(sizes, 9, 8, kind).eval() for kind in (False, True))
    expert.load_state_dict(plain.state_dict())
    read, given = torch.tensor([[3, 4, 5], [6, 0, 0]]), torch.tensor([[BEGIN, 4, 5, 3], [BEGIN, 7, 0, 0]])
    torch.testing.assert_close(plain(read, given), expert(read, given))
    found = plain.write(read, 6)
    torch.testing.assert_close(found, expert.write(read, 6))
    assert found.min() > BEGIN
    assert plain(read, torch.cat([torch.full((2, 1), BEGIN), found], 1))[:, 0, BEGIN + 1 :].argmax(1).tolist() == [
        int(row[0]) - BEGIN - 1 for row in found
    ]


@pytest.mark.parametrize(
    ("override", "said"), [("encoder.layers=2", "encoder"), ('decoder.name="lstm"', "decoder"), ("x", "task.name")]
)
def test_a_model_that_the_rivals_have_not_is_refused(config: Path, override: str, said: str) -> None:
    if override == "x":
        experiment = read_experiment(Path(__file__).parents[3] / "configs" / "gru.toml")
    else:
        experiment = read_experiment(config, [override])
    with pytest.raises(UsageError, match=said):
        translation_settings(experiment)
