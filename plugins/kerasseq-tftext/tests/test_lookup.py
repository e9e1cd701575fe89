"""`unicode_script` and `whitespace`."""

import pytest
from kerasseq_tftext.lookup import ScriptTokenizer, WhitespaceTokenizer
from kerasseq_tftext.unicode_script import UnicodeScript
from kerasseq_tftext.whitespace import Whitespace

from kerasseq.pipelines.made_texts import HOSTILE as RAW
from kerasseq.plugin import Tokenizer, UsageError
from kerasseq.tokenizers.tokenizer import load
from kerasseq.tokenizers.whitespace import Whitespace as CoreWhitespace

HOSTILE = [text.replace("\0", "\x01") for text in RAW]
TEXTS = ["the food was good", "the food was cold", "خدمة ممتازة والطعام لذيذ", "خدمة رديئة", ""]


def made(kind: type[ScriptTokenizer] | type[WhitespaceTokenizer], **settings: object) -> Tokenizer:
    tokenizer = kind(**settings)  # type: ignore[arg-type]
    tokenizer.train(TEXTS * 3)
    return tokenizer


def test_a_new_script_is_a_new_token() -> None:
    cut = UnicodeScript().build().split
    assert cut("ABCالف covid19, 3.5 don't 中文!") == ["ABC", "الف", "covid", "19,", "3.5", "don", "'", "t", "中文", "!"]
    assert cut("مُمتاز") == ["م", "ُ", "متاز"]
    assert cut("") == [] and cut(" \u3000\x85") == []


def test_whitespace_cuts_as_the_tokenizer_of_that_name_in_kerasseq_does() -> None:
    ours, theirs = Whitespace().build(), CoreWhitespace(min_frequency=1).build()
    texts = [*TEXTS, *HOSTILE, "a\u3000b\x85c\u2028d"]
    for text in texts:
        assert ours.split(text) == theirs.split(text)
    for tokenizer in (WhitespaceTokenizer(min_frequency=1), theirs):
        tokenizer.train(texts)
    one = WhitespaceTokenizer(min_frequency=1)
    one.train(texts)
    assert one.vocabulary == theirs.vocabulary
    assert [list(row) for row in one.sequences(texts)] == [list(row) for row in theirs.sequences(texts)]


def test_the_vocabulary_is_ordered_by_frequency_and_cut_to_its_size() -> None:
    assert made(WhitespaceTokenizer, vocabulary_size=7).vocabulary == (
        "",
        "[UNK]",
        "[SEP]",
        "food",
        "the",
        "was",
        "خدمة",
    )
    assert made(WhitespaceTokenizer, min_frequency=7).vocabulary == ("", "[UNK]", "[SEP]")


@pytest.mark.parametrize("kind", [ScriptTokenizer, WhitespaceTokenizer])
def test_ids_decode_to_a_text_of_the_same_ids(kind: type[ScriptTokenizer]) -> None:
    tokenizer = made(kind)
    for text in TEXTS:
        [ids] = tokenizer.sequences([text])
        assert [list(row) for row in tokenizer.sequences([tokenizer.decode([*ids, 0])])] == [list(ids)]
    [strange] = tokenizer.sequences(["zebra [UNK]"])
    assert set(strange) == {1}


@pytest.mark.parametrize("kind", [ScriptTokenizer, WhitespaceTokenizer])
def test_a_saved_tokenizer_gives_the_same_ids(kind: type[ScriptTokenizer], tmp_path) -> None:
    tokenizer = made(kind, max_length=3, truncation="both")
    tokenizer.save(tmp_path / "tokenizer.json")
    again = load(tmp_path / "tokenizer.json", {kind.kind: kind})
    texts = [*TEXTS, *HOSTILE, "\ud800 x"]
    one, other = tokenizer.encode(texts), again.encode(texts)
    assert one.ids.flat.tolist() == other.ids.flat.tolist() and one.truncated == other.truncated > 0


def test_an_untrained_tokenizer_says_so() -> None:
    with pytest.raises(UsageError, match="trained"):
        ScriptTokenizer().sequences(["a"])
