"""What is noted of vectors of words, and for how long."""

from types import SimpleNamespace

from kerasseq.backend.words import kept, note_words, noted, still


def test_words_are_noted_only_while_weights_stay_as_they_are() -> None:
    before, inside = SimpleNamespace(), SimpleNamespace()
    note_words(before, "ids", "vectors")
    with still():
        assert noted(before) is None
        note_words(inside, "ids", "vectors")
        assert noted(inside) == ("ids", "vectors")
    assert noted(inside) is None


def test_what_is_made_of_weights_is_made_once_while_they_stay_and_anew_afterwards() -> None:
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return len(made)

    assert [kept("a", make), kept("a", make)] == [1, 2]
    for expected in (3, 4):
        with still():
            assert [kept("a", make), kept("a", make)] == [expected] * 2
