import inspect

import pytest

from kerasseq import errors
from kerasseq.errors import ConfigError, KerasseqError, Problem


def test_everything_raised_on_purpose_is_a_kerasseq_error_with_an_exit_code():
    for name in errors.__all__:
        thing = getattr(errors, name)
        if inspect.isclass(thing) and issubclass(thing, Exception):
            assert issubclass(thing, KerasseqError)
            assert thing.exit_code in (1, 2)


def test_the_tree_in_the_docstring_names_every_error_with_its_exit_code():
    lines = {line.split()[1]: line for line in (errors.__doc__ or "").splitlines() if "──" in line}
    classes = [t for t in vars(errors).values() if inspect.isclass(t) and issubclass(t, KerasseqError)]
    assert set(lines) == {c.__name__ for c in classes} - {"KerasseqError"}
    for each in classes:
        if each is not KerasseqError:
            assert f"(exit code {each.exit_code})" in lines[each.__name__]


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (
            Problem("encoder.units", "must be at least 1, got 0", 12, 9),
            "a.toml:12:9: encoder.units: must be at least 1, got 0",
        ),
        (Problem("encoder", "is required"), "a.toml: encoder: is required"),
        (Problem("", "is empty"), "a.toml: is empty"),
    ],
)
def test_a_problem_says_where_then_rule_and_value(problem, line):
    assert problem.render("a.toml") == line


def test_problems_come_in_the_order_of_the_file_and_those_without_a_line_last():
    problems = [Problem("c", "x"), Problem("b", "x", 9, 1), Problem("a", "x", 3, 5), Problem("d", "x", 3, 1)]
    error = ConfigError(problems, "a.toml")
    assert [p.key for p in error.problems] == ["d", "a", "b", "c"]
    assert str(error).splitlines()[0] == "a.toml:3:1: d: x"
