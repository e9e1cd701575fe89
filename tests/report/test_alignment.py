"""Pictures of attention: both scripts the right way round."""

import numpy as np

from kerasseq.report.alignment import Alignment, alignments_table, shaped

JOINER = "\u200d"


def test_a_cut_arabic_word_keeps_the_forms_of_its_letters():
    assert shaped(["قط", "ة"]) == [f"قط{JOINER}", f"{JOINER}ة"]
    assert shaped(["كتا", "ب"]) == ["كتا", "ب"]  # alef does not reach out
    assert shaped(["في", " بيت"]) == ["في", "بيت"]
    assert shaped(["ق", "َ", "ط"]) == [f"ق{JOINER}", "◌َ", f"{JOINER}ط"]
    assert shaped(["ab", "cd"]) == ["ab", "cd"]


def test_columns_run_as_the_source_does_and_every_piece_by_itself():
    arabic, english = ["قطة", " على", " سجادة"], ["a", " cat"]
    weights = np.array([[0.7, 0.2, 0.1], [0.6, 0.3, 0.1]])
    page = alignments_table([Alignment(arabic, english, weights, "rows.tsv:7")])
    assert '<div class="scroll" dir="rtl"><table dir="rtl">' in page
    assert page.index(">قطة</bdi></th>") < page.index(">سجادة</bdi></th>")
    assert '<th scope="row"><bdi dir="auto">cat</bdi></th>' in page
    assert "rows.tsv:7" in page
    assert '<table dir="ltr">' in alignments_table([Alignment(english, arabic, weights.T)])


def test_weights_are_shades_and_words():
    page = alignments_table([Alignment(["x", " y"], ["u"], np.array([[0.25, 0.75]]))])
    assert 'style="--w:0.25" title="0.25"' in page and 'style="--w:0.75"' in page
    assert "y</bdi> 75%" in page


def test_single_letters_stand_upright():
    assert 'class="letters"' in alignments_table([Alignment(list("ab c"), ["u"], np.ones((1, 4)) / 4)])
    assert 'class="letters"' not in alignments_table([Alignment(["ab", " c"], ["u"], np.ones((1, 2)) / 2)])


def test_markup_in_a_text_stays_text():
    page = alignments_table([Alignment(["<b>"], ["<script>"], np.ones((1, 1)))])
    assert "<script>" not in page and "&lt;script&gt;" in page
