"""Texts that were decoded the wrong way before they were saved."""

import pyarrow as pa
import pytest

from kerasseq.config.settings import SplitSettings
from kerasseq.corpus.split import split
from kerasseq.diagnosis.decoded import meant
from kerasseq.diagnosis.diagnose import diagnose
from kerasseq.preprocessors.rules import Rules
from kerasseq.tokenizers.whitespace import Whitespace


@pytest.mark.parametrize("text", ["jalapeño naïve", "“so” – it’s", "خدمة ممتازة جدا", "日本語", "Größe für 5 €"])
@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "cp1256"])
def test_utf_8_read_in_another_encoding_is_seen_and_the_text_itself_is_sound(text, encoding):
    assert meant(text) is None
    wrong = text.encode().decode(encoding, "ignore")
    arabic = any("\u0600" <= c <= "\u06ff" for c in text)
    if len(wrong) == len(text.encode()) and (encoding != "cp1256" or arabic):
        seen, was = meant(wrong)
        assert seen in wrong and was in text


@pytest.mark.parametrize("text", ["تک چھوٹی سی بات", "کیا پھل ٹھیک ہیں؟ ڈگری", "چک پک ژک", "ÀÉ Õ", "«é»"])
def test_words_of_other_languages_are_sound(text):
    assert meant(text) is None


def test_the_check_names_the_rows_and_what_was_meant():
    texts = ["a naÃ¯ve one", "so \x93quoted\x94", "sound é", "plain"] * 3
    n = len(texts)
    columns = {"text": texts, "target": ["a", "b"] * (n // 2), "source": ["a.csv"] * n, "line": range(2, n + 2)}
    table = pa.table({**columns, "split": ["train"] * n})
    sides = split(table, SplitSettings(validation=0.0, test=0.0))
    tokenizer = Whitespace(max_length=8, min_frequency=1).build()
    found = [f for f in diagnose(table, sides, Rules([]), tokenizer, "class").findings if f.name == "decoded"]
    assert [(f.status, f.numbers["rows"], f.details[0]) for f in found] == [
        ("warn", 3, "a.csv:2: text"),
        ("warn", 3, "a.csv:3: text"),
    ]
    assert 'as "Ã¯" for "ï"' in found[0].message and 'dataset.encoding = "cp1252"' in found[1].message
