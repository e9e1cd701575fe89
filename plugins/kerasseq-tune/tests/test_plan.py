"""What a study is asked, on disk and off it."""

import json
from dataclasses import replace

import pytest
from kerasseq_tune.plan import Budget, Plan, seconds_of, size_of
from kerasseq_tune.space import Choice, Range, Space

from kerasseq.plugin import RunError, UsageError

SPACE = Space((Range("encoder.units", 2, 8, whole=True), Choice("pooler.name", ("mean", "max"))), {"encoder.units": 4})
PLAN = Plan("name = 'x'\n", "torch", SPACE, Budget(1.5, 3, 100, 0.1), 7, 2, 1, {"train": "abc"})


def test_what_is_written_is_read_again(tmp_path):
    PLAN.save(tmp_path / "plan.json")
    assert Plan.load(tmp_path / "plan.json") == PLAN


@pytest.mark.parametrize("text", ["", "[]", "{}", "3", '{"format": 1, "space": 3}', "{" * 100_000])
def test_a_damaged_plan_is_named(tmp_path, text):
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(RunError, match=str(path)):
        Plan.load(path)


def test_a_later_format_says_what_to_install(tmp_path):
    path = tmp_path / "plan.json"
    replace(PLAN).save(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 2}))
    with pytest.raises(RunError, match="install a newer kerasseq-tune"):
        Plan.load(path)


@pytest.mark.parametrize(("text", "size"), [("5MB", 5_000_000), ("512 KiB", 524_288), ("300", 300), ("1.5gb", 1.5e9)])
def test_sizes_have_units(text, size):
    assert size_of(text) == size


@pytest.mark.parametrize("text", ["", "MB", "5 parsecs", "0MB", "-3MB", "1e3"])
def test_a_size_that_is_none_is_refused(text):
    with pytest.raises(UsageError, match="--size: must be a number above 0 and a unit"):
        size_of(text)


def test_a_latency_has_a_unit():
    assert seconds_of("2ms") == 0.002
    with pytest.raises(UsageError, match="--latency"):
        seconds_of("2")
