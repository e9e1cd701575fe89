import json

import pytest
from kerasseq_gpt2.tokenizer import Gpt2Vocabulary
from pydantic import ValidationError

from kerasseq.plugin import DataError, UsageError


def test_ids_are_gpt2s_behind_padding_and_unknown(vocabulary):
    tokenizer = Gpt2Vocabulary(folder=str(vocabulary)).build()
    places = json.loads((vocabulary / "vocab.json").read_text(encoding="utf-8"))
    [ids] = tokenizer.sequences(["the cat"])
    assert ids == [places["the"] + 3, places["Ġ"] + 3, places["cat"] + 3]
    assert tokenizer.vocabulary[:4] == ("", "[UNK]", "[SEP]", "!")
    assert len(tokenizer.vocabulary) == len(places) + 2  # padding and unknown are new, the separator ends documents


@pytest.mark.parametrize("text", ["the cat", " قال الذكاء ", "a\n<|endoftext|>\t😀", ""])
def test_every_text_comes_back(vocabulary, text):
    tokenizer = Gpt2Vocabulary(folder=str(vocabulary)).build()
    tokenizer.train(["nothing is learned"])
    [ids] = tokenizer.sequences([text])
    assert 2 not in ids
    assert tokenizer.decode(ids) == text
    again = type(tokenizer).from_json(json.loads(json.dumps(tokenizer.to_json())))
    assert list(again.sequences([text])) == [ids]


@pytest.mark.realdata
def test_the_real_vocabulary_cuts_as_transformers_does(real_vocabulary, tmp_path):
    from transformers import GPT2Tokenizer

    theirs = GPT2Tokenizer(str(real_vocabulary / "encoder.json"), str(real_vocabulary / "vocab.bpe"))
    text = "The cat's 1,024 hats aren't here.\n\n قال الذكاء الاصطناعي"
    [ids] = Gpt2Vocabulary(folder=str(real_vocabulary)).build().sequences([text])
    assert [token - 3 for token in ids] == theirs(text)["input_ids"]


@pytest.mark.parametrize(
    ("tokens", "merges", "said"),
    [
        ('{"a": 0, "b": 1}', "", r"must give ids 0 to 1 to its tokens, the last to <\|endoftext\|>"),
        ('{"a": 0, "<|endoftext|>": 1}', "a b\n", "must have merges of two tokens into one of its vocabulary"),
        ('["a"]', "", "must be an object of tokens and their ids"),
        ("{", "", "must be a vocabulary of GPT-2"),
    ],
)
def test_files_that_are_no_vocabulary_are_refused(tmp_path, tokens, merges, said):
    (tmp_path / "vocab.json").write_text(tokens, encoding="utf-8")
    (tmp_path / "merges.txt").write_text(merges, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        Gpt2Vocabulary(folder=str(tmp_path)).build()


def test_a_folder_without_the_files_is_a_problem(tmp_path):
    [(key, said)] = Gpt2Vocabulary(folder=str(tmp_path)).problems()
    assert (key, said) == (
        "folder",
        f"must hold vocab.json and merges.txt or encoder.json and vocab.bpe, got {tmp_path}",
    )
    assert [key for key, _ in Gpt2Vocabulary().problems()] == ["folder"]
    with pytest.raises(ValidationError, match="one of folder and preset"):
        Gpt2Vocabulary(folder=str(tmp_path), preset="gpt2_base_en")
    with pytest.raises(UsageError, match=r"tokenizer\.folder"):
        Gpt2Vocabulary().build().train([])
