"""`sentencepiece`."""

from pathlib import Path

import pytest
from kerasseq_tftext.sentencepiece import Sentencepiece
from kerasseq_tftext.sentencepiece_tokenizer import SentencepieceTokenizer
from kerasseq_tftext.tensors import tensorflow

from kerasseq.pipelines.made_texts import HOSTILE as RAW
from kerasseq.plugin import DataError, UsageError
from kerasseq.tokenizers.tokenizer import load

sentencepiece = pytest.importorskip("sentencepiece")

HOSTILE = [text.replace("\0", "\x01") for text in RAW]
TEXTS = ["the food was good, really good", "the food was cold", "الطعام لذيذ والخدمة سريعة", "الطعام بارد", ""]


def made(**settings: object) -> SentencepieceTokenizer:
    tokenizer = Sentencepiece(**{"vocabulary_size": 90, **settings}).build()
    tokenizer.train(TEXTS * 5)
    return tokenizer


@pytest.mark.parametrize("algorithm", ["unigram", "bpe"])
def test_the_pieces_are_those_of_the_library(algorithm: str) -> None:
    tokenizer = made(algorithm=algorithm)
    library = sentencepiece.SentencePieceProcessor(model_proto=tokenizer._model)
    assert tokenizer.vocabulary == ("", "[UNK]", "[SEP]", *(library.id_to_piece(i) for i in range(len(library))))
    for text in [*TEXTS, *HOSTILE, "the foodZ \u4e2d"]:
        wanted = [1 if i == library.unk_id() else i + 3 for i in library.encode(text)]
        assert list(next(tokenizer.sequences([text]))) == wanted, text
        assert len(tokenizer.split(text)) == len(wanted)


def test_ids_decode_to_a_text_of_the_same_ids() -> None:
    tokenizer = made()
    for text in TEXTS:
        ids = list(next(tokenizer.sequences([text])))
        assert tokenizer.decode([*ids, 0]) == text
        assert list(next(tokenizer.sequences([tokenizer.decode(ids)]))) == ids
    assert "⁇" in tokenizer.decode([1]) and tokenizer.decode([0, 2]) == ""


def test_no_vocabulary_is_larger_than_asked_for() -> None:
    assert len(made(vocabulary_size=60).vocabulary) <= 60
    with pytest.raises(UsageError, match="tokenizer.vocabulary_size: must let sentencepiece learn, got 8"):
        made(vocabulary_size=8)


def test_a_model_that_is_given_is_used_as_it_is(tmp_path: Path) -> None:
    own = made()
    (tmp_path / "own.model").write_bytes(own._model)
    given = Sentencepiece(model=str(tmp_path / "own.model"))
    assert list(given.problems()) == []
    tokenizer = given.build()
    tokenizer.train(["whatever"])
    assert tokenizer.vocabulary == own.vocabulary


def test_a_model_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.model").write_bytes(b"no model")
    with pytest.raises(DataError, match="bad.model: must be a model of sentencepiece"):
        Sentencepiece(model=str(tmp_path / "bad.model")).build().train([])
    [(key, said)] = Sentencepiece(model=str(tmp_path / "absent.model")).problems()
    assert key == "model" and "must be a file" in said


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sentencepiece", None)
    with pytest.raises(UsageError, match=r"pip install './plugins/kerasseq-tftext\[sentencepiece\]'"):
        Sentencepiece().build().train(["a"])


def test_a_tokenizer_that_learned_nothing_gives_no_ids() -> None:
    tokenizer = SentencepieceTokenizer()
    tokenizer.train(["", "  "])
    assert tokenizer.vocabulary == ("", "[UNK]", "[SEP]")
    assert [list(row) for row in tokenizer.sequences(["a b", ""])] == [[], []] and tokenizer.decode([1]) == ""


def test_it_answers_after_tensorflow_has_emptied_its_cache() -> None:
    tokenizer = made()
    wanted = list(next(tokenizer.sequences([TEXTS[0]])))
    tensorflow()
    from tensorflow.python.eager import context

    context.context().clear_kernel_cache()
    assert list(next(tokenizer.sequences([TEXTS[0]]))) == wanted
    context.context().clear_kernel_cache()
    assert tokenizer.decode(wanted) == TEXTS[0]


def test_a_saved_tokenizer_gives_the_same_ids(tmp_path: Path) -> None:
    tokenizer = made(max_length=5, truncation="tail")
    tokenizer.save(tmp_path / "tokenizer.json")
    again = load(tmp_path / "tokenizer.json", {"tftext_sentencepiece": SentencepieceTokenizer})
    texts = [*TEXTS, *HOSTILE, "\udfff x"]
    assert again.encode(texts).ids.flat.tolist() == tokenizer.encode(texts).ids.flat.tolist()
