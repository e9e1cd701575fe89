import pytest

from kerasseq.preprocessors.elongation import Elongation


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("soooo goood", "soo good"),
        ("جمييييل هههههه الله", "جمييل هه الله"),
        ("!!!!!! ؟؟؟؟؟ ...... ،،،،", "!!! ؟؟؟ ... ،،،"),
        ("1000000 www.x.com World War III", "1000000 www.x.com World War III"),
        ("😂😂😂😂", "😂😂😂😂"),
        ("SOOOO", "SOO"),
    ],
)
def test_what_is_repeated_for_effect_is_shortened(text: str, expected: str) -> None:
    assert Elongation().build()([text]) == [expected]


def test_what_stays_can_be_set() -> None:
    assert Elongation(letters=1).build()(["good الله!!!!"]) == ["god اله!!!"]
    assert Elongation(letters=3, punctuation=1).build()(["soooo!!!!"]) == ["sooo!"]
    assert Elongation(punctuation=0).build()(["soooo!!!!"]) == ["soo!!!!"]
