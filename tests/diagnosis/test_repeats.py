import tracemalloc

import numpy as np
import pyarrow as pa

from kerasseq.arrays.column import Column
from kerasseq.corpus import text
from kerasseq.corpus.split import Split
from kerasseq.corpus.text import Texts
from kerasseq.datasets import spool
from kerasseq.diagnosis import facts
from kerasseq.diagnosis.diagnose import diagnose
from kerasseq.diagnosis.repeats import again, numbered, standing
from kerasseq.preprocessors.rules import CharMap, Rules
from kerasseq.tokenizers.whitespace import Whitespace


def test_rows_of_one_text_have_the_number_of_the_first_of_them():
    assert numbered(Texts(["b", "", " a", "b ", "a", "\t"])).tolist() == [0, -1, 2, 0, 2, -1]
    assert numbered(Texts(["", "a", ""]), empty=True).tolist() == [0, 1, 0]
    assert numbered(Texts(["a", "a", "a"], ["x", "y", "x"])).tolist() == [0, 1, 0]
    assert numbered(Texts([])).tolist() == []


def test_many_rows_are_numbered_as_a_dictionary_numbers_them():
    texts = [str(number) for number in np.random.default_rng(0).integers(0, 700, 3000)]
    first: dict[str, int] = {}
    wanted = [first.setdefault(word, row) for row, word in enumerate(texts)]
    numbers = numbered(Texts(texts))
    assert numbers.tolist() == wanted
    rows = np.arange(1000, 3000)
    seen, repeated = set(), []
    for row in rows:
        repeated += [row] if texts[row] in seen else []
        seen.add(texts[row])
    assert sorted(again(numbers, rows)) == repeated
    assert [bool(standing(numbers, rows)[number]) for number in numbers[:1000]] == [t in seen for t in texts[:1000]]


def test_a_row_takes_a_few_numbers_while_repeats_are_sought(monkeypatch):
    monkeypatch.setattr(text, "CHUNK", 1000)
    rows = 40_000
    texts = Texts(Column(pa.chunked_array([[str(row % 30_000) for row in range(rows)]])))

    def bytes_a_row(work):
        tracemalloc.start()
        found = work()
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found, most / rows

    numbers, most = bytes_a_row(lambda: numbered(texts))
    assert most < 50  # its digest, 16, and arrays of 8
    repeated, most = bytes_a_row(lambda: again(numbers, np.arange(rows)))
    assert most < 40
    assert repeated.tolist() == list(range(30_000, rows))


def test_texts_on_disk_have_the_findings_of_those_in_memory(monkeypatch):
    words = ["One", "two", "TWO", "", "été", "Ã©", " "]
    draw = np.random.default_rng(1)
    n = 90
    columns = {"text": draw.choice(words, n), "text_2": draw.choice(words, n), "target": draw.choice(["x", "y"], n)}
    table = pa.table({**columns, "source": ["a.csv"] * n, "line": range(2, n + 2)})
    sides = Split(np.arange(50), np.arange(50, 70), np.arange(70, n), "as given")
    lower = Rules([CharMap({letter: letter.lower() for letter in "OTW"})])

    def found():
        tokenizer = Whitespace(max_length=4, min_frequency=1).build()
        return diagnose(table, sides, lower, tokenizer, "class").render()

    whole = found()
    for module in (text, facts):
        monkeypatch.setattr(module, "CHUNK", 7)
    monkeypatch.setattr(spool, "LIMIT", 1)
    assert found() == whole
    assert "duplicates" in whole
