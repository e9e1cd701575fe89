import pytest

from kerasseq.preprocessors.english import Contractions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I don't know", "I do not know"),
        ("Don’t! CAN'T, won't.", "Do not! CAN NOT, will not."),
        ("I'm you're we've they'll he'd it's", "I am you are we have they will he would it is"),
        ("i’m", "I am"),
        ("Let's go y'all", "Let us go you all"),
        ("do n't ca n't", "do not ca not"),
        ("Ali's book, dogs' bones, rock'n'roll, o'clock", "Ali's book, dogs' bones, rock'n'roll, o'clock"),
        ("dont cant", "dont cant"),
        ("'don't'", "'do not'"),
    ],
)
def test_contractions_are_written_out(text: str, expected: str) -> None:
    assert Contractions().build()([text]) == [expected]
