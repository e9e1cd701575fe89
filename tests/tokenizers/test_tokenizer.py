import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.errors import RunError, UsageError
from kerasseq.tokenizers.character import Character
from kerasseq.tokenizers.subword import Subword
from kerasseq.tokenizers.tokenizer import SEPARATOR, SPECIALS, UNKNOWN, Tokenizer, load
from kerasseq.tokenizers.whitespace import Whitespace
from kerasseq.tokenizers.word import Word

SPECS = [Word, Whitespace, Character, Subword]
TEXTS = ["السماء زرقاء والبحر أزرق 😂", "the cat sat on the mat", "it's 3.5 km, don't!", ""]


class Shout(Tokenizer):
    """A plugin's tokenizer: one token a text."""

    kind = "shout"

    def train(self, texts: Iterable[str]) -> None:
        pass

    def split(self, text: str) -> list[str]:
        return [text.upper()]

    def sequences(self, texts: Sequence[str]) -> Iterator[list[int]]:
        return ([3 + len(text)] for text in texts)

    def decode(self, ids: Iterable[int]) -> str:
        return " ".join(map(str, ids))

    @property
    def vocabulary(self) -> tuple[str, ...]:
        return SPECIALS

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Shout":
        return cls()


def trained(spec: Any, **settings: Any) -> Tokenizer:
    """Trained on `TEXTS`; of the tokens that are looked up, every one is known unless `settings` say otherwise."""
    every = {} if spec is Subword else {"min_frequency": 1}
    tokenizer: Tokenizer = spec(**every | settings).build()
    tokenizer.train(TEXTS)
    return tokenizer


@pytest.mark.parametrize("spec", SPECS)
def test_ids_are_one_flat_int32_array(spec: Any) -> None:
    encoded = trained(spec).encode(TEXTS)
    assert encoded.ids.flat.dtype == np.int32
    assert encoded.ids.offsets.dtype == np.int64
    assert len(encoded.ids) == len(TEXTS)
    assert encoded.tokens == len(encoded.ids.flat) > 0
    assert (encoded.truncated, encoded.unknown) == (0, 0)


@pytest.mark.parametrize("spec", SPECS)
def test_the_index_of_a_token_is_its_id(spec: Any) -> None:
    tokenizer = trained(spec)
    assert tokenizer.vocabulary[:3] == ("", "[UNK]", "[SEP]")
    assert len(set(tokenizer.vocabulary)) == len(tokenizer.vocabulary)
    ids = tokenizer.encode(TEXTS[1:2]).ids.flat
    if spec is not Subword:
        assert [tokenizer.vocabulary[i] for i in ids] == tokenizer.split(TEXTS[1])


@pytest.mark.parametrize("spec", SPECS)
def test_an_empty_text_has_no_ids_and_an_empty_batch_no_rows(spec: Any) -> None:
    tokenizer = trained(spec)
    assert tokenizer.encode(["", "the"]).ids[0].tolist() == []
    assert len(tokenizer.encode([]).ids) == 0


@pytest.mark.parametrize("spec", [Word, Whitespace, Character])
def test_a_text_of_unknown_tokens_is_all_ones(spec: Any) -> None:
    encoded = trained(spec).encode(["ζ ζ ζ"] if spec is not Character else ["ζζζ"])
    assert encoded.ids.flat.tolist() == [UNKNOWN] * 3
    assert encoded.unknown == encoded.tokens == 3


@pytest.mark.parametrize("spec", SPECS)
def test_texts_cannot_spell_special_ids(spec: Any) -> None:
    tokenizer = spec().build()
    tokenizer.train(["[SEP] [UNK] [PAD]", "[SEP]"])
    ids = set(tokenizer.encode(["[SEP]", "[UNK]", "a [SEP] b", "[PAD]"]).ids.flat.tolist())
    assert not ids & {0, SEPARATOR}


@pytest.mark.parametrize("spec", SPECS)
def test_training_on_nothing_leaves_the_specials(spec: Any) -> None:
    tokenizer = spec().build()
    assert tokenizer.vocabulary == ()
    tokenizer.train([""])
    assert tokenizer.vocabulary[:3] == SPECIALS
    assert len(tokenizer.vocabulary) == (259 if spec is Subword else 3)


@pytest.mark.parametrize("spec", SPECS)
def test_an_untrained_tokenizer_says_so(spec: Any) -> None:
    with pytest.raises(UsageError, match="must be trained"):
        spec().build().encode(["a"])


@pytest.mark.parametrize("spec", SPECS)
def test_a_batch_changes_no_text_in_it(spec: Any) -> None:
    tokenizer = trained(spec)
    together = tokenizer.encode(TEXTS).ids
    alone = [tokenizer.encode([text]).ids[0].tolist() for text in TEXTS]
    assert [together[i].tolist() for i in range(len(TEXTS))] == alone


@pytest.mark.parametrize("spec", SPECS)
def test_what_is_saved_is_what_is_loaded(spec: Any, tmp_path: Path) -> None:
    tokenizer = trained(spec, max_length=5, truncation="both")
    tokenizer.save(tmp_path / "tokenizer.json")
    again = load(tmp_path / "tokenizer.json")
    texts = [*TEXTS, "something unseen ζ 😂😂 that is far too long for five"]
    assert again.vocabulary == tokenizer.vocabulary
    assert again.encode(texts).ids.flat.tolist() == tokenizer.encode(texts).ids.flat.tolist()
    assert again.to_json() == tokenizer.to_json()
    assert [again.split(text) for text in texts] == [tokenizer.split(text) for text in texts]


@pytest.mark.parametrize(
    ("truncation", "kept"),
    [("head", "a b c d e f g h"), ("tail", "e f g h i j k l"), ("both", "a b g h i j k l")],
)
def test_truncation_keeps_the_head_the_tail_or_both(truncation: str, kept: str) -> None:
    tokenizer = Whitespace(max_length=8, truncation=truncation, min_frequency=1).build()
    text = "a b c d e f g h i j k l"
    tokenizer.train([text])
    encoded = tokenizer.encode([text, "a b", text])
    assert tokenizer.decode(encoded.ids[0]) == kept
    assert tokenizer.decode(encoded.ids[1]) == "a b"
    assert encoded.truncated == 2


@given(
    st.integers(0, 12),
    st.integers(0, 12),
    st.integers(1, 12),
    st.sampled_from(["head", "tail", "both"]),
)
def test_a_pair_shares_the_room_and_keeps_its_separator(a: int, b: int, room: int, truncation: str) -> None:
    tokenizer = Whitespace(max_length=room, truncation=truncation, min_frequency=1).build()
    tokenizer.train(["x y"])
    encoded = tokenizer.encode_pair([" ".join("x" * a)], [" ".join("y" * b)])
    ids = encoded.ids.flat.tolist()
    x, y = tokenizer.vocabulary.index("x"), tokenizer.vocabulary.index("y")
    kept_a, kept_b = ids.count(x), ids.count(y)
    assert ids == [x] * kept_a + [SEPARATOR] + [y] * kept_b
    assert len(ids) == min(a + b + 1, room)
    assert encoded.truncated == (a + b + 1 > room)
    # the shorter text loses nothing while the longer one has more than it
    assert kept_a == a or kept_b <= kept_a
    assert kept_b == b or kept_a <= kept_b + 1


def test_a_pair_that_fits_is_whole() -> None:
    tokenizer = Whitespace(min_frequency=1).build()
    tokenizer.train(["a b c"])
    encoded = tokenizer.encode_pair(["a b", ""], ["c", ""])
    assert [tokenizer.decode(encoded.ids[i]) for i in (0, 1)] == ["a b [SEP] c", "[SEP]"]
    assert encoded.tokens == 5


def test_pairs_need_as_many_of_both() -> None:
    with pytest.raises(UsageError, match="got 1 and 2"):
        trained(Word).encode_pair(["a"], ["b", "c"])


def test_a_plugins_kind_is_loaded_by_its_class(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    Shout().save(path)
    assert load(path, {"shout": Shout}).encode(["abc"]).ids.flat.tolist() == [6]
    with pytest.raises(RunError, match="kind must be one of word, whitespace, character, given, subword, got 'shout'"):
        load(path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"kind": "word"}', '{"kind": "subword", "model": 3}'])
def test_a_damaged_file_is_named(content: str, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RunError, match=r"tokenizer\.json: must be"):
        load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="absent"):
        load(tmp_path / "absent.json")


@pytest.mark.parametrize("spec", SPECS)
def test_the_file_is_json_that_people_can_read(spec: Any, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    trained(spec).save(path)
    value = json.loads(path.read_text(encoding="utf-8"))
    assert value["kind"] == spec().name
    assert value["format"] == 1


@pytest.mark.parametrize("spec", SPECS)
def test_out_of_range_settings_are_refused(spec: Any) -> None:
    for settings in ({"max_length": 0}, {"truncation": "middle"}, {"vocabulary_size": 3}, {"min_frequency": 0}):
        with pytest.raises(ValueError, match=next(iter(settings))):
            spec(**settings)
