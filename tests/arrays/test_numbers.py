import math

import numpy as np
import pytest

from kerasseq.arrays.numbers import absent, as_number, number_fault, one_spelling


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3),
        (" 2.5 ", 2.5),
        ("-1e-3", -0.001),
        ("٣٫٥", 3.5),
        ("۷", 7),
        ("\u22123.5", -3.5),
        (np.float32(0.5), 0.5),
        ("0.0", 0),
    ],
)
def test_what_people_write_as_a_number_is_one(value, number):
    assert as_number(value) == number


@pytest.mark.parametrize(
    "value", [None, True, "", "3,5", "1_000", "ten", "nan", "inf", "0x10", "1e16", "-1e300", 1e-31]
)
def test_what_is_no_number_is_none(value):
    assert math.isnan(as_number(value))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "must be a number, got nothing"),
        ("ten", 'must be a number, got "ten"'),
        ("nan", 'must be a number, got "nan"'),
        ("-3,5", 'must be a number, got "-3,5"; write a point for the decimals: -3.5'),
        ("1.250,5", 'must be a number, got "1.250,5"; write a point for the decimals: 1250.5'),
        (
            "7 / 10",
            'must be a number, got "7 / 10"; in a table dataset.numbers = "N/10" reads it, where every row has that '
            "number behind it",
        ),
        ("50 %", 'must be a number, got "50 %"; leave the percent sign away'),
        ("1e300", 'must be a number, got "1e300"; its size must be 0 or from 1e-30 to 1e+15'),
        ("1e400", 'must be a number, got "1e400"; its size must be 0 or from 1e-30 to 1e+15'),
    ],
)
def test_what_is_wrong_is_said_with_what_to_write(value, said):
    assert number_fault(value) == said


def test_a_long_value_is_cut():
    assert len(number_fault("x" * 10_000)) < 100


def test_among_numbers_some_words_say_that_one_is_missing_and_elsewhere_they_are_classes():
    assert absent(["1", "NaN", "n/a", "2.5"]) == {"NaN", "n/a"}
    assert absent(["good", "null"]) == absent(["1", "none"]) == absent(["nan"]) == set()


def test_a_number_has_one_spelling_where_all_are_numbers():
    assert one_spelling(["1", "1.0", "01", "2.0", "3"]) == {"1.0": "1", "01": "1"}
    assert one_spelling(["2.0", "3.0"]) == {}
    assert one_spelling(["1", "1.0", "x"]) == {}
