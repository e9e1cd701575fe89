"""`normalize_utf8` and `sentences`."""

import pickle
import unicodedata

import pytest
from kerasseq_tftext.normalize_utf8 import NormalizeUtf8
from kerasseq_tftext.sentences import Sentences

from kerasseq.pipelines.made_texts import HOSTILE as RAW
from kerasseq.plugin import chain

HOSTILE = [text.replace("\0", "\x01") for text in RAW]


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_every_form_is_that_of_unicode(form: str) -> None:
    step = NormalizeUtf8(form=form).build()
    assert step(list(HOSTILE)) == [unicodedata.normalize(form, text) for text in HOSTILE]
    assert step(step(list(HOSTILE))) == step(list(HOSTILE))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Hello there. How are you?  Fine!", ["Hello there.", "How are you?", "Fine!"]),
        ("ما هذا؟ هذا كتاب. نعم!", ["ما هذا؟", "هذا كتاب.", "نعم!"]),
        ("It cost 3.5 euros, e.g. there. (Yes.) Go", ["It cost 3.5 euros, e.g.", "there.", "(Yes.)", "Go"]),
        ("one\ntwo\r\n three. four", ["one two three.", "four"]),
        ("no end", ["no end"]),
        ("", [""]),
        ("  \n ", [""]),
    ],
)
def test_every_sentence_is_a_line(text: str, lines: list[str]) -> None:
    assert Sentences().build()([text]) == ["\n".join(lines)]


def test_nothing_but_white_space_is_lost() -> None:
    step = Sentences().build()
    for text, said in zip(HOSTILE, step(list(HOSTILE)), strict=True):
        assert "".join(said.split()) == "".join(text.split())


@pytest.mark.parametrize("spec", [NormalizeUtf8(), Sentences()])
def test_a_step_travels_and_does_not_look_at_neighbours(spec) -> None:
    step = chain([spec.build()])
    texts = ["One. Two", *HOSTILE, "\ud800"]
    assert pickle.loads(pickle.dumps(step))(texts) == step(texts) == [step([text])[0] for text in texts]
    assert step([]) == []
