from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field, model_validator

from kerasseq.config.messages import explain
from kerasseq.config.sections import check
from kerasseq.config.settings import TrainingSettings
from kerasseq.spec import InputPath, Settings


class Point(Settings):
    """A table in a section."""

    x: int = 0
    """Across."""


class Example(Settings):
    """Every type that a setting can have."""

    count: Annotated[int, Field(ge=1, le=8)] = 2
    share: Annotated[float, Field(ge=0, lt=1)] = 0.5
    flag: bool = True
    word: Annotated[str, Field(min_length=1, max_length=5)] = "a"
    choice: Literal["layer", "batch"] = "layer"
    size: Literal[1, 2] = 1
    names: tuple[str, ...] = ()
    pair: Annotated[tuple[float, ...], Field(max_length=2)] = ()
    table: dict[str, int] = {}
    point: Point = Point()
    file: InputPath = ""

    @model_validator(mode="after")
    def _agree(self):
        if self.count == 7 and self.flag:
            raise ValueError("count must not be 7 where flag is true")
        if self.word == "no" and self.flag:
            raise ValueError("word and flag must agree")
        return self

    def problems(self):
        """A file that is not there."""
        if self.file and not Path(self.file).exists():
            yield "file", "must be a file"


def problems(**table):
    return list(check(Example, table, Path("/tmp")).problems)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("count", "3", 'must be a whole number, got "3"'),
        ("count", 3.0, "must be a whole number, got 3.0"),
        ("count", True, "must be a whole number, got true"),
        ("count", [3], "must be a whole number, got [3]"),
        ("count", 0, "must be at least 1, got 0"),
        ("count", 10**30, f"must be at most 8, got {10**30}"),
        ("count", float("nan"), "must be a whole number, got nan"),
        ("share", float("nan"), "must be a finite number, got nan"),
        ("share", float("-inf"), "must be a finite number, got -inf"),
        ("share", 10**400, "must be a finite number, got 1000000000"),
        ("share", 1, "must be less than 1, got 1"),
        ("share", "0.3", 'must be a number, got "0.3"'),
        ("flag", 1, "must be true or false, got 1"),
        ("flag", "yes", 'must be true or false, got "yes"'),
        ("word", 3, "must be a text in quotes, got 3"),
        ("word", "", "must not be empty"),
        ("word", "abcdef", 'must have at most 5 characters, got "abcdef"'),
        ("choice", "lay", 'must be one of "layer", "batch", got "lay"; did you mean "layer"?'),
        ("choice", "zzz", 'must be one of "layer", "batch", got "zzz"'),
        ("choice", 3, 'must be one of "layer", "batch", got 3'),
        ("size", 3, "got 3"),
        ("names", "a", 'must be a list, got "a"'),
        ("pair", [1, 2, 3], "must have at most 2 items, got [1, 2, 3]"),
        ("table", [1], "must be a table, got [1]"),
        ("point", 3, "must be a table, got 3"),
    ],
)
def test_each_wrong_value_says_rule_and_value(key, value, message):
    [(found, said)] = problems(**{key: value})
    assert found == key
    assert message in said


def test_places_inside_lists_and_tables_are_named():
    assert problems(names=["a", 3]) == [("names[1]", "must be a text in quotes, got 3")]
    assert problems(table={"a": "b"}) == [("table.a", 'must be a whole number, got "b"')]
    assert problems(point={"x": "b"}) == [("point.x", 'must be a whole number, got "b"')]


def test_a_whole_number_is_a_number_and_right_sections_have_no_problems():
    checked = check(Example, {"share": 0, "pair": [1, 2.5], "names": [], "point": {"x": 3}}, Path("/tmp"))
    assert checked.whole
    assert checked.problems == ()
    assert (checked.settings.pair, checked.settings.point.x) == ((1.0, 2.5), 3)


def test_a_rule_over_several_keys_belongs_to_the_one_it_begins_with_or_to_the_section():
    assert problems(count=7) == [("count", "must not be 7 where flag is true")]
    assert problems(word="no") == [("", "word and flag must agree")]


@pytest.mark.parametrize("key", ["word", "count", "names"])
def test_a_date_is_never_taken_for_a_text(key):
    import tomllib

    for date in ("2024-01-31", "07:32:00", "2024-01-31T07:32:00Z"):
        table = tomllib.loads(f"x = {date}")
        [(found, said)] = problems(**{key: table["x"]})
        assert found == key
        assert "2024" in said or "07:32" in said
        assert not said.endswith('got "2024-01-31"')


def test_relative_paths_start_at_the_folder_and_missing_ones_are_found_beside_mistakes():
    checked = check(Example, {"file": "gone.txt", "count": "x"}, Path("/nowhere"))
    assert checked.problems == (("count", 'must be a whole number, got "x"'), ("file", "must be a file"))
    assert checked.settings.file == "/nowhere/gone.txt"
    assert check(Example, {"file": "gone.txt"}, Path("/nowhere"), outside=False).problems == ()


def test_a_partial_section_knows_what_is_right_and_nothing_else():
    checked = check(Example, {"count": "x", "share": 0.25, "wrod": "b"}, Path("/tmp"))
    assert not checked.whole
    assert checked.settings.share == 0.25
    assert checked.settings.flag is True
    for unknown in ("count", "word"):
        with pytest.raises(AttributeError):
            getattr(checked.settings, unknown)


def test_a_key_of_another_section_is_sent_there():
    assert problems(learning_rate=0.1) == [("learning_rate", 'unknown key; did you mean "training.learning_rate"?')]
    assert (
        dict(check(TrainingSettings, {"epoch": 3}, Path()).problems)["epoch"] == 'unknown key; did you mean "epochs"?'
    )


def test_findings_are_in_our_words_for_every_kind_that_pydantic_reports_here():
    import pydantic

    with pytest.raises(pydantic.ValidationError) as caught:
        Example.model_validate_json('{"count": "a", "extra": 1, "share": null}')
    said = dict(explain(caught.value, Example, {"count": "a", "extra": 1, "share": None}))
    assert not any("Input should" in message or "input should" in message for message in said.values())


def test_a_path_that_the_system_refuses_is_a_problem_of_its_key():
    for path, said in (
        ("a" * 5000 + ".csv", "must be a path that the system takes, got file name too long"),
        ("a\0b.csv", "must be a path, got 'a\\x00b.csv'"),
    ):
        assert check(Example, {"file": path}, Path("/")).problems == (("file", said),)
