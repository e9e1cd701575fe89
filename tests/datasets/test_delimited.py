import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasseq.datasets import delimited, large
from kerasseq.datasets.delimited import scan_delimited
from kerasseq.datasets.layout import Dialect, Layout
from kerasseq.datasets.scan import Scan

CELLS = st.text(st.sampled_from("ab,\t\"'\n\r ش\u2028"), max_size=6)


@settings(deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
def test_what_csv_writes_comes_back_with_its_lines(rows):
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    lines = []
    for row in [("text", "target"), *rows]:
        lines.append(len(io.StringIO(out.getvalue(), newline="").readlines()) + 1)
        writer.writerow(row)
    scan = Scan.joined(scan_delimited(out.getvalue().encode(), Layout(), "csv", ("text", "target")))
    assert scan.problems == ()
    got = list(zip(scan.table.column("text").to_pylist(), scan.table.column("target").to_pylist(), strict=True))
    assert got == rows
    assert scan.lines.to_pylist() == lines[1:]


@settings(deadline=None)
@given(st.text(st.sampled_from('ab,"\n'), max_size=40))
def test_no_line_with_something_on_it_is_lost(body):
    data = "text,target\n" + body
    scan = Scan.joined(scan_delimited(data.encode(), Layout(), "csv", ("text", "target")))
    lines = io.StringIO(data, newline="").readlines()
    starts = {*scan.lines.to_pylist(), *(p.line for p in scan.problems)}
    cells = "".join("".join(row) for row in zip(*scan.table.to_pydict().values(), strict=True))
    for number, line in enumerate(lines[1:], 2):
        assert number in starts or all(c in cells for c in line if c in "ab")


@settings(deadline=None)
@given(st.text(st.sampled_from('ab,"\n'), max_size=30))
def test_well_quoted_means_that_a_strict_reader_agrees(text):
    def strict() -> bool:
        try:
            list(csv.reader(io.StringIO(text, newline=""), strict=True))
        except csv.Error:
            return False
        return True

    assert Dialect(",", True).holds(text.encode()) == strict()


@settings(deadline=None)
@given(st.text(st.sampled_from('ab,"\n\r'), max_size=60), st.integers(1, 30), st.sampled_from(["csv", "tsv"]))
def test_a_file_reads_the_same_in_one_block_and_in_many(body, size, form):
    data = f"text,target\n{body}".replace(",", "," if form == "csv" else "\t").encode()
    whole = Scan.joined(scan_delimited(data, Layout(), form, ("text", "target")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large, "BLOCK", size)
        patch.setattr(delimited, "CHUNK", 2)
        parts = Scan.joined(scan_delimited(data, Layout(), form, ("text", "target")))
    assert parts.table.to_pydict() == whole.table.to_pydict()
    assert parts.lines.to_pylist() == whole.lines.to_pylist()
    assert parts.problems == whole.problems
