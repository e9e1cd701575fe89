"""What the files say, and that a name from the data harms none of them."""

import csv
import html.parser
import json
import re

import pytest

from kerasseq.compare.files import as_csv, as_json, as_markdown, write
from kerasseq.compare.page import page
from kerasseq.compare.road import compare
from kerasseq.files import write_text

_EVIL = "<script>alert(1)</script>|`*\"'&"
_ARABIC = "نموذج ثنائي الاتجاه"
_VOID = {"meta", "link", "br", "hr", "img", "input"}


@pytest.fixture
def found(plan, fake, tmp_path):
    work = fake({_ARABIC: 0.3, _EVIL: 2.0})
    return compare(plan(_ARABIC, _EVIL, "=1+1", seeds=2), tmp_path / "out", work=work)


class _Reader(html.parser.HTMLParser):
    """Checks that elements nest, and keeps what it saw."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(text):
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def test_the_page_is_well_formed_inert_and_refers_to_nothing_outside(found):
    text = page(found)
    reader = read(text)
    assert not {"script", "iframe", "object", "embed", "base", "img"} & {tag for tag, _ in reader.seen}
    for _, attributes in reader.seen:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href", "xlink:href", "srcset", "action"):
            assert (attributes.get(name) or "#").startswith(("#", "data:"))
    assert not re.findall(r"@import|url\((?!#)", text)
    assert "default-src 'none'" in text
    assert _EVIL in reader.text


def test_the_page_isolates_right_to_left_names_and_draws_both_pictures(found):
    text = page(found)
    assert f'<bdi dir="auto" lang="ar">{_ARABIC}</bdi>' in text or f'lang="ar">{_ARABIC}<' in text
    assert text.count("<svg") == text.count('<svg role="img"') == 2
    assert re.search(r"<title>F1, macro with intervals: ", text) and re.search(r"against training, s: ", text)
    assert text == page(found)


def test_a_wide_table_may_break_its_cells_before_it_is_cut_off(found):
    text = page(found)
    assert text.count('<div class="scroll wide"') >= 2 and ".wide td small { white-space: normal; }" in text
    assert re.search(r"\d ±\u00a0\d", text)


def test_a_page_names_the_best_and_who_cannot_be_told_from_it(found):
    text = "".join(read(page(found)).text)
    assert f"Best: {_ARABIC}, F1, macro " in text


def test_markdown_keeps_its_tables_whatever_a_name_holds(found):
    text = as_markdown(found)
    lines = [line for line in text.splitlines() if line.startswith("|")]
    widths = [len(re.findall(r"(?<!\\)\|", line)) for line in lines]
    first = widths[: lines.index(next(line for line in lines if "parameters" in line))]
    assert len(set(first)) == 1
    assert "<script>" not in text
    assert f"**{_ARABIC}**" in text
    assert "<br>" in text


def test_csv_has_every_number_with_its_interval(found):
    rows = list(csv.DictReader(as_csv(found).splitlines()))
    assert [row["model"] for row in rows] == [_ARABIC, _EVIL, "=1+1", "majority"]
    assert [row["kind"] for row in rows] == ["model"] * 3 + ["baseline"]
    best = found.rows[0].scores["f1_macro"]
    assert float(rows[0]["f1_macro"]) == best.score.value and float(rows[0]["f1_macro_spread"]) == best.spread
    assert float(rows[1]["to_the_best"]) == found.rows[1].difference.value and rows[0]["to_the_best"] == ""
    assert rows[0]["parameters_recurrent"] == "600" and float(rows[0]["epoch_seconds"]) == 2.0
    assert float(rows[0]["training_seconds"]) == 13.0 and float(rows[0]["texts_per_second"]) == 60.0
    assert float(rows[0]["answers_per_second"]) == 120.0 and rows[0]["memory"] == "300000000"


def test_json_holds_everything(found):
    values = json.loads(json.dumps(as_json(found), allow_nan=False))
    assert values["main"] == "f1_macro" and values["test_rows"] == [60]
    assert len(values["models"][0]["runs"]) == 2
    assert {"precision_macro", "recall_macro"} <= values["models"][0]["scores"].keys()
    assert values["models"][0]["best"] is True and values["models"][0]["to_the_best"] is None


def test_files_appear_whole_or_not_at_all(found, tmp_path, monkeypatch):
    (tmp_path / "out" / "comparison.md").write_text("before", encoding="utf-8")

    def full(path, text):
        if str(path).endswith(".md"):
            raise OSError(28, "No space left on device")
        write_text(path, text)

    monkeypatch.setattr("kerasseq.compare.files.write_text", full)
    with pytest.raises(OSError, match="No space"):
        write(found, tmp_path / "out")
    assert (tmp_path / "out" / "comparison.md").read_text("utf-8") == "before"
    assert not list((tmp_path / "out").glob(".*"))
