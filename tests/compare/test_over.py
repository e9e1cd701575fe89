"""One config with each of several values, and the picture over them."""

import pytest

from kerasseq.compare.files import as_json, write
from kerasseq.compare.over import combinations, lines, misread
from kerasseq.compare.road import compare
from kerasseq.errors import UsageError

UNITS = ["encoder.name=gru,lstm", "encoder.units=2,10,3"]


def test_every_value_of_one_key_meets_every_value_of_the_other():
    assert [tuple(one.values()) for one in combinations(["a.b=x,y", "c=1, 2"])] == [
        ("x", "1"), ("x", "2"), ("y", "1"), ("y", "2"),
    ]  # fmt: skip
    assert combinations([]) == [{}]


def test_each_combination_is_a_model_with_its_settings_and_a_label_of_its_own(plan):
    models = plan("a", seeds=2, over=UNITS)
    assert [len(model.jobs) for model in models] == [2] * 6
    assert models[1].label == "a, encoder.name=gru, encoder.units=10"
    assert {model.jobs[0].experiment.components["encoder"].name for model in models} == {"gru", "lstm"}
    assert len({model.label for model in models}) == 6


@pytest.mark.parametrize(
    ("over", "said"),
    [
        (["units"], '--over: must be KEY=VALUE,VALUE, got "units"'),
        (["encoder.units=2,,3"], "--over: must be KEY=VALUE,VALUE"),
        (["encoder.units=2,2"], "--over: must name each value of encoder.units once"),
        (["encoder.units=2", "encoder.units=3"], "--over: must name each key once, got encoder.units 2 times"),
        (["seed=1,2"], "got seed; see --seeds"),
    ],
)
def test_what_is_wrong_with_an_option_is_said(over, said):
    assert any(said in problem for problem in misread(over))


def test_a_key_that_is_unknown_is_said_once(plan):
    with pytest.raises(UsageError) as error:
        plan("a", seeds=1, over=["encoder.nits=2,3"])
    assert str(error.value).count("encoder.nits") == 1


def test_a_line_for_each_model_in_the_order_of_its_numbers_and_one_for_each_baseline(plan, fake, tmp_path):
    found = compare(plan("a", seeds=1, over=UNITS), tmp_path / "out", work=fake())
    key, drawn = lines(found)
    assert key == "encoder.units"
    assert [(line.name, [x for x, _ in line.points], line.baseline) for line in drawn] == [
        ("gru", [2, 3, 10], False), ("lstm", [2, 3, 10], False), ("majority", [2, 3, 10], True),
    ]  # fmt: skip
    rows = {row.label: row.scores[found.main].score.value for row in found.rows}
    assert drawn[0].points[1][1].value == rows["a, encoder.name=gru, encoder.units=3"]
    assert as_json(found)["models"][0]["over"] == {"encoder.name": "gru", "encoder.units": "2"}


def test_the_picture_is_a_file_and_on_the_page_and_the_same_each_time(plan, fake, tmp_path):
    out = tmp_path / "out"
    found = compare(plan("a", seeds=1, over=UNITS), out, work=fake())
    first = (out / "comparison.png").read_bytes()
    assert first.startswith(b"\x89PNG")
    assert "over encoder.units: gru 2: " in (out / "comparison.html").read_text("utf-8")
    write(found, out)
    assert (out / "comparison.png").read_bytes() == first


def test_without_numbers_there_is_no_picture(plan, fake, tmp_path):
    found = compare(plan("a", seeds=1, over=UNITS[:1]), tmp_path / "out", work=fake())
    assert lines(found) is None
    assert not (tmp_path / "out" / "comparison.png").exists()
