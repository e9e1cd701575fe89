"""Files of every kind, asked as they are; the expected answers are counted by hand, or by NumPy."""

import json
import math
import subprocess
import sys
import threading
import time

import numpy as np
import onnx
import pytest
from kerasseq_runtime import load
from kerasseq_runtime.errors import DataError, RunError, UsageError
from kerasseq_runtime.model import BATCH


def test_it_imports_nothing_but_numpy_and_onnxruntime(make):
    code = (
        "import sys, json; from kerasseq_runtime import load; "
        f"load({str(make('counter'))!r}).predict(['a']); "
        "print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    imported = set(json.loads(done.stdout.splitlines()[-1]))
    assert {"numpy", "onnxruntime"} <= imported
    assert not {"kerasseq", "keras", "torch", "jax", "tensorflow", "onnx", "sklearn", "pyarrow", "pydantic"} & imported


def test_asking_for_its_errors_alone_imports_neither():
    code = "import sys, kerasseq_runtime.errors; print({'numpy', 'onnxruntime', 'json'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"


# === Texts ===


def test_a_file_of_the_first_version_says_what_it_takes_and_answers_by_its_labels(make):
    score = load(make("counter"))
    assert (score.takes, score.pairs, score.labels) == ("text", False, ())
    assert score.metadata["columns"] == [{"name": "prediction", "output": "score", "pick": "all"}]
    assert score.predict(["a b c", "", "one"]) == {"prediction": [3.0, 0.0, 1.0]}
    classes = load(make("counter", classes=True, pairs=True))
    assert (classes.takes, classes.pairs) == ("pair", True)
    assert classes.outputs == {"label": ("batch",), "probabilities": ("batch", 2)}
    few = 1 / (1 + math.exp(2 * (4 - 2)))
    assert classes.predict(["a b", ""], ["c d", "e"]) == {
        "prediction": ["many", "few"],
        "score": [round(1 - few, 6), round(1 / (1 + math.exp(-2)), 6)],
        "score[few]": [round(few, 6), round(1 / (1 + math.exp(-2)), 6)],
        "score[many]": [round(1 - few, 6), round(1 / (1 + math.exp(2)), 6)],
    }


def test_many_rows_keep_their_order_over_batches_and_none_get_none(make):
    model = load(make("counter"), threads=1)
    texts = ["word " * (n % 7) for n in range(2 * BATCH + 5)]
    assert model.predict(texts)["prediction"] == [float(n % 7) for n in range(len(texts))]
    assert model.predict([]) == {"prediction": []}


def test_batches_hold_rows_of_about_one_length(make, monkeypatch):
    model = load(make("counter"), threads=1)
    run, seen = model.run, []
    monkeypatch.setattr(model, "run", lambda rows: seen.append([len(first) for first, _ in rows]) or run(rows))
    texts = ["word " * (n % 40) for n in range(2 * BATCH)]
    assert model.predict(texts)["prediction"] == [float(n % 40) for n in range(len(texts))]
    assert [len(lengths) for lengths in seen] == [BATCH, BATCH]
    assert max(seen[0]) <= min(seen[1])


def test_a_batch_of_long_rows_holds_fewer_of_them(make, monkeypatch):
    from kerasseq_runtime import model as module

    monkeypatch.setattr(module, "ROOM", 100)
    model = load(make("counter"), threads=1)
    run, seen = model.run, []
    monkeypatch.setattr(model, "run", lambda rows: seen.append([len(first) for first, _ in rows]) or run(rows))
    texts = ["word " * n for n in (1, 30, 2, 9, 1, 40)]
    assert model.predict(texts)["prediction"] == [1.0, 30.0, 2.0, 9.0, 1.0, 40.0]
    assert seen == [[5, 5, 10], [45], [150], [200]]


@pytest.mark.parametrize(("threads", "used"), [(1, 1), (3, 3)])
def test_batches_are_answered_on_all_threads_at_once(make, monkeypatch, threads, used):
    model = load(make("counter"), threads=threads)
    run, seen, all_there = model.run, set(), threading.Barrier(used)

    def waiting(rows):
        seen.add(threading.get_ident())
        all_there.wait(20)
        return run(rows)

    monkeypatch.setattr(model, "run", waiting)
    texts = ["word " * (n % 5) for n in range(3 * BATCH)]
    assert model.predict(texts)["prediction"] == [float(n % 5) for n in range(len(texts))]
    assert len(seen) == used


def test_a_batch_that_fails_ends_all_of_them(make, monkeypatch):
    model = load(make("counter"), threads=2)
    run, asked = model.run, []

    def failing(rows):
        asked.append(len(rows))
        if len(asked) == 2:
            raise RunError("no more")
        time.sleep(0.02 * (len(asked) > 2))
        return run(rows)

    monkeypatch.setattr(model, "run", failing)
    with pytest.raises(RunError, match="no more"):
        model.predict(["a"] * (40 * BATCH))
    assert len(asked) < 40


def test_half_a_surrogate_is_answered_as_a_question_mark(make):
    model = load(make("counter"))
    assert model.predict(["a \ud800"]) == model.predict(["a ?"])


@pytest.mark.parametrize(
    ("pairs", "given", "error", "said"),
    [
        (False, ("good",), UsageError, r"texts: must be a list of texts, got one text; write \['good'\]"),
        (False, (["good", 3],), DataError, "texts: must be texts, got 3 in row 1"),
        (False, (["good"], ["bad"]), DataError, "texts: must be single texts, got pairs"),
        (True, (["good"],), DataError, "texts: must be pairs, got single texts"),
        (True, (["a", "b"], ["c"]), DataError, "texts: must be as many second texts as first ones, got 2 and 1"),
        (False, (), UsageError, "texts: must be a list of texts, and for pairs another one, got 0"),
        (False, (["a"], ["b"], ["c"]), UsageError, "for pairs another one, got 3"),
    ],
)
def test_what_is_no_list_of_texts_is_refused(make, pairs, given, error, said):
    with pytest.raises(error, match=said):
        load(make("counter", pairs=pairs)).predict(*given)


# === Tokens ===


def test_tokens_are_tagged_one_by_one_and_each_row_is_as_long_as_it_was(make):
    model = load(make("tagger"))
    columns, counts = model.answer([["the", "food"], [], ["in", "بغداد", "!"]])
    assert columns == {
        "prediction": [["word", "word"], [], ["word", "place", "odd"]],
        "id": [[2, 2], [], [2, 3, 1]],
    }
    assert {name: values.tolist() for name, values in counts.items()} == {
        "tokens": [2, 0, 3],
        "truncated": [0, 0, 0],
        "unknown": [0, 0, 1],
    }


def test_texts_are_cut_by_the_files_own_pattern_and_their_tokens_have_offsets(make):
    model = load(make("tagger"))
    texts = ["Cairo,  the", "😀بغداد", ""]
    found = model.predict(texts)
    assert found["prediction"] == [["place", "odd", "word"], ["odd", "place"], []]
    assert found["offsets"] == [[[0, 5], [5, 6], [8, 11]], [[0, 1], [1, 6]], []]
    assert [texts[1][start:end] for start, end in found["offsets"][1]] == ["😀", "بغداد"]
    assert "offsets" not in model.predict([["Cairo"]])


def test_what_the_file_does_not_read_has_neither_answer_nor_offset(make):
    columns, counts = load(make("tagger")).answer(["the food in Cairo the food"])
    assert columns["prediction"] == [["word", "word", "word", "place"]]
    assert columns["offsets"] == [[[0, 3], [4, 8], [9, 11], [12, 17]]]
    assert (counts["tokens"].tolist(), counts["truncated"].tolist()) == ([4], [2])


def test_no_tokens_at_all_get_no_answers(make):
    model = load(make("tagger"))
    assert model.predict([]) == {"prediction": [], "id": []}
    assert model.predict([[]]) == {"prediction": [[]], "id": [[]]}


def test_tokens_may_come_in_any_series(make):
    model = load(make("tagger"))
    wanted = model.predict([["the", "food"]])
    for rows in (np.array([["the", "food"]]), (("the", "food"),), iter([["the", "food"]])):
        assert model.predict(rows) == wanted


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        (("the food",), UsageError, "tokens: must be a list of sentences, got one text"),
        (([["a"], 3],), DataError, "tokens: must be lists of tokens, got 3 in row 1"),
        ((["a", ["b"]],), DataError, "tokens: must be lists of tokens, got 'a' in row 0"),
        (([["a", ""]],), DataError, "tokens: must be texts that are not empty, got '' in row 0"),
        (([["a", 1]],), DataError, "must be texts that are not empty, got 1 in row 0"),
        (([["a"]], ["b"]), UsageError, "tokens: must be the only thing that is given, got 2"),
        ((), UsageError, "tokens: must be given, got nothing"),
    ],
)
def test_what_is_no_list_of_tokens_is_refused(make, given, error, said):
    with pytest.raises(error, match=said):
        load(make("tagger")).predict(*given)


def test_a_file_that_does_not_cut_texts_says_so(make):
    model = load(make("tagger", cut=None))
    assert model.predict([["the"]])["prediction"] == [["word"]]
    with pytest.raises(DataError, match="must be lists of tokens, got texts, and the file does not say how to cut"):
        model.predict(["the"])


def test_every_wrong_row_is_named_and_many_are_counted(make):
    model = load(make("tagger"))
    with pytest.raises(DataError) as error:
        model.predict([[""], ["a"], [None]])
    assert [line.rpartition(" in ")[2] for line in str(error.value).splitlines()] == ["row 0", "row 2"]
    with pytest.raises(DataError, match="and 5 more rows like these"):
        model.predict([[""]] * 25)


# === Vectors ===


def test_sequences_of_vectors_are_answered_whole_and_step_by_step(make):
    random = np.random.default_rng(0)
    rows = [random.normal(size=(length, 3)) for length in (5, 1, 9)]
    columns, counts = load(make("mover")).answer(rows)
    np.testing.assert_allclose(columns["prediction"], [row.sum() for row in rows], atol=1e-5)
    assert columns["places"] == [row.argmax(axis=1).tolist() for row in rows]
    np.testing.assert_allclose(columns["limits"][2], [rows[2].max(axis=0), rows[2].min(axis=0)], atol=1e-5)
    np.testing.assert_allclose(columns["top"][2], rows[2].max(), atol=1e-5)
    assert counts["tokens"].tolist() == [5, 1, 9]


def test_vectors_may_be_lists_arrays_or_one_array_for_rows_of_one_length(make):
    model = load(make("mover"))
    rows = [[[1, 2, 3], [4, 5, 6]], [[0, 1, 0], [0, 0, 1]]]
    wanted = model.predict(rows)
    assert wanted["prediction"] == [21.0, 2.0]
    for given in (np.array(rows), [np.array(row, np.float16) for row in rows], tuple(rows)):
        assert model.predict(given) == wanted


def test_a_row_without_steps_is_answered_too(make):
    assert load(make("mover")).predict([[], np.zeros((0, 3))])["places"] == [[], []]
    assert load(make("mover")).predict([])["prediction"] == []


@pytest.mark.parametrize(
    ("rows", "error", "said"),
    [
        ([[[1, 2]]], DataError, "vectors: must be vectors of 3 numbers, one a step, got 1 x 2 in row 0"),
        ([[[1, 2, 3]], [[1, 2, 3], [1]]], DataError, "got vectors of several lengths in row 1"),
        ([[[1, 2, math.nan]]], DataError, "vectors: must be finite numbers, got nan in step 0 in row 0"),
        ([[[1, 2, 3], [1e39, 0, 0]]], DataError, "must be finite numbers, got 1e.39 in step 1"),
        ([[["1", "2", "3"]]], DataError, "got texts in row 0"),
        ([[[True, False, True]]], DataError, "got truth values in row 0"),
        ([[[None, 1, 2]]], DataError, "got something else in row 0"),
        ([["a b c"]], DataError, "got texts in row 0"),
        ([3.0, [[1, 2, 3]]], DataError, "got one number in row 0"),
        ([[1, 2, 3], [4, 5, 6]], UsageError, r"must be a list of sequences, got one sequence; write \[vectors\]"),
    ],
)
def test_what_is_no_sequence_of_vectors_is_refused(make, rows, error, said):
    with pytest.raises(error, match=said):
        load(make("mover")).predict(rows)


def test_a_file_that_reads_a_window_needs_as_many_steps(make):
    model = load(make("mover", window=2))
    assert model.predict([[[1, 2, 3], [4, 5, 6]]])["prediction"] == [21.0]
    with pytest.raises(DataError, match="vectors: must have at least 2 steps, got 1 in row 0"):
        model.predict([[[1, 2, 3]], [[1, 2, 3], [4, 5, 6]]])
    with pytest.raises(DataError, match="must have at least 2 steps, got none in row 0"):
        model.predict([[]])
    assert [row.shape for row in model.input.examples()] == [(2, 3)]


def test_of_a_file_of_any_width_the_first_row_says_which(make):
    outputs = {"sum": ["batch"], "limits": ["batch", 2, "width"], "places": ["batch", "time"]}
    model = load(make("mover", width=0, outputs=outputs))
    assert model.predict([[], [[1, 2]], [[3, 4]]])["prediction"] == [0.0, 3.0, 7.0]
    with pytest.raises(DataError, match="must be vectors of 2 numbers, one a step, got 1 x 3 in row 1"):
        model.predict([[[1, 2]], [[1, 2, 3]]])
    one, two, none = (model.input.rows(rows) for rows in ([[[1, 2]]], [[[1, 2, 3]]], [[]]))
    with pytest.raises(UsageError, match="vectors: must be of one width in a call, got 2 and 3"):
        model.run([*one, *two])
    assert model.run([*one, *none])[0]["sum"].tolist() == [3.0, 0.0]


# === Files ===


@pytest.mark.parametrize(
    ("kind", "changed", "said"),
    [
        ("counter", {"format": "2"}, "kerasseq.format: must be 1, got '2'; a newer kerasseq-runtime may read it"),
        ("counter", {"format": None}, "must be a model of `kerasseq export RUN --to onnx`, got one without kerasseq.f"),
        (
            "counter",
            {"labels": "["},
            "must say what it is, got metadata that cannot be read .kerasseq.labels is no JSON",
        ),
        ("counter", {"labels": "{}"}, "kerasseq.labels is {}"),
        ("counter", {"labels": None, "name": None}, "nothing called kerasseq.name and kerasseq.labels"),
        ("counter", {"labels": ["a", "a"]}, "kerasseq.labels are not distinct"),
        ("counter", {"labels": ["a", "b"]}, "kerasseq.labels are those of no score"),
        ("counter", {"task": "classification"}, "kerasseq.labels are none"),
        ("counter", {"task": "tagging"}, "kerasseq.task is 'tagging'"),
        (
            "counter",
            {"python_steps": ["lemmas"]},
            "got one that leaves lemmas to Python; kerasseq predict RUN can use it",
        ),
        ("counter", {"pair": "join"}, "must have the string inputs text, text_2, got text$"),
        ("counter", {"range": "[0,"}, "kerasseq.range is no JSON"),
        ("tagger", {"takes": "sounds"}, "kerasseq.takes is 'sounds'"),
        ("tagger", {"takes": "ids"}, "leaves the way to ids to Python"),
        ("tagger", {"takes": None}, "nothing called kerasseq.takes"),
        ("tagger", {"takes": "text"}, "must have the string inputs text, got tokens$"),
        ("tagger", {"takes": "vectors"}, r"must have the inputs vectors \(float\), lengths \(int64\), got tokens$"),
        ("mover", {"window": "many"}, "kerasseq.window is no JSON"),
        ("tagger", {"cut": "("}, "kerasseq.cut is no pattern"),
        ("tagger", {"columns": []}, "kerasseq.columns are none"),
        ("tagger", {"columns": [{"name": "tag", "output": "tags", "pick": "all"}]}, "do not begin with prediction"),
        ("tagger", {"columns": [{"name": "prediction", "output": "other", "pick": "all"}]}, "or one is of no output"),
        ("tagger", {"columns": [{"name": "prediction", "output": "tags", "pick": True}]}, "kerasseq.columns"),
        ("tagger", {"columns": ["prediction"]}, "kerasseq.columns"),
        (
            "tagger",
            {"columns": [{"name": "prediction", "output": "tags", "pick": "all", "decimals": "6"}]},
            "kerasseq.columns",
        ),
        (
            "tagger",
            {"outputs": {"tags": ["time"], "ids": ["batch"]}},
            "kerasseq.outputs are none, or one does not begin",
        ),
        (
            "mover",
            {"outputs": {"sum": ["batch"], "limits": ["batch"], "places": ["batch"], "more": ["batch"]}},
            "must have the outputs limits, more, places, sum, got sum, limits, places, length",
        ),
    ],
)
def test_a_file_that_cannot_be_asked_is_refused_in_one_line(make, kind, changed, said):
    path = make(kind, **changed)
    with pytest.raises(RunError, match=said) as error:
        load(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_a_file_with_steps_must_count_them(make):
    path = make("tagger")
    file = onnx.load(path)
    kept = [output for output in file.graph.output if output.name != "length"]
    del file.graph.output[:]
    file.graph.output.extend(kept)
    onnx.save(file, path)
    with pytest.raises(RunError, match="must have the outputs ids, length, tags, got tags, ids, truncated, unknown"):
        load(path)


def test_answers_of_another_size_than_the_file_says_are_refused(make):
    model = load(make("counter", classes=True, labels=["a", "b", "c"]))
    with pytest.raises(RunError, match="must give a probability for each of 3 labels, got 2"):
        model.predict(["a"])
    outputs = {"sum": ["batch", 2], "limits": ["batch", 2, 3], "places": ["batch", "time"]}
    with pytest.raises(RunError, match="must give sum with the axes batch, 2, got 1 axes"):
        load(make("mover", outputs=outputs)).predict([[[1, 2, 3]]])


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(RunError, match="none.onnx: must be a model file, got nothing there"):
        load(tmp_path / "none.onnx")
    with pytest.raises(RunError, match="must be a model file, got a folder"):
        load(tmp_path)


@pytest.mark.parametrize("content", ["half", "other", "empty"])
def test_a_damaged_file_is_refused_with_what_writes_it_again(make, tmp_path, content):
    file = make("counter").rename(tmp_path / "model.onnx")
    file.write_bytes({"half": file.read_bytes()[:300], "other": b"<html>", "empty": b""}[content])
    rule = (
        "must be a whole ONNX file, got one that is cut off or was written over; write it again with: kerasseq export"
    )
    with pytest.raises(RunError) as error:
        load(file)
    assert str(error.value) == f"{file}: {rule} RUN"
    (tmp_path / "experiment.toml").touch()
    with pytest.raises(RunError) as error:
        load(file)
    assert str(error.value) == f"{file}: {rule} {tmp_path}"


def test_a_file_that_needs_the_extensions_says_so_where_they_are_missing(make, monkeypatch):
    path = make("counter", needs=["onnxruntime-extensions"])
    monkeypatch.setattr("kerasseq_runtime.model.string_operators", lambda: "")
    with pytest.raises(RunError, match="needs onnxruntime-extensions, got none; pip install onnxruntime-extensions"):
        load(path)


def test_a_stopped_model_answers_nothing_more(make):
    model = load(make("mover"))
    model.stop()
    with pytest.raises(Exception, match="terminate"):
        model.predict([[[1, 2, 3]]])
