import subprocess
import sys
from pathlib import Path

import pytest

from kerasseq.errors import UsageError
from kerasseq.poolers.reduce import Mean
from kerasseq.preprocessors.html import Html
from kerasseq.preprocessors.unicode import Casefold
from kerasseq.testing import checks_for, parametrize_with_checks

WRONG = Path(__file__).parent / "wrong"

MODULE = """
from kerasseq.testing import parametrize_with_checks
from wrong_rest import LinesFromZero, Rows, Shuffled

EXPECTED = {}

@parametrize_with_checks([Rows(name="rows"), LinesFromZero(name="zero")], EXPECTED)
def test_keeps_the_rules(spec, check):
    check(spec)
"""


def pytest_says(folder, expected="{}"):
    """The lines that pytest prints for a plugin's own test module."""
    (folder / "test_plugin.py").write_text(MODULE.replace("{}", expected, 1), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-rA", "-q", "-p", "no:cacheprovider", str(folder)]
    code = f"import sys; sys.path.insert(0, {str(WRONG)!r}); import pytest; sys.exit(pytest.main({command[3:]!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, timeout=120)
    return done.stdout


def test_plain_pytest_runs_one_test_for_each_check_of_each_spec(tmp_path):
    said = pytest_says(tmp_path)
    assert "FAILED test_plugin.py::test_keeps_the_rules[LinesFromZero()-check_rows]" in said
    assert "line must be 1 or more, got 0 in row 0, 'one'" in said
    assert "PASSED test_plugin.py::test_keeps_the_rules[Rows()-check_rows]" in said
    assert "1 failed, 15 passed" in said


def test_a_failure_that_is_expected_fails_when_it_does_not_come(tmp_path):
    expected = '{"check_rows": "lines are counted from 0"}'
    said = pytest_says(tmp_path, expected)
    assert "XFAIL test_plugin.py::test_keeps_the_rules[LinesFromZero()-check_rows] - lines are counted from 0" in said
    assert "[XPASS(strict)] lines are counted from 0" in said
    only = 'lambda spec: {"check_rows": "counted from 0"} if spec.name == "zero" else {}'
    assert "15 passed, 1 xfailed" in pytest_says(tmp_path, only)


def test_a_check_that_nobody_has_is_refused():
    with pytest.raises(UsageError, match='no check is called "check_mask"; did you mean "check_masks"'):
        parametrize_with_checks([Mean(name="mean")], {"check_mask": "no"})


def test_a_class_in_place_of_an_instance_is_refused():
    with pytest.raises(UsageError, match="specs: must be instances"):
        parametrize_with_checks([Mean])


def test_checks_are_named_functions_and_say_their_rule():
    for spec in (Mean(name="mean"), Html(), Casefold()):
        checks = list(checks_for(spec))
        assert len({check.__name__ for check in checks}) == len(checks)
        assert all(check.__name__.startswith("check_") and check.__doc__ for check in checks)


def test_who_does_not_claim_to_be_idempotent_is_not_asked():
    names = [[check.__name__ for check in checks_for(spec)] for spec in (Html(), Casefold())]
    assert ["check_idempotent" in each for each in names] == [False, True]


def test_importing_the_kit_imports_no_framework():
    code = "import kerasseq.testing, sys; print([m for m in ('keras', 'torch', 'jax', 'pytest') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
