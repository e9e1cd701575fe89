"""Presets of keras-hub: a name is handed on, a folder is read, and what fails says what to do."""

import json
import shutil

import keras
import keras_hub
import numpy as np
import pytest
from kerasseq_gpt2.encoder import Gpt2
from kerasseq_gpt2.presets import opened
from kerasseq_gpt2.tokenizer import Gpt2Vocabulary

import kerasseq
from kerasseq.plugin import DataError, DownloadError


@pytest.fixture(scope="module")
def saved(tmp_path_factory, vocabulary):
    """A small GPT-2 as keras-hub saves it, and its backbone."""
    folder = tmp_path_factory.mktemp("saved") / "preset"
    sizes = {"num_layers": 1, "num_heads": 2, "hidden_dim": 8, "intermediate_dim": 32, "max_sequence_length": 24}
    backbone = keras_hub.models.GPT2Backbone(vocabulary_size=263, **sizes)
    backbone.save_to_preset(str(folder))
    tokens = json.loads((vocabulary / "vocab.json").read_text(encoding="utf-8"))
    merges = (vocabulary / "merges.txt").read_text(encoding="utf-8").splitlines()[1:]
    keras_hub.models.GPT2Tokenizer(tokens, merges).save_to_preset(str(folder))
    return folder, backbone


def test_a_folder_that_keras_hub_saved_gives_the_tokens_and_the_weights(saved, vocabulary):
    folder, backbone = saved
    tokenizer = Gpt2Vocabulary(preset=str(folder)).build()
    tokenizer.train([])
    assert tokenizer.vocabulary == Gpt2Vocabulary(folder=str(vocabulary)).build().vocabulary
    layer = Gpt2(preset=str(folder)).build_carried().layer(len(tokenizer.vocabulary))
    assert layer.context == 24
    theirs = keras.ops.convert_to_numpy(backbone({"token_ids": np.array([[1, 4]]), "padding_mask": np.ones((1, 2))}))
    ours = layer.backbone({"token_ids": np.array([[4, 7]]), "padding_mask": np.ones((1, 2))})
    np.testing.assert_allclose(keras.ops.convert_to_numpy(ours), theirs, atol=1e-6)


CONFIG = """
name = "preset"
exporter = []
[dataset]
name = "documents"
train = "cats.txt"
[tokenizer]
name = "gpt2"
preset = "{folder}"
[encoder]
name = "gpt2"
preset = "{folder}"
[search]
name = "greedy"
[task]
name = "gpt2"
bptt = 8
[training]
epochs = 1
[evaluation]
baselines = false
resamples = 100
"""


def test_a_run_of_a_preset_is_opened_where_the_preset_is_no_more(saved, tmp_path):
    folder = shutil.copytree(saved[0], tmp_path / "preset")
    (tmp_path / "cats.txt").write_text("the cat a cat the\n" * 40, encoding="utf-8")
    (tmp_path / "preset.toml").write_text(CONFIG.format(folder=folder), encoding="utf-8")
    run = kerasseq.run(tmp_path / "preset.toml", tmp_path / "runs")
    shutil.rmtree(folder)
    again = kerasseq.load(run.directory.path)
    rows = ["the cat", "a"]
    np.testing.assert_allclose(*(model.predict(rows)["prediction"] for model in (run.model, again)), rtol=1e-4)


def test_a_name_is_handed_to_keras_hub(saved, monkeypatch):
    asked = []

    def from_preset(name):
        asked.append(name)
        return saved[1]

    monkeypatch.setattr(keras_hub.models.GPT2Backbone, "from_preset", from_preset)
    layer = Gpt2(preset="gpt2_base_en").build_carried().layer(265)
    assert asked == ["gpt2_base_en"]
    assert layer.backbone.hidden_dim == 8


def test_a_preset_that_cannot_be_fetched_says_how_to_bring_it(monkeypatch):
    def from_preset(name):
        raise ConnectionError("no route to host\nand more")

    monkeypatch.setattr(keras_hub.models.GPT2Tokenizer, "from_preset", from_preset)
    with pytest.raises(DownloadError) as refused:
        Gpt2Vocabulary(preset="gpt2_base_en").build().train([])
    said = str(refused.value)
    assert said.startswith('preset: "gpt2_base_en" could not be fetched, got ConnectionError: no route to host')
    assert "save_to_preset(FOLDER)" in said
    assert "\n" not in said


def test_what_is_no_preset_of_gpt2_is_refused(saved, tmp_path):
    with pytest.raises(DataError, match=r'must be a folder, an address or one of gpt2_base_en, .*, got "bert_base_en"'):
        opened("GPT2Backbone", "bert_base_en")
    with pytest.raises(DataError, match=f"{tmp_path}: must be a preset of GPT-2 as keras-hub saves it, got "):
        opened("GPT2Backbone", str(tmp_path))
    cut = shutil.copytree(saved[0], tmp_path / "cut")
    weights = cut / "model.weights.h5"
    weights.write_bytes(weights.read_bytes()[:500])
    with pytest.raises(DataError, match="cut: must be a preset of GPT-2 as keras-hub saves it, got "):
        opened("GPT2Backbone", str(cut))
