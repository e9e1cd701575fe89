import platform
from importlib import metadata

import keras
import pyarrow as pa

from kerasseq.config.read import read_experiment
from kerasseq.environment import data_hash, describe, read_environment
from kerasseq.preparation import read
from kerasseq.run_directory import RunDirectory


def test_it_says_what_the_numbers_depend_on(tiny, tmp_path):
    experiment = read_experiment(tiny(tmp_path), ["seed=7"])
    found = describe(experiment, read(experiment))
    assert found["versions"]["python"] == platform.python_version()
    assert found["versions"]["keras"] == metadata.version("keras")
    assert found["backend"] == keras.backend.backend() and found["backend"] in found["versions"]
    assert found["device"] and found["threads"] >= 1
    assert found["seed"] == 7
    assert {side: data["rows"] for side, data in found["data"].items()} == {"train": 36, "validation": 12, "test": 12}
    sections = {"dataset", "preprocessor[0]", "tokenizer", "embedding", "encoder", "pooler", "task", "exporter[0]"}
    assert set(found["components"]) == sections
    assert found["components"]["encoder"] == {"name": "kerasseq/gru", "version": metadata.version("kerasseq")}


def test_the_hash_of_data_is_of_its_texts_and_targets_in_their_order():
    table = pa.table({"text": ["a", "b"], "target": ["1", "2"], "source": ["x", "x"], "line": [2, 3]})
    elsewhere = pa.table({"text": ["a", "b"], "target": ["1", "2"], "source": ["y", "y"], "line": [5, 7]})
    assert data_hash(table) == data_hash(elsewhere)
    others = [
        pa.table({"text": ["b", "a"], "target": ["2", "1"]}),
        pa.table({"text": ["a", "b"], "target": ["1", "3"]}),
        pa.table({"text": ["a"], "target": ["1"]}),
        pa.table({"text": ["a", "b"], "text_2": ["", ""], "target": ["1", "2"]}),
        pa.table({"text": ["a", "b"], "target": ["1", "2"], "weight": [1.0, 1.0]}),
    ]
    assert len({data_hash(t) for t in [table, *others]}) == 6


def test_what_was_written_is_read_again(finished):
    assert read_environment(RunDirectory(finished))["data"]["test"]["rows"] == 12
