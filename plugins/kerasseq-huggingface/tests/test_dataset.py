"""Rows of the datasets library, in folders that its own tools wrote; no network is asked."""

import json
import re
from pathlib import Path

import datasets
import pytest
from datasets import ClassLabel, Dataset, DatasetDict, Features, Value
from kerasseq_huggingface.dataset import HuggingFace
from kerasseq_huggingface.rows import standard
from pydantic import ValidationError

import kerasseq
from kerasseq.plugin import DataError, DownloadError
from kerasseq.testing import checks_for

KINDS = ClassLabel(names=["سلبي", "good"])


def rows(count, start=0, **more):
    labels = [i % 2 for i in range(start, start + count)]
    texts = [f"{('bad', 'good')[label]} food {i}" for i, label in enumerate(labels, start)]
    features = Features({"text": Value("string"), "label": KINDS, **{name: Value("string") for name in more}})
    return Dataset.from_dict({"text": texts, "label": labels, **more}, features=features)


def spec(**settings):
    return HuggingFace(name="huggingface", **settings)


@pytest.fixture(scope="session")
def saved(tmp_path_factory):
    """Two splits as `save_to_disk` writes them."""
    folder = tmp_path_factory.mktemp("saved") / "reviews"
    DatasetDict({"train": rows(40), "dev": rows(10, 40)}).save_to_disk(str(folder))
    return str(folder)


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    """The Hub is never asked, and nothing is found in a cache."""
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()


def test_it_keeps_the_rules_of_a_dataset(saved):
    for check in checks_for(spec(folder=saved, validation="dev")):
        check(spec(folder=saved, validation="dev"))


def test_classes_have_their_names_and_rows_their_places(saved):
    table = spec(folder=saved, validation="dev").build()
    assert table["target"].to_pylist()[:3] == ["سلبي", "good", "سلبي"]
    assert table["text"].to_pylist()[41] == "good food 41"
    assert (table["source"][0].as_py(), table["line"][0].as_py()) == ("reviews/train", 1)
    assert (table["source"][40].as_py(), table["line"][49].as_py()) == ("reviews/dev", 10)
    assert table["split"].to_pylist() == ["train"] * 40 + ["validation"] * 10
    assert table.schema.metadata[b"target"] == b"label"


def test_one_split_alone_is_train_and_a_selection_is_respected(tmp_path):
    rows(20).select(range(5, 15)).save_to_disk(str(tmp_path / "one"))
    table = spec(folder=str(tmp_path / "one")).build()
    assert table["text"].to_pylist() == [f"{('bad', 'good')[i % 2]} food {i}" for i in range(5, 15)]
    assert "split" not in table.column_names


def test_files_of_a_folder_are_read_with_numbers_groups_weights_and_pairs(tmp_path):
    lines = [{"a": f"one {i}", "b": "two", "c": f"other {i}", "y": i / 4, "who": i % 3, "w": i} for i in range(8)]
    (tmp_path / "files").mkdir()
    text = "\n".join(map(json.dumps, lines))
    (tmp_path / "files" / "train.jsonl").write_text(text, encoding="utf-8")
    asked = spec(folder=str(tmp_path / "files"), cache=str(tmp_path / "cache"), text=("a", "b"), text_2="c", target="y",
                 group="who", weight="w")  # fmt: skip
    table = asked.build()
    assert set(table.column_names) - {"text", "target", "source", "line"} == asked.provides
    assert table.slice(3, 1).to_pylist() == [
        {"text": "one 3 two", "target": 0.75, "source": "files/train", "line": 4, "text_2": "other 3", "group": "0",
         "weight": 3.0}
    ]  # fmt: skip
    assert (tmp_path / "cache").is_dir()


@pytest.mark.parametrize(
    ("row", "said"), [(("", 1), "text: must have a text"), (("x", -1), "label: must have a target")]
)
def test_rows_without_a_text_or_a_target_are_named_or_left_out(tmp_path, caplog, row, said):
    features = Features({"text": Value("string"), "label": KINDS})
    made = Dataset.from_dict({"text": ["a", row[0], "b"], "label": [0, row[1], 1]}, features=features)
    made.save_to_disk(str(tmp_path / "bad"))
    with pytest.raises(DataError, match=f"^bad/train:2: {said}, got none\n1 rows are wrong"):
        spec(folder=str(tmp_path / "bad")).build()
    assert spec(folder=str(tmp_path / "bad"), on_bad_row="skip").build()["text"].to_pylist() == ["a", "b"]
    assert "left out 1 rows" in caplog.text


def test_what_is_missing_is_named_with_what_is_there(saved):
    with pytest.raises(DataError, match="dataset.test: must be a split, one of train, dev, got test"):
        spec(folder=saved, test="test").build()
    with pytest.raises(DataError, match='dataset.target: must be a column, one of text, label, got "stars"'):
        spec(folder=saved, target="stars").build()


def test_a_folder_without_a_data_set_is_an_error(tmp_path):
    with pytest.raises(DataError, match="must be a folder that save_to_disk wrote, or of csv"):
        spec(folder=str(tmp_path), cache=str(tmp_path / "cache")).build()
    assert list(spec(folder=str(tmp_path / "none")).problems()) == [
        ("folder", f"must be a folder, got {tmp_path / 'none'}")
    ]


def test_without_a_network_and_a_copy_the_error_says_what_to_do(tmp_path):
    with pytest.raises(
        DownloadError, match="^no/such-set: must be in the cache or to be had from the Hub, got "
    ) as said:
        spec(set="no/such-set", cache=str(tmp_path)).build()
    assert "dataset.folder takes a copy" in str(said.value) and "\n" not in str(said.value)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "one of set and folder"),
        ({"set": "a", "folder": "b"}, "one of set and folder"),
        ({"folder": "b", "revision": "main"}, "revision is of a set"),
        ({"set": "a", "text": "label"}, "different columns"),
        ({"set": "a", "test": "train"}, "different splits"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings, said):
    with pytest.raises(ValidationError, match=said):
        spec(**settings)


def test_a_config_trains_on_it(saved, tmp_path):
    config = f"""
exporter = []
[dataset]
name = "kerasseq-huggingface/huggingface"
folder = "{saved}"
validation = "dev"
[split]
method = "given"
[task]
name = "classification"
"""
    (tmp_path / "a.toml").write_text(config, encoding="utf-8")
    trained, prepared = kerasseq.build(kerasseq.read_experiment(tmp_path / "a.toml"))
    assert trained.task.answer_names == ("good", "سلبي")
    assert len(prepared.examples["validation"]) == 10


def test_a_set_of_the_hub_is_named_in_what_the_card_is_made_of():
    table = standard(spec(set="org/reviews"), {"train": rows(4)})
    assert table.schema.metadata[b"hub"] == b"org/reviews"
    assert table["source"][0].as_py() == "org/reviews/train"


def test_the_config_of_the_readme_is_one(tmp_path):
    page = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    block = re.findall(r"```toml\n(.*?)```", page, re.S)[0]
    (tmp_path / "a.toml").write_text(block + '[task]\nname = "classification"\n', encoding="utf-8")
    told = kerasseq.read_experiment(tmp_path / "a.toml").dataset
    assert (told.set, told.config, told.text, told.provides) == ("nyu-mll/glue", "sst2", ("sentence",), {"split"})
