"""The texts of rows."""

import pyarrow as pa

from kerasseq.corpus.text import Texts


def test_texts_come_from_the_columns_of_a_table() -> None:
    table = pa.table({"text": ["a", "b"], "text_2": ["c", "d"]})
    assert Texts.of(table) == Texts(["a", "b"], ["c", "d"])
    assert Texts.of(table.select(["text"])).joined() == ["a", "b"]
    assert Texts.of(table).joined(" | ") == ["a | c", "b | d"]
