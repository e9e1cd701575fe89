import tracemalloc

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from kerasseq.config.settings import SplitSettings
from kerasseq.corpus import split as module
from kerasseq.corpus.cut import _stratified
from kerasseq.corpus.split import split
from kerasseq.datasets import spool
from kerasseq.errors import DataError


def rows(targets, **columns):
    n = len(targets)
    return pa.table({"text": [f"text {i}" for i in range(n)], "target": [str(t) for t in targets], **columns})


def of(values, index):
    return np.asarray(values)[index]


def sides(made):
    return made.train, made.validation, made.test


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(20, 120),
    kind=st.sampled_from(["class", "number", "none"]),
    method=st.sampled_from(["ratio", "group", "kfold", "given"]),
    stratify=st.booleans(),
    shares=st.tuples(st.sampled_from([0.0, 0.1, 0.3]), st.sampled_from([0.0, 0.1, 0.4])),
    seed=st.integers(0, 5),
)
def test_every_row_is_on_exactly_one_side_and_the_seed_decides(n, kind, method, stratify, shares, seed):
    random = np.random.default_rng(seed)
    targets = np.arange(n) % 2 if kind == "class" else random.normal(size=n).round(1)
    given_sides = [["train", "train", "train", "test"][i % 4] for i in range(n)]
    table = rows(
        targets, **({"split": given_sides} if method == "given" else {}), group=[f"g{i % 11}" for i in range(n)]
    )
    chosen = SplitSettings(method=method, validation=shares[0], test=shares[1], stratify=stratify, seed=seed, fold=2)
    made = split(table, chosen, kind)
    assert sorted(np.concatenate(sides(made))) == list(range(n))
    for side in sides(made):
        assert side.dtype == np.int64
        assert list(side) == sorted(side)
    assert (len(made.validation) == 0) == (shares[0] == 0)
    again = split(table, chosen, kind)
    assert all(np.array_equal(a, b) for a, b in zip(sides(made), sides(again), strict=True))


@settings(max_examples=60, deadline=None)
@given(
    groups=st.lists(st.integers(0, 8), min_size=12, max_size=60),
    method=st.sampled_from(["group", "kfold"]),
    kind=st.sampled_from(["class", "number", "none"]),
    seed=st.integers(0, 3),
)
def test_no_group_is_on_two_sides(groups, method, kind, seed):
    assume(len(set(groups)) >= 6 and max(map(groups.count, groups)) <= len(groups) // 3)
    table = rows([i % 2 for i in range(len(groups))], group=[str(g) for g in groups])
    made = split(table, SplitSettings(method=method, folds=2, seed=seed, validation=0.2, test=0.2), kind)
    names = [set(of(groups, side)) for side in sides(made)]
    assert not (names[0] & names[1] or names[0] & names[2] or names[1] & names[2])
    assert all(len(side) for side in sides(made))


def test_classes_keep_their_shares():
    targets = ["a"] * 700 + ["b"] * 200 + ["c"] * 100
    made = split(rows(targets), SplitSettings(), "class")
    assert [len(side) for side in sides(made)] == [800, 100, 100]
    for side in sides(made):
        shares = [np.mean(of(targets, side) == c) for c in "abc"]
        assert shares == pytest.approx([0.7, 0.2, 0.1], abs=0.011)


@settings(deadline=None, max_examples=50)
@given(counts=st.lists(st.integers(2, 40), min_size=2, max_size=6), share=st.floats(0.2, 0.8), seed=st.integers(0, 99))
def test_strata_are_cut_as_scikit_learn_cuts_them(counts, share, seed):
    classes = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)) * 2, counts))
    size = round(len(classes) * share)
    assume(min(size, len(classes) - size) >= len(counts))
    taken = _stratified(classes, size, seed)
    _, wanted = train_test_split(np.arange(len(classes)), test_size=size, random_state=seed, stratify=classes)
    assert sorted(taken) == sorted(wanted)


@pytest.mark.parametrize(("kind", "targets"), [("class", ["bad", "good"]), ("number", [1.5, 2.5]), ("none", [0, 0])])
def test_no_row_of_many_is_an_object_of_python_while_they_are_cut(kind, targets):
    rows = 30_000
    table = pa.table({"target": targets * (rows // 2)})
    tracemalloc.start()
    sides = split(table, SplitSettings(), kind)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(sides.train) == 0.8 * rows
    assert most / rows < 72  # some arrays of NumPy, 8 bytes each; an object takes 40 more


def test_scores_keep_their_quantiles():
    scores = np.random.default_rng(0).exponential(size=1000)
    made = split(rows(scores), SplitSettings(), "number")
    edges = np.quantile(scores, [0.1, 0.5, 0.9])
    for side in sides(made):
        below = [(of(scores, side) <= edge).mean() for edge in edges]
        assert below == pytest.approx([0.1, 0.5, 0.9], abs=0.02)


def test_equal_scores_and_values_that_are_no_number_do_not_disturb_the_cut():
    made = split(rows([0] * 90 + ["?"] * 10), SplitSettings(), "number")
    assert [len(side) for side in sides(made)] == [80, 10, 10]
    tests = of(np.arange(100) >= 90, made.test)
    assert tests.sum() == 1


def test_without_stratification_nothing_is_asked_of_the_classes():
    made = split(rows(["a"] * 49 + ["b"]), SplitSettings(stratify=False), "class")
    assert [len(side) for side in sides(made)] == [40, 5, 5]
    assert "stratified" not in made.how


def test_auto_follows_the_columns():
    n = 40
    groups, given_sides = [str(i % 8) for i in range(n)], ["train"] * 30 + ["validation"] * 5 + ["test"] * 5
    targets = [i % 2 for i in range(n)]
    assert split(rows(targets), SplitSettings(), "class").how.startswith("by ratio, stratified by class")
    assert split(rows(targets, group=groups), SplitSettings(), "class").how.startswith("by group")
    made = split(rows(targets, group=groups, split=given_sides), SplitSettings(), "class")
    assert made.how == "as given"
    assert list(made.test) == list(range(35, 40))


def test_a_side_that_is_not_given_is_cut_from_train():
    targets = [i % 2 for i in range(60)]
    made = split(rows(targets, split=["train"] * 50 + ["test"] * 10), SplitSettings(), "class")
    assert [len(side) for side in sides(made)] == [45, 5, 10]
    assert max(made.validation) < 50
    assert made.describe() == (
        "60 rows as given, validation cut from train, stratified by class, seed 0: train 45, validation 5, test 10"
    )
    made = split(rows(targets, split=["train"] * 50 + ["test"] * 10), SplitSettings(validation=0.0), "class")
    assert [len(side) for side in sides(made)] == [50, 0, 10]


def test_folds_cover_every_row_once():
    targets = [i % 3 for i in range(30)]
    for extra in ({}, {"group": [str(i % 10) for i in range(30)]}):
        for kind in ("class", "number", "none"):
            folds = [SplitSettings(method="kfold", fold=k, validation=0.2) for k in range(5)]
            tests = [split(rows(targets, **extra), fold, kind).test for fold in folds]
            assert sorted(np.concatenate(tests)) == list(range(30))


def test_the_seed_changes_the_sides():
    table = rows([i % 2 for i in range(100)])
    one, two = (split(table, SplitSettings(seed=seed), "class").test for seed in (0, 1))
    assert not np.array_equal(one, two)


@pytest.mark.parametrize(
    ("table", "chosen", "message"),
    [
        (rows(["a"] * 50 + ["b"] * 2), {}, 'class "b" must have at least 3 rows to cut test, got 2'),
        (rows(["a"] * 50 + ["b"] * 2), {"method": "kfold"}, 'class "b" must have at least 5 rows to cut into 5 folds'),
        (rows(list("abcdefghij") * 4), {}, "test: must have a row of each of 10 classes, got 4 rows"),
        (rows(["a"] * 4), {}, "test must have rows, got 0 of 4 .*change split.test, or add rows"),
        (rows(["a"] * 20, group=["g"] * 20), {}, "test needs a group of its own, got 1 group"),
        (rows(["a"] * 20, group=["g", "h"] * 10), {}, "validation needs a group of its own"),
        (rows(["a"] * 20, group=["g", "h"] * 10), {"method": "kfold"}, "as many groups as folds, got 2 for 5"),
        (rows(["a"] * 3), {"method": "kfold"}, "as many rows as folds, got 3 for 5"),
        (rows(["a"] * 20), {"method": "kfold", "fold": 7}, "fold must be below folds = 5, got 7"),
        (rows(["a"] * 20), {"method": "group"}, "needs a group column.*dataset.group"),
        (rows(["a"] * 20), {"method": "given"}, "needs a split column.*dataset.split"),
        (rows(["a"] * 20, split=["test"] * 20), {"validation": 0.0}, "train must have rows, got none"),
        (rows(["a"] * 20, split=["test"] * 20), {}, "train must have rows, got none of 20"),
        (rows([f"{i / 7:.3f}" for i in range(20)]), {}, 'got 1; scores need task.name = "regression"'),
        (rows(["a"] * 20, split=["later"] * 20), {}, "every row must say train, validation or test"),
    ],
)
def test_what_cannot_be_split_says_why(table, chosen, message):
    with pytest.raises(DataError, match=message):
        split(table, SplitSettings(**chosen), "class")


@pytest.mark.realdata
def test_questions_of_the_answer_set_stay_whole(realdata):
    from kerasseq.datasets.table import Table

    spec = Table(
        train=str(realdata / "ar_asag" / "ar_asag.tsv"),
        text="question",
        text_2="student_answer",
        target="avg_mark",
        group="question_id",
        on_bad_row="skip",
    )
    table = spec.build()
    made = split(table, SplitSettings(), "number")
    groups = table.column("group").to_pylist()
    assert not set(of(groups, made.test)) & {*of(groups, made.train), *of(groups, made.validation)}
    assert len(made.test) == pytest.approx(0.1 * table.num_rows, rel=0.3)


@pytest.mark.parametrize("limit", [0, 1 << 20])
def test_the_tables_of_the_sides_have_their_rows(monkeypatch, limit):
    table = pa.concat_tables([rows([i % 2 for i in range(n)]) for n in (30, 1, 40)])
    made = split(table, SplitSettings(validation=0.0), "class")
    monkeypatch.setattr(module, "CHUNK", 7)
    monkeypatch.setattr(spool, "LIMIT", limit)
    tables = made.tables(table)
    assert list(tables) == ["train", "validation", "test"]
    for side, found in tables.items():
        assert found.equals(table.take(getattr(made, side)))
