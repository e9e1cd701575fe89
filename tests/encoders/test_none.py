"""`none`: a bag of vectors."""

import numpy as np

from kerasseq.encoders.none import NoEncoder


def test_it_gives_its_input_back() -> None:
    x = np.ones((2, 3, 4))
    assert NoEncoder(name="none").build()(x, mask=np.ones((2, 3), dtype=bool)) is x


def test_it_has_one_direction() -> None:
    assert NoEncoder(name="none").directions == 1
