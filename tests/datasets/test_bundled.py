import re
from collections import Counter
from importlib import resources

import pytest

from kerasseq.datasets.bundled import Bundled

DATA = resources.files("kerasseq.datasets") / "data"


def columns(name):
    lines = (DATA / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "text\ttarget\tregister\tkind"
    return list(zip(*(line.split("\t") for line in lines[1:]), strict=True))


def test_the_arabic_set_has_scores_from_0_to_10():
    built = Bundled().build()
    scores = [float(value) for value in built.column("target").to_pylist()]
    assert len(scores) >= 1500
    assert 0 <= min(scores) < 0.5
    assert 9.5 < max(scores) <= 10
    assert len(set(scores)) > 80
    assert all(re.search("[\u0621-\u064a]", text) for text in built.column("text").to_pylist())
    assert built.column_names == ["text", "target", "source", "line"]
    assert built.schema.metadata[b"licence"] == b"CC0-1.0"


def test_the_english_set_has_three_classes_of_like_size():
    counts = Counter(Bundled(set="reviews_en").build().column("target").to_pylist())
    assert set(counts) == {"positive", "negative", "mixed"}
    assert min(counts.values()) >= 200


@pytest.mark.parametrize("name", ["technology_ar", "reviews_en"])
def test_texts_are_distinct_and_of_5_to_60_words(name):
    texts = columns(name)[0]
    bare = [re.sub(r"[\W\u064b-\u065f\u0670\u0640]+", " ", text).strip() for text in texts]
    assert len(set(bare)) == len(bare)
    assert all(5 <= len(text.split()) <= 60 for text in texts)


def test_texts_come_from_no_template():
    for name in ("technology_ar", "reviews_en"):
        runs = Counter(
            run
            for text in columns(name)[0]
            for run in {tuple(text.split()[i : i + 4]) for i in range(len(text.split()) - 3)}
        )
        assert max(runs.values()) <= 8


def test_hard_negatives_dialects_and_diacritics_are_there():
    _, targets, registers, kinds = columns("technology_ar")
    hard = [float(t) for t, kind in zip(targets, kinds, strict=True) if kind == "hard"]
    assert sum(score < 2.5 for score in hard) > 100
    assert kinds.count("diacritics") > 100
    assert len(set(registers)) == 6


def test_the_readme_counts_what_is_there():
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    _, targets, registers, kinds = columns("technology_ar")
    bands = re.findall(r"^\| ([\d.]+)-([\d.]+) \| (\d+) \|", readme, re.M)
    assert [sum(float(a) <= float(t) <= float(b) for t in targets) for a, b, _ in bands] == [int(n) for *_, n in bands]
    assert sum(int(n) for *_, n in bands) == len(targets)
    for values in (registers, kinds, *columns("reviews_en")[1:]):
        for value, n in Counter(values).items():
            assert re.search(rf"`{value}`[^`]*?\b{n:,}\b", readme), value
