"""What a tagging reads from its rows."""

from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from kerasseq.errors import DataError
from kerasseq.tasks.tagging import Tagging


def read(rows: list[Any], **merge: tuple[str, ...]) -> list[Any]:
    table = pa.table({"target": pa.array(rows), "line": range(len(rows))})
    found = Tagging(name="tagging", merge=merge).table(table, None)
    assert found.column_names == ["target", "line"]
    return found["target"].to_pylist()


def test_other_spellings_of_a_tag_are_read_as_it() -> None:
    rows = [["noun", "NOUN", "VERB"], None, [], ["n."]]
    assert read(rows, NOUN=("noun", "n.")) == [["NOUN", "NOUN", "VERB"], None, [], ["NOUN"]]
    assert read(rows) == rows


def test_other_names_of_spans_are_read_in_every_place_of_a_span() -> None:
    rows = [["B-Person", "I-Person", "O", "S-per", "E-LOC", "Person"]]
    assert read(rows, PER=("Person", "per")) == [["B-PER", "I-PER", "O", "S-PER", "E-LOC", "PER"]]


def test_a_whole_tag_weighs_more_than_what_its_span_is_called() -> None:
    assert read([["B-per", "I-per"]], **{"PER": ("per",), "B-LOC": ("B-per",)}) == [["B-LOC", "I-PER"]]


def test_the_tags_of_classes_that_are_numbers_are_read_too() -> None:
    assert read([[1, 2], [3]], one=("1",)) == [["one", "2"], ["3"]]


def test_a_spelling_is_read_as_one_tag_alone() -> None:
    with pytest.raises(ValidationError, match='each spelling as one tag, got "b" twice'):
        Tagging(name="tagging", merge={"a": ("b",), "c": ("b",)})
    with pytest.raises(ValidationError, match='merge reads "b" as another tag; remove it there, or from labels'):
        Tagging(name="tagging", merge={"a": ("b",)}, labels=("b", "c"))


def tagged(*rows: list[str]) -> pa.Table:
    lines = [1 + 10 * place for place in range(len(rows))]
    tokens = [["t"] * len(row) for row in rows]
    return pa.table({"tokens": tokens, "target": rows, "source": ["a.conll"] * len(rows), "line": lines})


def test_every_sentence_that_is_too_long_is_named_by_file_and_line() -> None:
    pipeline: Any = SimpleNamespace(names=("tokens",), max_length=3)
    task = Tagging(name="tagging").tagger({"labels": ["A"], "scheme": "none"}, pipeline)
    with pytest.raises(DataError) as caught:
        task.targets(tagged(["A"] * 4, ["A"] * 3, ["A"] * 5))
    rule = "must have at most tokenizer.max_length = 3 tokens, got"
    hint = "cut it into sentences, for every token gets an answer"
    assert str(caught.value).splitlines() == [
        f"a.conll:{line}: target: {rule} {got}; {hint}" for line, got in ((1, 4), (21, 5))
    ]


def test_the_log_says_which_tags_turn_the_scores_of_spans_off(caplog: pytest.LogCaptureFixture) -> None:
    class Nothing:
        names = ("tokens",)

        def samples(self, table: pa.Table) -> None: ...

        def fit(self, samples: None) -> None: ...

    class Plain(Tagging):
        def pipeline(self, sections: Any, folder: Any = None) -> Any:
            return Nothing()

    Plain(name="tagging").build(None, tagged(["B-X", "I-X", "O", "0"]))
    assert 'target: most tags write spans, "0" do not' in caplog.text
    caplog.clear()
    Plain(name="tagging", scheme="none").build(None, tagged(["B-X", "I-X", "O", "0"]))
    assert not caplog.text
