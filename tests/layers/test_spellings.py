"""Words as vectors of their letters."""

from collections import Counter

import numpy as np
import pytest

from kerasseq.layers import spellings as module
from kerasseq.layers.spellings import WIDTH, spellings

SPECIALS = ["", "[UNK]", "[SEP]"]
WORDS = ["network", "networks", "networking", "net", "river", "شبكة", "الشبكة", "شبكات", "a", "نهر"]


def cosine(one: str, other: str) -> float:
    """Of the counts of n-grams, without a projection."""

    def counts(word: str) -> Counter[str]:
        marked = f"<{word}>"
        return Counter(marked[i : i + n] for n in (3, 4, 5) for i in range(len(marked) - n + 1))

    a, b = counts(one), counts(other)
    length = np.sqrt(sum(v * v for v in a.values()) * sum(v * v for v in b.values()))
    return float(sum(a[key] * b[key] for key in a) / length)


def test_products_are_about_the_cosines_of_the_n_grams() -> None:
    table = spellings([*SPECIALS, *WORDS])[3:].astype("float64")
    exact = np.array([[cosine(a, b) for b in WORDS] for a in WORDS])
    errors = table @ table.T - exact
    assert (np.abs(errors) <= 4 * (1 - exact**2) / np.sqrt(WIDTH) + 1e-6).all()
    assert 0.02 < errors[exact == 0].std() < 0.14  # about 1 / sqrt(128)


def test_a_word_is_itself_and_a_special_token_is_nothing() -> None:
    table = spellings([*SPECIALS, *WORDS])
    np.testing.assert_allclose((table[3:] ** 2).sum(axis=1), 1, rtol=1e-6)
    assert table.dtype == np.float32 and not table[:3].any()
    assert spellings(SPECIALS).shape == (3, WIDTH)


def test_a_word_has_the_same_vector_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bits of BLAKE2b of the n-gram in UTF-8; of `a` there is one n-gram, `<a>`."""
    table = spellings([*SPECIALS, *WORDS])
    signs = "".join("+" if number > 0 else "-" for number in table[3 + WORDS.index("a")][:16])
    assert signs == "+++-+++++--+-+-+"
    monkeypatch.setattr(module, "WORDS", 2)
    np.testing.assert_array_equal(spellings([*SPECIALS, *WORDS]), table)
    np.testing.assert_array_equal(spellings([*SPECIALS, "نهر"])[3], table[-1])


def test_an_empty_token_has_no_letters() -> None:
    assert not spellings([*SPECIALS, ""])[3].any()
