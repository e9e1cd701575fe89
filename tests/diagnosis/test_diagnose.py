import pyarrow as pa
import pytest

from kerasseq.config.settings import SplitSettings
from kerasseq.corpus.split import Split, split
from kerasseq.diagnosis.diagnose import Diagnosis, Finding, diagnose
from kerasseq.diagnosis.facts import NOTHING, Already
from kerasseq.preprocessors.rules import CharMap, Rules
from kerasseq.tokenizers.whitespace import Whitespace

PLAIN = Rules([])
COLUMN = 'dataset.group = "review"'


def rows(texts, targets, **columns):
    n = len(texts)
    base = {"text": texts, "target": targets, "source": ["a.csv"] * n, "line": list(range(2, n + 2))}
    return pa.table({**base, **columns})


def given(table, *sides):
    return split(table.append_column("split", pa.array(sides)), SplitSettings(validation=0.0, test=0.0))


def sound(n=400):
    table = rows([f"w{i % 7} and w{i}" for i in range(n)], ["yes" if i % 2 else "no" for i in range(n)])
    return table, split(table, SplitSettings(), "class")


def look(table, sides, kind="class", preprocess=PLAIN, max_length=8, **options):
    tokenizer = Whitespace(max_length=max_length, min_frequency=1).build()
    return diagnose(table, sides, preprocess, tokenizer, kind, **options)


def named(diagnosis, name):
    return [finding for finding in diagnosis.findings if finding.name == name]


def only(diagnosis, name):
    (finding,) = named(diagnosis, name)
    return finding


def test_sound_data_passes_and_says_how_it_looks():
    diagnosis = look(*sound())
    assert diagnosis.errors == ()
    assert {f.name for f in diagnosis.warnings} == {"unknown"}
    assert only(diagnosis, "rows").numbers == {"train": 320, "validation": 40, "test": 40}
    assert only(diagnosis, "classes").numbers == {"rows[no]": 160, "rows[yes]": 160}
    assert only(diagnosis, "lengths").numbers["p50"] == 3
    assert only(diagnosis, "lengths").numbers["truncated"] == 0


def test_the_text_has_a_mark_for_each_finding():
    found = Finding("pass", "rows", "3 rows"), Finding("warn", "overlap", "one", {}, ("a.csv:2: text",))
    text = Diagnosis((*found, Finding("fail", "targets", "none"))).render()
    assert text.splitlines() == [
        "pass  rows        3 rows",
        "warn  overlap     one",
        "                  a.csv:2: text",
        "fail  targets     none",
        "1 passed, 1 warning, 1 error",
    ]


def test_lengths_are_counted_before_truncation():
    table = rows(["a " * n for n in range(1, 101)], ["x", "y"] * 50)
    lengths = only(look(table, split(table, SplitSettings(), "class"), max_length=80), "lengths")
    assert lengths.status == "warn"
    assert lengths.numbers["truncated"] == pytest.approx(0.2)
    assert lengths.numbers["p100"] == 100
    assert lengths.numbers["p50"] == 50.5
    assert "20.0 % longer than max_length = 80; 95 would keep 95 % whole" in lengths.message


def test_a_joined_pair_counts_both_texts_and_the_separator():
    table = rows(["a b c"] * 4, ["x", "y"] * 2, text_2=["d e"] * 4)
    sides = given(table, *["train"] * 4)
    assert only(look(table, sides), "lengths").numbers["p100"] == 6
    assert only(look(table, sides, pair="combine"), "lengths").numbers["p100"] == 3


def test_duplicates_and_overlap_are_found_after_preprocessing():
    table = rows(["Same", "same", "other", "SAME", "new"], ["x"] * 2 + ["y"] * 3)
    sides = given(table, "train", "train", "train", "test", "test")
    lower = Rules([CharMap({c: c.lower() for c in "SAME"})])
    diagnosis = look(table, sides, preprocess=lower)
    assert only(diagnosis, "duplicates").numbers["rows"] == 1
    assert only(diagnosis, "duplicates").details == ["a.csv:3: text"]
    overlap = only(diagnosis, "overlap")
    assert (overlap.status, overlap.numbers, overlap.details) == (
        "warn",
        {"rows": 1, "share": 0.5},
        ["a.csv:5: text"],
    )
    assert only(look(table, sides), "overlap").status == "pass"


def test_the_same_text_with_two_targets_is_a_conflict():
    table = rows(["a", "a", "b", "b"], ["x", "y", "x", "x"])
    sides = given(table, *["train"] * 4)
    conflicts = only(look(table, sides), "conflicts")
    assert (conflicts.status, conflicts.numbers["rows"]) == ("warn", 2)
    table = rows(["a", "a", "b", "b"], ["0", "0.5", "10", "3"])
    conflicts = only(look(table, sides, "number"), "conflicts")
    assert conflicts.details == ["a.csv:4: target", "a.csv:5: target"]


def test_empty_texts_are_found_before_and_after_preprocessing():
    table = rows(["", "gone", "stays"], ["x", "y", "x"])
    sides = given(table, *["train"] * 3)
    drop = Rules([CharMap({c: "" for c in "gone"})])
    before, after = named(look(table, sides, preprocess=drop), "empty")
    assert (before.status, before.details) == ("fail", ["a.csv:2: text"])
    assert (after.status, after.details) == ("warn", ["a.csv:3: text"])
    none_left = Rules([CharMap({c: "" for c in "gonestays"})])
    assert "no text has a token left" in named(look(table, sides, preprocess=none_left), "empty")[-1].message


def test_the_unknown_rate_is_that_of_each_side():
    table = rows(["a b", "a c", "a z"], ["x", "y", "x"])
    unknown = only(look(table, given(table, "train", "train", "test")), "unknown")
    assert unknown.status == "warn"
    assert unknown.numbers == {"train": 0.0, "test": 0.5}


def test_scripts_and_invisible_characters_are_named():
    table = rows(["سلام abc\u200f", "emoji 👨\u200d👩 می\u200cخواهم"], ["x", "y"])
    sides = given(table, "train", "train")
    diagnosis = look(table, sides)
    scripts = only(diagnosis, "scripts").numbers
    assert scripts == {"Arabic": pytest.approx(11 / 19), "Latin": pytest.approx(8 / 19)}
    invisible = only(diagnosis, "invisible")
    assert (invisible.status, invisible.numbers) == ("warn", {"before": 1, "after": 1})
    assert invisible.details[0].startswith("U+200F right-to-left mark: 1 in the files")
    cleaned = only(look(table, sides, preprocess=Rules([CharMap({"\u200f": ""})])), "invisible")
    assert (cleaned.status, cleaned.numbers) == ("pass", {"before": 1, "after": 0})


def test_replacement_characters_mean_a_wrong_encoding():
    table = rows(["caf\ufffd", "b"], ["x", "y"])
    assert only(look(table, given(table, "train", "train")), "encoding").status == "warn"


def test_missing_targets_and_unseen_classes_are_errors():
    table = rows(["a", "b", "c", "d"], ["x", None, "y", "z"])
    diagnosis = look(table, given(table, "train", "train", "train", "test"))
    missing, unseen = named(diagnosis, "targets")
    assert (missing.status, missing.details) == ("fail", ["a.csv:3: target"])
    assert (unseen.status, unseen.message) == ("fail", "test has classes that train has not: z")


def test_a_class_of_test_that_differs_by_what_nobody_sees_is_told_by_that():
    table = rows(["a b", "c d", "e f"], ["x", "y", "y\u200f"])
    unseen = only(look(table, given(table, "train", "train", "test")), "targets")
    assert unseen.message == 'test has classes that train has not: y\u200f (with U+200F), which reads like "y"'


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [("good", ["good", "bad", "good", "bad"], "class"), ("4.5", [1.0, 3.5, 2.0, 2.5], "number")],
)
def test_a_target_called_as_its_values_are_is_no_header(name, values, kind):
    table = rows(["a b", "c d", "e f", "g h"], values)
    sides = given(table, "train", "train", "train", "test")
    told = look(table.replace_schema_metadata({"target": name}), sides, kind=kind)
    assert only(told, "header").message.startswith(f'the target column is called "{name}", as values in it are; ')
    usual = look(table.replace_schema_metadata({"target": "label"}), sides, kind=kind)
    assert named(usual, "header") == []


def test_a_class_that_training_has_a_part_of_is_seen():
    shares = [{"x": 0.6, "y": 0.4}, {"x": 0.4, "y": 0.6}]
    for columns, findings in (({"distribution": shares}, []), ({}, ["test has classes that train has not: y"])):
        table = rows(["a", "b"], ["x", "y"], **columns)
        found = named(look(table, given(table, "train", "test")), "targets")
        assert [finding.message for finding in found] == findings


def test_one_class_only_is_an_error():
    table = rows(["a", "b"], ["x", "x"])
    classes = only(look(table, given(table, "train", "train")), "classes")
    assert (classes.status, classes.message) == ("fail", 'train must have two classes or more, got only "x"')


def test_rare_classes_are_a_warning_with_bars():
    table = rows([f"t{i}" for i in range(100)], ["often"] * 95 + ["rarely"] * 5)
    classes = only(look(table, given(table, *["train"] * 100)), "classes")
    assert classes.status == "warn"
    assert "right for 95.0 % of train" in classes.message
    assert classes.details == [f"often   {'█' * 30} 95  95.0 %", f"rarely  {'██':<30}  5  5.0 %"]


def test_classes_that_differ_in_spelling_alone_are_a_warning():
    classes = ["pos", "POS", "ｐos", "1", "1.0", "neg", "neg  ative", "Neg ative"] * 5
    table = rows([f"text {i}" for i in range(40)], classes)
    diagnosis = look(table, given(table, *["train"] * 40))
    numbers, alike = named(diagnosis, "classes")[0], only(diagnosis, "alike")
    assert (numbers.status, alike.status) == ("warn", "warn")
    assert numbers.message.endswith(': "1" and "1.0"')
    assert 'task.merge = { pos = ["POS", "ｐos"], "neg  ative" = ["Neg ative"] } reads each as one' in alike.message
    assert alike.details[0] == '"pos" (5 rows), "POS" (5 rows), "ｐos" (5 rows)'


def test_classes_that_read_like_a_missing_value_are_a_warning():
    table = rows([f"text {i}" for i in range(40)], ["pos", "neg", "NaN", "null"] * 10)
    warned = named(look(table, given(table, *["train"] * 40)), "classes")[0]
    assert (warned.status, warned.message) == (
        "warn",
        'classes that read like a missing value: "NaN" (10 rows), "null" (10 rows)',
    )


def test_scores_that_are_no_number_or_constant_are_errors():
    table = rows(["a", "b", "c"], ["1", "high", "١٫٥"])
    diagnosis = look(table, given(table, *["train"] * 3), "number")
    assert only(diagnosis, "targets").details == ['a.csv:3: target: must be a number, got "high"']
    assert only(diagnosis, "scores").numbers["max"] == 1.5
    table = rows(["a", "b"], ["2", "2.0"])
    assert "got 2 times 2" in only(look(table, given(table, "train", "train"), "number"), "scores").message


def test_scores_have_a_histogram_and_a_range():
    table = rows([f"t{i}" for i in range(12)], [str(i) for i in range(11)] + ["99"])
    diagnosis = look(table, given(table, *["train"] * 11, "test"), "number")
    scores = only(diagnosis, "scores")
    assert len(scores.details) == 10
    assert scores.numbers["mean"] == 5
    assert only(diagnosis, "range").details == ["a.csv:13: target"]


def test_a_score_beside_which_all_others_are_one_is_named_and_a_long_tail_is_none():
    values = [str(i % 7) for i in range(30)]
    table = rows([f"t{i}" for i in range(31)], [*values, "1e12"])
    found = only(look(table, given(table, *["train"] * 31), "number"), "far")
    assert (found.status, found.details) == ("warn", ["a.csv:32: target"])
    tail = rows([f"t{i}" for i in range(31)], [f"{1.3**i:.6f}" for i in range(31)])
    assert not named(look(tail, given(tail, *["train"] * 31), "number"), "far")


def test_groups_on_two_sides_and_sides_without_weight_are_named():
    table = rows(["a", "b", "c"], ["x", "y", "x"], group=["1", "2", "2"], weight=[1.0, 1.0, 0.0])
    diagnosis = look(table, given(table, "train", "train", "test"))
    assert (only(diagnosis, "groups").status, only(diagnosis, "groups").numbers["shared"]) == ("warn", 1)
    assert "every row of test has weight 0" in [f.message for f in diagnosis.errors]


def test_one_row_is_one():
    table = rows(["a", "", "b"], ["x", "y", None])
    found = look(table, given(table, "train", "train", "train"))
    messages = [finding.message for finding in found.findings]
    assert "1 row without a text" in messages and "1 row without one" in messages
    assert not [message for message in messages if "1 rows" in message]


def test_skipped_rows_stay_visible():
    table, sides = sound()
    skipped = only(look(table.replace_schema_metadata({"skipped": "3"}), sides), "skipped")
    assert (skipped.status, skipped.numbers) == ("warn", {"skipped": 3})


def test_a_trained_tokenizer_is_left_as_it_is():
    table, sides = sound()
    tokenizer = Whitespace(min_frequency=1).build()
    tokenizer.train(["and"])
    before = tokenizer.vocabulary
    unknown = only(diagnose(table, sides, PLAIN, tokenizer, "class"), "unknown")
    assert tokenizer.vocabulary == before
    assert unknown.numbers["train"] == pytest.approx(2 / 3)


def test_the_bundled_sets_have_no_errors():
    from kerasseq.datasets.bundled import Bundled

    for name, kind in (("technology_ar", "number"), ("reviews_en", "class")):
        table = Bundled(set=name).build()
        diagnosis = look(table, split(table, SplitSettings(), kind), kind, max_length=64)
        assert diagnosis.errors == ()
        assert {f.name for f in diagnosis.warnings} == {"unknown"}
        assert isinstance(split(table, SplitSettings(), kind), Split)


def test_hints_do_not_ask_for_what_the_config_does_and_name_its_columns():
    table = rows([f"t{i}" for i in range(99)] + ["t0\u200f"], ["often"] * 95 + ["rarely"] * 5)
    sides = given(table, *["train"] * 99, "test")
    asked, told = look(table, sides), look(table, sides, already=Already(True, True, COLUMN))
    assert 'or set task.class_weights = "balanced"' in only(asked, "classes").message
    assert only(told, "classes").message.endswith("watch macro F1; task.class_weights weighs it already")
    assert 'name = "unicode" takes them out' in only(asked, "invisible").message
    assert 'name = "unicode" takes them out' not in only(told, "invisible").message
    same = rows(["a b", "a b"], ["x", "y"])
    sides = given(same, "train", "test")
    hints = [named(look(same, sides, already=each), "overlap")[0].message for each in (Already(text=COLUMN), NOTHING)]
    assert hints[0].endswith('dataset.group = "review" and split.method = "group" keep it on one side')
    assert hints[1].endswith("group by text")
