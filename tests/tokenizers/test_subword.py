import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from kerasseq.tokenizers.subword import Subword, SubwordTokenizer

TEXTS = ["the lower the newer", "newest and lowest", "كتب الطالب الدرس", "كتبت الطالبة الدرس"] * 20

PROGRAM = """
import json
from kerasseq.tokenizers.subword import Subword
texts = ["the lower the newer", "newest and lowest", "كتب الطالب الدرس", "كتبت الطالبة الدرس"] * 20
tokenizer = Subword(vocabulary_size=400).build()
tokenizer.train(texts)
print(json.dumps(tokenizer.to_json()))
"""


def trained() -> SubwordTokenizer:
    tokenizer = Subword(vocabulary_size=400).build()
    tokenizer.train(TEXTS)
    return tokenizer


TRAINED = trained()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_comes_back_and_nothing_is_unknown(text: str) -> None:
    tokenizer = SubwordTokenizer.from_json(TRAINED.to_json() | {"max_length": 100_000})
    encoded = tokenizer.encode([text])
    assert tokenizer.decode(encoded.ids.flat) == text
    assert encoded.unknown == 0
    assert encoded.ids.flat.size == 0 or encoded.ids.flat.min() >= 3


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_pieces_join_to_the_text(text: str) -> None:
    assert "".join(TRAINED.split(text)) == text


def test_pieces_and_ids_are_as_many() -> None:
    text = "the كتب 😂 ζ"
    assert len(TRAINED.split(text)) == len(TRAINED.encode([text]).ids.flat)


def test_frequent_words_are_one_piece() -> None:
    assert TRAINED.split("the الدرس") == ["the", " الدرس"]


def test_two_processes_learn_the_same() -> None:
    run = [sys.executable, "-c", PROGRAM]
    one, two = (subprocess.run(run, capture_output=True, check=True, text=True).stdout for _ in range(2))
    assert one == two != ""


def test_the_size_is_kept_and_rare_pairs_are_not_merged() -> None:
    assert len(TRAINED.vocabulary) <= 400
    strict = Subword(min_frequency=1_000).build()
    strict.train(TEXTS)
    assert len(strict.vocabulary) == 259


def test_half_a_surrogate_pair_is_read_as_a_question_mark() -> None:
    assert TRAINED.decode(TRAINED.encode(["a\ud800b"]).ids.flat) == "a?b"
