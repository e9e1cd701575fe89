"""Probabilities of classes, and labels beside what training goes by, in a table."""

import json

import pytest
from pydantic import ValidationError

from kerasseq.datasets.table import Table
from kerasseq.datasets.unlabelled import as_table
from kerasseq.errors import DataError

SHARES = ["p_neg", "p_pos"]


def table(path, content, **settings):
    path.write_text(content, encoding="utf-8")
    return Table.model_validate_json(json.dumps({"name": "table", "train": str(path), **settings}))


def columns(built, *names):
    return list(zip(*(built.column(name).to_pylist() for name in names), strict=True))


def test_columns_of_probabilities_are_a_distribution_and_its_likeliest_class(tmp_path):
    content = "text,p_neg,p_pos\na,0.9,0.1\nb,٠٫٢,0.8\nc,0,1\n"
    spec = table(tmp_path / "a.csv", content, target=SHARES)
    assert spec.provides == {"distribution"}
    built = spec.build()
    assert built.schema.metadata[b"target"] == b"p_neg, p_pos"
    assert columns(built, "target", "distribution") == [
        ("p_neg", {"p_neg": 0.9, "p_pos": 0.1}),
        ("p_pos", {"p_neg": 0.2, "p_pos": 0.8}),
        ("p_pos", {"p_neg": 0.0, "p_pos": 1.0}),
    ]


def test_other_names_may_be_given_to_the_classes(tmp_path):
    built = table(tmp_path / "a.csv", "text,p_neg,p_pos\na,0.9,0.1\n", target=SHARES, classes=["neg", "pos"]).build()
    assert columns(built, "target", "distribution") == [("neg", {"neg": 0.9, "pos": 0.1})]


def test_rounded_probabilities_are_scaled_to_a_sum_of_one_and_the_smallest_is_none(tmp_path):
    built = table(tmp_path / "a.csv", "text,p_neg,p_pos\na,0.9995,1e-45\n", target=SHARES).build()
    assert columns(built, "distribution") == [({"p_neg": 1.0, "p_pos": 0.0},)]


def test_a_label_is_the_target_and_the_probabilities_are_kept_beside_it(tmp_path):
    content = "text,p_neg,p_pos,label\na,0.9,0.1,pos\nb,0.4,0.6,\nc,,,neg\n"
    spec = table(tmp_path / "a.csv", content, target=SHARES, classes=["neg", "pos"], label="label")
    assert columns(spec.build(), "target", "distribution") == [
        ("pos", {"neg": 0.9, "pos": 0.1}),
        ("pos", {"neg": 0.4, "pos": 0.6}),
        ("neg", {"neg": 1.0, "pos": 0.0}),
    ]


def test_one_target_beside_a_label_is_what_training_goes_by(tmp_path):
    spec = table(tmp_path / "a.csv", "text,said,label\na,3,4\nb,5,\nc,,6\n", target="said", label="label")
    assert spec.provides == {"taught"}
    assert columns(spec.build(), "target", "taught") == [("4", "3"), ("5", "5"), ("6", "6")]


def test_a_share_of_the_label_goes_into_what_training_goes_by(tmp_path):
    content = "text,p_neg,p_pos,label\na,0.9,0.1,pos\nb,0.4,0.6,\nc,,,neg\n"
    settings = {"target": SHARES, "classes": ["neg", "pos"], "label": "label", "label_share": 0.25}
    built = table(tmp_path / "a.csv", content, **settings).build()
    assert built["target"].to_pylist() == ["pos", "pos", "neg"]
    found = [list(row.values()) for row in built["distribution"].to_pylist()]
    for row, wanted in zip(found, [[0.675, 0.325], [0.4, 0.6], [1, 0]], strict=True):
        assert row == pytest.approx(wanted)


@pytest.mark.parametrize(("share", "wanted"), [(0.25, ["3.25", "5", "6"]), (1.0, ["4", "5", "6"])])
def test_a_share_of_a_number_is_a_number(tmp_path, share, wanted):
    content = "text,said,label\na,3,4\nb,5,\nc,,6\n"
    spec = table(tmp_path / "a.csv", content, target="said", label="label", label_share=share)
    assert columns(spec.build(), "target", "taught") == list(zip(["4", "5", "6"], wanted, strict=True))


def test_classes_have_no_parts(tmp_path):
    spec = table(tmp_path / "a.csv", "text,said,label\na,x,y\n", target="said", label="label", label_share=0.5)
    with pytest.raises(DataError) as caught:
        spec.build()
    for column, value in (("said", "x"), ("label", "y")):
        line = f'a.csv:2: {column}: must be a number, for label_share takes a part of it, got "{value}"'
        assert line in str(caught.value)
    whole = table(tmp_path / "a.csv", "text,said,label\na,x,y\n", target="said", label="label", label_share=1.0)
    assert columns(whole.build(), "target", "taught") == [("y", "y")]


def test_a_deviation_is_a_number_of_at_least_zero(tmp_path):
    spec = table(tmp_path / "a.csv", "text,target,sd\na,3,0\nb,4,0.5\n", deviation="sd")
    assert spec.provides == {"deviation"}
    assert columns(spec.build(), "target", "deviation") == [("3", 0.0), ("4", 0.5)]
    with pytest.raises(DataError, match=r'a\.csv:2: sd: must be a number of at least 0, got "-1"'):
        table(tmp_path / "a.csv", "text,target,sd\na,3,-1\n", deviation="sd").build()


def test_every_wrong_distribution_is_named_in_one_pass(tmp_path):
    rows = ["a,0.9,0.2,", "b,-0.1,1,", "c,nan,1,", "d,,1,", "e,,,", "f,95,5,", "g,0.5,0.5,so-so", "h,0,0,", "i,1,0,"]
    content = "\n".join(["text,p_neg,p_pos,label", *rows, ""])
    with pytest.raises(DataError) as caught:
        table(tmp_path / "a.csv", content, target=SHARES, classes=["neg", "pos"], label="label").build()
    *lines, count = str(caught.value).replace(f"{tmp_path}/", "").splitlines()
    assert lines == [
        "a.csv:2: p_neg, p_pos: must sum to 1 within 0.001, got 1.1",
        'a.csv:3: p_neg: must be a number from 0 to 1, got "-0.1"',
        'a.csv:4: p_neg: must be a number from 0 to 1, got "nan"',
        'a.csv:5: p_neg: must be a number from 0 to 1, got ""',
        "a.csv:6: p_neg: must have a probability, or a class in label",
        'a.csv:7: p_neg: must be a number from 0 to 1, got "95"',
        'a.csv:7: p_pos: must be a number from 0 to 1, got "5"',
        'a.csv:8: label: must be one of neg, pos, got "so-so"',
        "a.csv:9: p_neg, p_pos: must sum to 1 within 0.001, got 0",
    ]
    assert count.startswith("a.csv: 8 of 9 rows cannot be used")
    skipped = table(
        tmp_path / "a.csv", content, target=SHARES, classes=["neg", "pos"], label="label", on_bad_row="skip"
    )
    assert columns(skipped.build(), "text", "target") == [("i", "neg")]


def test_a_row_without_a_target_and_a_label_is_named(tmp_path):
    with pytest.raises(DataError, match=r"a\.csv:3: said: must have a value, or one in label"):
        table(tmp_path / "a.csv", "text,said,label\na,3,\nb,,\n", target="said", label="label").build()


def test_a_column_that_is_missing_is_named_by_its_setting(tmp_path):
    content = "text,p_neg,label\na,1,x\n"
    spec = table(tmp_path / "a.csv", content, target=SHARES, label="labels", deviation="sd")
    messages = [message for _, message in spec.problems()]
    assert len(messages) == 3
    for column, message in zip(("p_pos", "labels", "sd"), messages, strict=True):
        assert f'got "{column}"' in message


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"target": ("a",)}, "must be a column, or a list of two columns or more, got "),
        ({"target": ("a", "a")}, "target must be different columns, got a, a"),
        ({"target": ("text", "b")}, "must be different columns"),
        ({"target": ("a", "b"), "classes": ("x",)}, "one class for each column of target, got 1"),
        ({"target": ("a", "b"), "classes": ("x", "x")}, "classes must be different names, got x, x"),
        ({"target": "a", "classes": ("x",)}, "classes is for several columns"),
        ({"target": "a", "label": "a"}, "label must be a column beside that of target"),
        ({"target": "a", "label_share": 0.5}, "label_share must have a label to share with"),
        ({"target": "", "label": "a"}, "label must be a column beside that of target"),
        ({"target": ("a", "b"), "label": "b"}, "label must be a column beside that of target"),
    ],
)
def test_settings_of_targets_that_contradict_each_other_are_refused(settings, message):
    with pytest.raises(ValidationError, match=message):
        Table(train="a.csv", **settings)


def test_another_file_is_measured_by_its_label_or_by_the_likeliest_class(tmp_path):
    content = "text,p_neg,p_pos,label\na,0.9,0.1,pos\n"
    soft = table(tmp_path / "a.csv", content, target=SHARES, classes=["neg", "pos"])
    both = table(tmp_path / "a.csv", content, target=SHARES, classes=["neg", "pos"], label="label", deviation="p_pos")
    for spec, wanted in ((soft, "neg"), (both, "pos")):
        assert as_table(spec, tmp_path / "a.csv", labelled=True).build()["target"].to_pylist() == [wanted]
        assert as_table(spec, tmp_path / "a.csv", labelled=False).build()["target"].to_pylist() == [None]


def test_who_gave_the_targets_is_kept_for_the_report(tmp_path):
    built = table(tmp_path / "a.csv", "text,target\na,1\n", labelled_by="a panel of 5").build()
    assert built.schema.metadata[b"labelled_by"] == b"a panel of 5"
