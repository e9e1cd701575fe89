"""`wordpiece`."""

from kerasseq_tftext.wordpiece import Wordpiece
from kerasseq_tftext.wordpiece_tokenizer import WordpieceTokenizer

from kerasseq.pipelines.made_texts import HOSTILE as RAW
from kerasseq.tokenizers.tokenizer import load

HOSTILE = [text.replace("\0", "\x01") for text in RAW]
TEXTS = [
    "playing played player plays",
    "going gone goes",
    "the food was good, really good",
    "الطعام لذيذ والطعام بارد",
    "",
]


def made(size: int = 200, **settings: object) -> WordpieceTokenizer:
    tokenizer = Wordpiece(vocabulary_size=size, **settings).build()
    tokenizer.train(TEXTS * 4)
    return tokenizer


def longest_first(word: str, vocabulary: tuple[str, ...]) -> list[int]:
    """The definition of wordpiece, by itself."""
    ids, start = [], 0
    while start < len(word):
        prefix = "##" if start else ""
        fits = [end for end in range(len(word), start, -1) if prefix + word[start:end] in vocabulary[3:]]
        if not fits:
            return [1]
        ids.append(vocabulary.index(prefix + word[start : fits[0]]))
        start = fits[0]
    return ids


def test_the_longest_piece_that_fits_is_taken_from_the_left() -> None:
    tokenizer = made()
    for text in [*TEXTS, *HOSTILE, "goodplaying zebra, الطعامبارد"]:
        words = tokenizer._word.regex.findall(text)
        wanted = [i for word in words for i in longest_first(word, tokenizer.vocabulary)]
        assert list(next(tokenizer.sequences([text]))) == wanted, text
        assert len(tokenizer.split(text)) == len(wanted)


def test_pieces_inside_words_are_marked_and_unknown_words_shown_whole() -> None:
    tokenizer = made(60)
    assert any(piece.startswith("##") for piece in tokenizer.split("playing"))
    assert tokenizer.split("ζῷον") == ["ζῷον"] and list(next(tokenizer.sequences(["ζῷον"]))) == [1]


def test_a_text_that_spells_a_special_token_gets_none() -> None:
    assert not {0, 2} & set(next(made().sequences(["[PAD] [SEP] [UNK] ##s"])))


def test_the_vocabulary_is_no_larger_than_asked_for() -> None:
    for size in (4, 20, 60, 120):
        vocabulary = made(size).vocabulary
        assert vocabulary[:3] == ("", "[UNK]", "[SEP]") and len(vocabulary) <= size
        assert len(set(vocabulary)) == len(vocabulary)


def test_ids_decode_to_a_text_of_the_same_ids() -> None:
    tokenizer = made()
    for text in TEXTS:
        ids = list(next(tokenizer.sequences([text])))
        assert list(next(tokenizer.sequences([tokenizer.decode([*ids, 0])]))) == ids


def test_the_order_of_the_texts_is_nothing_to_the_vocabulary() -> None:
    other = WordpieceTokenizer(vocabulary_size=60)
    other.train(TEXTS[::-1] * 4)
    assert other.vocabulary == made(60).vocabulary


def test_a_tokenizer_that_learned_nothing_gives_no_ids() -> None:
    tokenizer = WordpieceTokenizer()
    tokenizer.train(["", "  "])
    assert tokenizer.vocabulary == ("", "[UNK]", "[SEP]")
    assert [list(row) for row in tokenizer.sequences(["a b", ""])] == [[], []] and tokenizer.split("a") == []


def test_a_saved_tokenizer_gives_the_same_ids(tmp_path) -> None:
    tokenizer = made(60, max_length=5, truncation="tail")
    tokenizer.save(tmp_path / "tokenizer.json")
    again = load(tmp_path / "tokenizer.json", {"tftext_wordpiece": WordpieceTokenizer})
    texts = [*TEXTS, *HOSTILE, "\udfff x"]
    assert again.encode(texts).ids.flat.tolist() == tokenizer.encode(texts).ids.flat.tolist()
