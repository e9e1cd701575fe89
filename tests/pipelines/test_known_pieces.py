import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasseq.pipelines import known_pieces as module
from kerasseq.pipelines.known_pieces import KnownPieces

BATCHES = st.lists(st.lists(st.text(st.sampled_from(list("ab\u0628😀\ud800 \n")), max_size=9), min_size=1), max_size=4)


def check(batches: list[list[str]]) -> None:
    """Numbers against those that a dictionary gives."""
    known, wanted = KnownPieces(), dict[str, int]()
    for texts in batches:
        numbers, counts, new = known(texts)
        for place, piece in enumerate(new, len(wanted)):
            assert wanted.setdefault(piece, place) == place
        assert counts.tolist() == [len(text.split(" ")) for text in texts]
        assert numbers.tolist() == [wanted[piece] for text in texts for piece in text.split(" ")]
        assert len(known) == len(wanted)
        assert known.characters == sum(map(len, wanted))


@settings(deadline=None)
@given(BATCHES)
def test_pieces_have_the_numbers_of_a_dictionary(batches: list[list[str]]) -> None:
    check(batches)


@pytest.mark.parametrize("mixer", [0, 1 << 60, 1 << 63])
def test_pieces_of_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch, mixer: int) -> None:
    monkeypatch.setattr(module, "_MIXER", np.uint64(mixer))
    draw = random.Random(0)
    words = ["".join(draw.choices("abcب😀", k=draw.randint(0, 4))) for _ in range(300)]
    check([[" ".join(draw.choices(words, k=8)) for _ in range(20)] for _ in range(6)])


def test_a_table_grows_with_its_pieces() -> None:
    check([[f"w{number} v{number % 7}" for number in range(start, start + 3000)] for start in range(0, 12_000, 2000)])


def test_texts_whose_polynomials_agree_in_every_base_are_told_apart() -> None:
    one, other = "a", "b"  # of Thue and Morse: equal modulo 2**64 from 2**11 letters on, whatever the base
    for _ in range(11):
        one, other = one + other, other + one
    check([[one, other, f"{other} {one}"], [other]])
