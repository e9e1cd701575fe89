import math

import pytest

from kerasseq.arrays.forms import FORMS, fits_form, form_fault, form_of, in_points, out_of


@pytest.mark.parametrize(
    ("value", "form", "read"),
    [
        ("0,5", "comma", "0.5"),
        ("-1.234,5", "comma", "-1234.5"),
        ("1.234", "comma", "1234"),
        ("-12.345.678", "comma", "-12345678"),
        ("1.23", "comma", "1.23"),
        ("0.125", "comma", "0.125"),
        ("1.234", "percent", "1.234"),
        ("7", "comma", "7"),
        ("7%", "percent", "7"),
        ("12,5 %", "percent", "12.5"),
        ("٧٪", "percent", "٧"),
        ("0,5", "point", "0,5"),
        ("good", "comma", "good"),
        ("1,234,567", "comma", "1,234,567"),
        ("7/10", "N/10", "7"),
        ("8,5 / 10", "N/10", "8.5"),
        ("٧/١٠", "N/10", "٧"),
        ("٧٫٥ \u2044 ١٠", "N / 10.0", "٧٫٥"),
        ("7/5", "N/10", "7/5"),
        ("7/10/2024", "N/10", "7/10/2024"),
        ("7", "N/10", "7"),
        ("1,234", "N points", "1,234"),
        ("5 stars", "N star|N stars", "5"),
        ("1 Star", "N star|N stars", "1"),
        ("3★", "N★", "3"),
        ("4 نجوم", "N نجوم", "4"),
        ("4,5نجوم", "N نجوم", "4.5"),
        ("four stars", "N stars", "four stars"),
        ("stars", "N stars", "stars"),
        ("5 moons", "N stars", "5 moons"),
    ],
)
def test_numbers_in_another_form_become_those_that_python_reads(value, form, read):
    assert in_points(value, form) == read


def test_the_form_is_that_which_reads_every_value():
    assert form_of(["0.5", "1"]) == "point"
    assert form_of(["0,5", "1"]) == "comma"
    assert form_of(["0%", "50", "7,5%"]) == "percent"
    assert form_of(["0,5", "bad"]) is None
    assert form_of(["0,5", "0.55"]) == "comma"


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (["7/10", "8.5 / 10", "10/10", "0/10"], "N/10"),
        (["٧/١٠", "9/10"], "N/10"),
        (["3/5", "4,5/5"], "N/5"),
        (["5 stars", "4 stars", "1 star"], "N star|N stars"),
        (["5 Stars", "4 stars"], "N stars"),
        (["3★", "5★"], "N★"),
        (["3 ⭐", "5⭐"], "N ⭐"),
        (["4 نجوم", "5 نجوم"], "N نجوم"),
        (["1 نجمة", "2 نجمتان", "3 نجوم", "5 نجوم"], "N نجمة|N نجمتان|N نجوم"),
        (["12 €", "7,50 €"], "N €"),
        (["1 Punkt", "5 Punkte", "12 Punkte"], "N Punkt|N Punkte"),
        (["1 نجمة", "5 نجوم", "11 نجمة"], "N نجمة|N نجوم"),
        (["5stars", "4stars"], "N stars"),
    ],
)
def test_scores_out_of_one_number_or_before_one_word_have_a_form_that_reads_them(values, form):
    assert form_of(values) == form and not form_fault(form)
    assert all(math.isfinite(float(in_points(value, form))) for value in values)


@pytest.mark.parametrize(
    "values",
    [
        ["7/10", "3/5"],  # denominators
        ["7/10", "8"],
        ["12/10", "7/10"],  # dates
        ["07/10", "08/10"],
        ["7/10/2024", "8/10/2024"],
        ["2024/7", "2024/8"],
        ["1/1", "0/1"],
        ["7/10", "7/10"],  # nothing to tell apart
        ["5 stars"],
        ["5 May", "7 May"],
        ["5 مايو", "7 مايو"],
        ["1.2.3", "1.2.4"],  # versions
        ["v1", "v2"],
        ["12a", "14a"],  # houses
        ["7 pm", "9 pm"],
        ["1st", "2nd", "3rd"],
        ["12 Main", "7 Elm", "9 Oak"],
        ["5 Main street", "7 Main street"],
        ["0012 abc", "0013 abc"],  # ids
        ["1,234 points", "5 points"],
        ["5 stars", "5 stare"],  # one number, two words
        ["1 starA", "2 starB", "3 starC", "4 starD"],
        ["5+", "4+"],
        ["1.299 €", "849 €", "2.199 €"],  # thousands
        ["1.500 Euro", "2.000 Euro", "500 Euro"],
        ["1.2 Milliarden", "850 Millionen", "3.4 Milliarden", "920 Millionen"],  # several units
        ["250 milligrams", "1 milliliters"],
        ["5 metres", "1 megametres"],
        ["30 horas", "1 hours"],
        ["good", "bad"],
    ],
)
def test_what_may_be_something_else_has_none(values):
    assert form_of(values) is None


@pytest.mark.parametrize(
    "form",
    [
        "",
        "N",
        "commas",
        "N of 10",
        "N/0",
        "N/x",
        "N/A",
        "7/10",
        "stars",
        "N/10|N/5",
        "N stars|5",
        "N stars|",
        "None",
        "Nstars",
    ],
)
def test_a_form_that_says_nothing_is_refused_with_what_could_stand_there(form):
    assert form_fault(form).startswith("must be one of point, comma, percent, or how a number N is written")


def test_every_form_reads_plain_numbers_and_one_alone_has_a_scale():
    for form in (*FORMS, "N/10", "N stars", "N★"):
        assert form_fault(form) == "" and fits_form("3.5", form) and not fits_form("good", form)
    assert out_of("N/7.5") == 7.5 and math.isnan(out_of("N stars")) and math.isnan(out_of("percent"))
