"""What a configuration asks for, beside what its weights have: that of our own models is never too much."""

import json
from typing import Any

import keras
import pytest

from kerasseq.arrays.keras_config import check_config
from kerasseq.config.read import read_experiment
from kerasseq.experiment import build

WORDS = 20_000
CONFIG = """
name = "many"
[dataset]
name = "documents"
train = "texts.txt"
[split]
validation = 0.01
test = 0.01
[tokenizer]
name = "word"
min_frequency = 1
[embedding]
name = "learned"
dimension = 100
[encoder]
name = "lstm"
units = 256
layers = 1
bidirectional = false
[task]
name = "language_model"
tied = TIED
"""


def faults(model: Any) -> list[str]:
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(model)))
    shapes = [tuple(weight.shape) for weight in model.weights]
    kept = sum(weight.numpy().nbytes if hasattr(weight, "numpy") else 0 for weight in model.weights)
    return list(check_config(config, lambda name: True, max(max(shape, default=1) for shape in shapes), kept))


@pytest.mark.parametrize("tied", ["true", "false"])
def test_a_language_model_of_many_words_asks_for_what_it_has(tied: str, tmp_path: Any) -> None:
    (tmp_path / "texts.txt").write_text(" ".join(f"w{n}" for n in range(WORDS + 500)), encoding="utf-8")
    (tmp_path / "c.toml").write_text(CONFIG.replace("TIED", tied), encoding="utf-8")
    trained, _ = build(read_experiment(tmp_path / "c.toml"))
    assert max(weight.shape[0] for weight in trained.model.weights) > 0.95 * WORDS
    assert faults(trained.model) == []


def test_a_table_that_another_layer_has_may_not_be_a_way_in(tmp_path: Any) -> None:
    layer = {"module": "kerasseq", "class_name": "NextToken", "registered_name": "kerasseq>NextToken"}
    asked = {**layer, "config": {"vocabulary": 60_000}, "build_config": {"shapes_dict": {"table_shape": [9, 60_000]}}}
    (fault,) = check_config({"layers": [asked]}, lambda name: True, 9, 1000)
    assert "must ask for the 1,000 bytes of weights that are there" in fault
