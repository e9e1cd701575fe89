"""What is wrong with pairs of texts."""

import numpy as np
import pyarrow as pa
import pytest

from kerasseq.corpus.split import Split
from kerasseq.diagnosis.translation import diagnose_translation

ENGLISH = [f"a line of some words number {n} here" for n in range(100)]
ARABIC = [f"سطر من بعض الكلمات رقم {n} هنا" for n in range(100)]


def look(sources=None, targets=None, prepare=(list, list)):
    sources, targets = list(sources or ENGLISH), list(targets or ARABIC)
    n = len(sources)
    table = pa.table({"text": sources, "target": targets, "source": ["rows.tsv"] * n, "line": list(range(1, n + 1))})
    rows = np.arange(n)
    return diagnose_translation(table, Split(rows[: n - 60], rows[n - 60 : n - 30], rows[n - 30 :], "random"), prepare)


def changed(texts, **rows):
    return [rows.get(f"row_{n}", text) for n, text in enumerate(texts)]


def test_sound_pairs_pass_and_both_sides_are_told_apart():
    diagnosis = look()
    assert not diagnosis.warnings and not diagnosis.errors
    said = diagnosis.render()
    assert "sources: words: median 8" in said and "translations: words: median 7" in said
    assert "letters of sources: Latin 100.0 %" in said and "letters of translations: Arabic 100.0 %" in said
    assert "no source of test is in training" in said and "no translation of validation is in training" in said


@pytest.mark.parametrize(
    ("sources", "targets", "name", "said", "places"),
    [
        (changed(ENGLISH, row_3=" "), None, "empty", "1 of 100 sources are empty", ["rows.tsv:4: text"]),
        (None, changed(ARABIC, row_3=""), "empty", "1 of 100 translations are empty", ["rows.tsv:4: text"]),
        (changed(ENGLISH, row_1="word " * 600), None, "lengths", "1 text of more than 500 words will be cut", None),
        (None, changed(ARABIC, row_7=" ".join(ARABIC[:9])), "ratio", "1 pair of more than 4 times another ratio", None),
        (ENGLISH, ENGLISH, "copies", "every translation is its source: is the right column the target", None),
        (None, ENGLISH[:6] + ARABIC[6:], "copies", "6 pairs (6.0 %) with the source in the translation's place", None),
        (["one"] * 11 + ENGLISH[11:], None, "several", "11 rows (11.0 %) with a source that another row", None),
        (
            changed(ENGLISH, row_99=ENGLISH[0]),
            None,
            "overlap",
            "1 of 30 sources of test (3.3 %) stand in training",
            None,
        ),
        (
            None,
            changed(ARABIC, row_99=ARABIC[0]),
            "overlap",
            "1 of 30 translations of test (3.3 %) stand in training",
            None,
        ),
        (
            changed(ENGLISH, row_5=ARABIC[5]),
            None,
            "scripts",
            "1 of 100 sources in Arabic letters",
            ["rows.tsv:6: text"],
        ),
        (None, changed(ARABIC, row_5="\u0007" + ARABIC[5]), "invisible", "1 invisible, bidi or control", None),
        (changed(ENGLISH, row_5="a naÃ¯ve line of words"), None, "decoded", "1 row with UTF-8 that was read", None),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 12 else "",
)
def test_what_is_wrong_is_found_with_its_place(sources, targets, name, said, places):
    found = [f for f in look(sources, targets).findings if f.name == name and f.status != "pass"]
    assert [said in finding.message for finding in found].count(True) == 1
    if places:
        assert list(found[0].details) == places


def test_sides_are_looked_at_as_the_preprocessors_leave_them():
    marks = str.maketrans("", "", "\u064e\u0650")
    vocalised = [text.replace("ر", "رَ") for text in ARABIC]
    strip = (lambda texts: [text.translate(marks) for text in texts], list)
    copies = {f.name: f for f in look(vocalised, vocalised, strip).findings}["copies"]
    assert copies.status == "pass" and copies.numbers["rows"] == 0
    gone = look(prepare=(lambda texts: [""] * len(texts), list))
    assert "100 of 100 sources are empty after preprocessing" in gone.render()
