"""How a file that no experiment names is read."""

from kerasseq.datasets.layout import Layout
from kerasseq.datasets.reading import missing


def test_a_key_of_jsonl_that_first_stands_far_below_is_no_missing_column(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"title": "a"}\n' * 30 + '{"title": "a", "body": "b"}\n', encoding="utf-8")
    assert missing(path, Layout(), ["title", "body"]) == {}
    assert missing(path, Layout(), ["bodies"]) == {"bodies": ["body", "title"]}
