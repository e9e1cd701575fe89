import dataclasses
import tomllib

import pytest

from kerasseq.config.look import Look, Wanted
from kerasseq.config.new import new

SEEN = Look(
    text="body",
    task="regression",
    classes={},
    lowest=0.3,
    highest=9.6,
    unlabelled=0,
    textless=0,
    rows=100,
    arabic=0.0,
    marks=(),
    length=33,
    longest=80,
)


SCORE = Wanted("score")


def composed(wanted=SCORE, dataset=None, **changes):
    text = new(dataclasses.replace(SEEN, **changes), wanted, dataset or {"train": "my.csv"}, "my", "my.toml")
    return text, tomllib.loads(text)


def steps(**changes):
    return [step["name"] for step in composed(**changes)[1]["preprocessor"]]


def test_it_says_what_was_seen_and_what_to_run():
    text, tables = composed()
    assert text.startswith("# Regression of my.csv: 100 rows. Train and measure: kerasseq run my.toml\n")
    assert "# range = [0, 10]    # 0.3 to 9.6 was seen" in text
    assert tables["dataset"] == {"name": "table", "train": "my.csv", "text": "body", "target": "score"}
    assert tables["task"] == {"name": "regression", "dropout": 0.3}


@pytest.mark.parametrize(("length", "expected"), [(1, 8), (8, 8), (9, 16), (33, 40), (5000, 512)])
def test_max_length_is_rounded_up_to_a_multiple_of_eight(length, expected):
    assert composed(length=length)[1]["tokenizer"]["max_length"] == expected


def test_the_script_decides_the_chain():
    assert steps() == ["unicode", "casefold"]
    assert steps(arabic=1.0) == ["unicode", "arabic"]
    assert steps(arabic=0.6) == ["unicode", "arabic", "casefold"]
    assert steps(arabic=1.0, marks=("html", "links", "mentions", "hashtags")) == [
        "unicode",
        "html",
        "links",
        "mentions",
        "hashtags",
        "arabic",
    ]


def test_class_weights_are_named_and_never_set_however_unequal_the_classes_are():
    for classes in ({"no\nway": 30, "yes": 10}, {"no\nway": 4000, "yes": 10}):
        text, tables = composed(task="classification", classes=classes)
        assert tables["task"] == {"name": "classification", "dropout": 0.3}
        assert '# class_weights = "balanced"' in text
        assert f"# 2 classes: no way ({max(classes.values()):,}), yes (10)" in text


def test_pairs_groups_sides_and_the_way_the_file_is_written_are_kept():
    wanted = Wanted("score", text_2="other", group="author")
    tables = composed(wanted, {"train": "my.csv", "encoding": "cp1256", "delimiter": ";"}, unlabelled=3)[1]
    assert tables["dataset"]["text_2"] == "other"
    assert tables["dataset"]["group"] == "author"
    assert (tables["dataset"]["encoding"], tables["dataset"]["delimiter"]) == ("cp1256", ";")
    assert tables["dataset"]["on_bad_row"] == "skip"
    assert tables["split"]["method"] == "group"
    assert tables["task"]["pair"] == "join"
    assert composed(Wanted("score", split="side"))[1]["split"] == {"method": "given"}
    text, tables = composed(unlabelled=3, textless=1_000)
    assert tables["dataset"]["on_bad_row"] == "skip" and "rows have no target, 1,000 of" in text


def test_odd_names_stay_what_they_are():
    odd = 'a "b" \\ نص'
    tables = composed(Wanted(odd), {"train": odd}, text=odd)[1]
    assert (tables["dataset"]["target"], tables["dataset"]["train"], tables["dataset"]["text"]) == (odd, odd, odd)


@pytest.mark.parametrize(("rows", "units", "said"), [(200, 64, True), (4_999, 64, False), (5_000, 128, False)])
def test_small_tables_get_a_small_network_and_the_linear_model_beside_it(rows, units, said):
    text, tables = composed(rows=rows)
    assert tables["encoder"] == {"name": "lstm", "units": units, "layers": 1, "bidirectional": True}
    assert tables["wide"] == {"name": "ngrams"}
    assert ("a network seldom learns" in text) == said
    assert tables["pooler"] == {"name": "mean"}
    assert composed(task="classification", classes={"a": 5, "b": 5})[1]["pooler"] == {"name": "attention"}


def test_much_text_gets_a_smaller_network_larger_batches_less_patience_and_long_texts_three_words():
    text, tables = composed(rows=25_000, length=600, longest=2_000)
    assert tables["tokenizer"]["max_length"] == 512
    assert tables["encoder"]["units"] == 64
    assert "up to 12,800,000 steps" in text
    assert tables["training"] == {"batch_size": 64, "stopping_patience": 3}
    assert tables["wide"] == {"name": "ngrams", "words": 3, "limit": 200_000}
    tables = composed(rows=25_000, length=30, longest=60)[1]
    assert tables["encoder"]["units"] == 128
    assert "training" not in tables
