import numpy as np
import pytest

from kerasseq.corpus.alphabet import Alphabet


def test_characters_have_ids_by_frequency_then_by_themselves():
    alphabet = Alphabet.learned(["كتاب", "كاتب", "b", "b", "a"])
    assert alphabet.characters == ("b", "ا", "ب", "ت", "ك", "a")
    assert alphabet.size == 8
    assert Alphabet.learned(["aab", "c"], least=2).characters == ("a",)


def test_unknown_characters_are_one_and_padding_is_zero():
    ids = Alphabet("ab", longest=3).encode(["ba", "x", ""])
    assert ids.tolist() == [[3, 2, 0], [1, 0, 0], [0, 0, 0]]
    assert ids.dtype == np.int32


@pytest.mark.parametrize("longest", [1, 2, 3, 6])
def test_a_long_word_keeps_both_ends(longest):
    characters = "abcdefghij"
    [ids] = Alphabet(characters, longest).encode([characters])
    kept = "".join(characters[i - 2] for i in ids)
    assert len(kept) == longest
    assert characters.startswith(kept[: longest // 2])
    assert characters.endswith(kept[longest // 2 :])


def test_no_words_give_no_rows():
    assert Alphabet("a", 4).encode([]).shape == (0, 4)
