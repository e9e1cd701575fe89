import subprocess
import sys

import numpy as np
import onnx
import pytest

from kerasseq import experiment as road
from kerasseq.config.read import read_experiment
from kerasseq.corpus.text import Texts
from kerasseq.errors import DataError, RunError, UsageError
from kerasseq.exporters.onnx.sealing import sealed_bytes
from kerasseq.loading import load as load_run
from kerasseq.run_directory import RunDirectory
from kerasseq.runtime import load


@pytest.fixture(scope="module")
def path(finished):
    return RunDirectory(finished).onnx


@pytest.fixture(scope="module")
def pairs(tiny, tmp_path_factory):
    """A run of pairs that are read apart."""
    folder = tmp_path_factory.mktemp("pairs")
    overrides = ['dataset.text_2="topic"', "training.epochs=1", 'encoder={name="none"}']
    overrides += ['task={name="classification", pair="combine"}']
    return road.run(read_experiment(tiny(folder), overrides), folder / "runs").directory.path


def changed(path, target, **metadata):
    model = onnx.load(path)
    kept = {p.key: p.value for p in model.metadata_props} | {f"kerasseq.{k}": v for k, v in metadata.items()}
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, {k: v for k, v in kept.items() if v is not None})
    target.write_bytes(sealed_bytes(model))
    return target


def test_it_opens_and_answers_without_keras_or_torch(path):
    program = (
        "import sys; from kerasseq.runtime import load; "
        f"print(load({str(path)!r}).predict(['good'])['prediction']); "
        "print(sorted({'keras', 'torch', 'jax', 'tensorflow', 'sklearn', 'pyarrow', 'pydantic'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[1] == "[]"


def test_many_texts_keep_their_order_over_batches(path):
    model = load(path, threads=1)
    texts = ["good food", "رديئة", "", "bad"] * 50
    together, alone = model.predict(texts), [model.predict([text]) for text in texts[:4]]
    assert together["prediction"] == [each["prediction"][0] for each in alone] * 50


def test_no_texts_get_no_answers(path):
    model = load(path)
    assert model.predict([]) == {name: [] for name in model.predict(["a"])}


def test_counts_say_what_was_read_cut_and_unknown(path):
    _, counts = load(path).answer(["good " * 20, "zzzz good", ""])
    assert counts["tokens"].tolist() == [8, 2, 0]
    assert counts["truncated"].tolist() == [12, 0, 0]
    assert counts["unknown"].tolist() == [0, 1, 0]


def test_half_a_surrogate_is_answered_as_a_question_mark(path):
    model = load(path)
    assert model.predict(["good \ud800"]) == model.predict(["good ?"])


def test_wrong_input_is_refused(path):
    model = load(path)
    with pytest.raises(UsageError, match="must be a list of texts, got one text"):
        model.predict("good")
    with pytest.raises(DataError, match="must be texts, got 3 in row 1"):
        model.predict(["good", 3])
    with pytest.raises(DataError, match="must be single texts, got pairs"):
        model.predict(["good"], ["bad"])


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"format": "2"}, "kerasseq.format: must be 1, got '2'; a newer kerasseq-runtime may read it"),
        ({"format": None}, "got one without kerasseq.format"),
        ({"labels": "["}, "must say what it is"),
        ({"python_steps": '["lemmas"]'}, "leaves lemmas to Python; kerasseq predict RUN can use it"),
    ],
)
def test_a_file_that_is_not_of_this_format_is_refused(path, tmp_path, metadata, said):
    with pytest.raises(RunError, match=said):
        load(changed(path, tmp_path / "model.onnx", **metadata))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(RunError, match="must be a model file, got nothing there"):
        load(tmp_path / "none.onnx")


@pytest.mark.parametrize("content", ["half", "other", "empty"])
def test_a_damaged_file_is_refused_with_what_writes_it_again(path, tmp_path, content):
    file = tmp_path / "model.onnx"
    file.write_bytes({"half": path.read_bytes()[:1000], "other": b"<html>", "empty": b""}[content])
    wanted = (
        "must be a whole ONNX file, got one that is cut off or was written over; write it again with: kerasseq export"
    )
    with pytest.raises(RunError) as error:
        load(file)
    assert str(error.value) == f"{file}: {wanted} RUN"
    (tmp_path / "experiment.toml").touch()
    with pytest.raises(RunError) as error:
        load(file)
    assert str(error.value) == f"{file}: {wanted} {tmp_path}"


class Series:
    """Like one of pandas: its truth is ambiguous, and an index is a label."""

    def __init__(self, values):
        self.values = values

    def __iter__(self):
        return iter(self.values)

    def __len__(self):
        return len(self.values)

    def __bool__(self):
        raise ValueError("The truth value of a Series is ambiguous")

    def __getitem__(self, label):
        raise KeyError(label)


@pytest.mark.parametrize("kind", [np.array, Series, tuple, iter])
def test_texts_may_come_in_any_series(path, pairs, kind):
    first, second = ["good food", "رديئة"], ["bad", ""]
    assert load(path).predict(kind(first)) == load(path).predict(first)
    answers = load(RunDirectory(pairs).onnx).predict(first, second)
    assert load(RunDirectory(pairs).onnx).predict(kind(first), kind(second)) == answers
    assert load_run(pairs).predict(kind(first), kind(second))["prediction"] == answers["prediction"]


def test_pairs_are_counted_through_the_file_as_through_keras(pairs):
    long = "good " * 20
    first, second = ["good", long, "bad", "", "zzzz"], [long, long, "food", "", ""]
    _, counts = load(RunDirectory(pairs).onnx).answer(first, second)
    found = load_run(pairs).answer(Texts(first, second)).counts
    assert (found.texts, found.truncated, found.empty) == (5, 2, 1)
    assert found.truncated == (counts["truncated"] > 0).sum() and found.empty == (counts["tokens"] == 0).sum()
    assert (found.tokens, found.unknown) == (counts["tokens"].sum(), counts["unknown"].sum())


def test_one_class_of_each_error_is_raised_everywhere():
    import kerasseq_runtime.errors as below

    from kerasseq import errors

    for name in below.__all__:
        assert getattr(errors, name) is getattr(below, name)
