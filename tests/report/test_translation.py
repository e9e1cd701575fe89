"""What a page shows of translations."""

import re

import numpy as np

from kerasseq.metrics.translation import translation_scores
from kerasseq.report.alignment import Alignment
from kerasseq.report.translation import TranslatedTexts, pictured, translation_sections

SOURCES = [f"قطة رقم {n} على سجادة" + " كبيرة" * (n % 5) for n in range(30)]
REFERENCES = [f"cat number {n} on a" + " big" * (n % 5) + " mat" for n in range(30)]
HYPOTHESES = [text if n % 3 else text.replace("cat", "dog") for n, text in enumerate(REFERENCES)]


def sections(hypotheses=HYPOTHESES, **more):
    scores = translation_scores(hypotheses, REFERENCES, resamples=3)
    where = [f"rows.tsv:{n + 1}" for n in range(30)]
    texts = TranslatedTexts(SOURCES, REFERENCES, hypotheses, where, scores, languages=("ar", "en"))
    return dict(translation_sections(texts, **more))


def test_the_worst_come_by_chrf_and_the_best_with_the_longest_first():
    hypotheses = ["" if n == 17 else text for n, text in enumerate(HYPOTHESES)]
    page = sections(hypotheses)["Best and worst"]
    worst, best = page.split("The best, of equally good ones the longest.")
    assert worst.index("rows.tsv:18") < worst.index("rows.tsv:1<")
    assert best.index("big big big big") > 0
    assert best.index("rows.tsv:15<") < best.index("rows.tsv:14<")  # which is a word shorter
    assert 'dir="auto" lang="ar">قطة رقم 17' in worst


def test_rows_that_are_all_right_have_no_worst():
    assert "The worst" not in sections(REFERENCES)["Best and worst"]


def test_lengths_are_compared_and_scores_told_by_the_length_of_the_source():
    page = sections(["" if n == 0 else text for n, text in enumerate(HYPOTHESES)])["Lengths"]
    assert "words for each of their references, and 1 of 30 are empty." in page
    assert "<svg" in page and "Words of translations against those of their references of 30 test rows" in page
    groups = re.findall(r'<th scope="row">(\d+(?: to \d+)?)</th><td>(\d+)</td>', page)
    assert sum(int(rows) for _, rows in groups) == 30 and len(groups) > 2
    dates = TranslatedTexts(["a b c"] * 4, ["1985-05-03"] * 4, ["1985-05-03"] * 4)
    assert "Scores by characters of the source" in dict(translation_sections(dates))["Lengths"]
    assert "<svg" not in dict(translation_sections(dates))["Lengths"]


def test_the_signatures_of_sacrebleu_stand_where_the_scores_are():
    page = sections()["How it was scored"]
    assert page.count("version:") == 3 and "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp" in page


def test_pictures_are_of_rows_that_fit_from_good_to_bad():
    long = ["word " * 40, *SOURCES[1:]]
    rows = pictured(long, HYPOTHESES, REFERENCES)
    assert len(rows) == 4 and 0 not in rows
    assert [row % 3 == 0 for row in (rows[0], rows[-1])] == [False, True]
    assert pictured(["a"], [""], ["b"]) == []
    picture = Alignment(["a"], ["b"], np.ones((1, 1)))
    assert list(sections(alignments=[picture]))[0] == "Attention"
