import pytest

from kerasseq.preprocessors.numbers import Digits, Numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 2 3", "N N N"),
        ("3.5, ١٢٫٥؛ 12:30 2024/05/01.", "N, N؛ N N."),
        ("50% ٥٠٪ -5", "N N -N"),
        ("covid19 3D 2nd b2b سنة١٤ 5_a", "covid19 3D 2nd b2b سنة١٤ 5_a"),
        ("8/10", "N"),
        ("\ufdd01\ufdd1", "N"),
    ],
)
def test_numbers_that_stand_alone_are_replaced(text: str, expected: str) -> None:
    assert Numbers(token="N").build()([text]) == [expected]


def test_numbers_can_be_removed_and_have_a_default_token() -> None:
    assert Numbers(action="remove").build()(["a 5 b"]) == ["a  b"]
    assert Numbers().build()(["a 5 b"]) == ["a [number] b"]


def test_digits_of_both_arabic_rows_become_ascii() -> None:
    assert Digits().build()(["٠١٢٣٤٥٦٧٨٩ ۰۱۲۳۴۵۶۷۸۹ १ ١٢٫٥٪ ١٬٠٠٠"]) == ["0123456789 0123456789 १ 12.5% 1,000"]


def test_separators_can_stay_arabic() -> None:
    assert Digits(separators=False).build()(["١٢٫٥٪"]) == ["12٫5٪"]
