"""Truncation, pairs and padding against `Tokenizer.encode` and `encode_pair`."""

import numpy as np
import pytest
from kerasseq_tftext.cutting import matches
from kerasseq_tftext.lookup import WhitespaceTokenizer
from kerasseq_tftext.saving.tokens import joined, padded, truncated
from kerasseq_tftext.tensors import tensor
from kerasseq_tftext.tokenizer import rows

from kerasseq.pipelines.made_texts import HOSTILE as RAW
from kerasseq.registry.components import load

WORDS = [f"w{i}" for i in range(40)]
LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 33]


@pytest.mark.parametrize("truncation", ["head", "tail", "both"])
@pytest.mark.parametrize("max_length", [1, 2, 5, 8, 40])
def test_what_is_kept_is_what_python_keeps(truncation: str, max_length: int) -> None:
    tokenizer = WhitespaceTokenizer(max_length, truncation, 1)  # type: ignore[arg-type]
    tokenizer.train(WORDS)
    random = np.random.default_rng(0)
    first = [" ".join(random.choice(WORDS, n)) for n in LENGTHS for _ in LENGTHS]
    second = [" ".join(random.choice(WORDS, n)) for _ in LENGTHS for n in LENGTHS]
    one, two = (tokenizer.on_tensor(tensor(side)) for side in (first, second))
    for ours, theirs in (
        (truncated(one, tokenizer), tokenizer.encode(first)),
        (joined(one, two, tokenizer), tokenizer.encode_pair(first, second)),
    ):
        assert list(rows(ours)) == [theirs.ids[row].tolist() for row in range(len(first))]


def test_rows_have_a_column_even_where_no_text_has_a_token() -> None:
    tokenizer = WhitespaceTokenizer()
    tokenizer.train(["a"])
    for texts, shape in (([], (0, 1)), (["", " "], (2, 1)), (["a a", ""], (2, 2))):
        assert padded(truncated(tokenizer.on_tensor(tensor(texts)), tokenizer)).shape == shape


@pytest.mark.parametrize("name", ["word", "whitespace", "character"])
def test_a_pattern_cuts_as_in_python(name: str) -> None:
    tokenizer = load("tokenizer", name)[1]().build()
    texts = [text.replace("\0", "\x01") for text in RAW]
    found = matches(tensor(texts), tokenizer.pattern).to_list()
    assert [[piece.decode() for piece in row] for row in found] == [tokenizer.split(text) for text in texts]
