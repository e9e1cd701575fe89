"""N-grams on the page: of a whole model, and of one text."""

import re
from dataclasses import replace

import numpy as np
import pytest
from kerasseq_runtime.explanation import WeighedWord

from kerasseq.corpus.text import Texts
from kerasseq.pipelines.text import TextPipeline
from kerasseq.report.heavy import occluded_cell, weighed_cell
from kerasseq.report.markup import tag
from kerasseq.report.mistakes import Mistakes, worst_table
from kerasseq.tokenizers.whitespace import Whitespace


class Told:
    """A branch that says what it is asked."""

    noun = "n-grams"

    def weighed(self, text, place, most):
        return [(f" {text} ", 0.5), ("<b>", -2.0 * place)][:most] if text else []


@pytest.fixture
def pipeline():
    words = Whitespace()
    return TextPipeline((), words, words.build(), wide=Told())


def test_beside_a_wrong_row_stand_the_n_grams_of_its_text_with_their_part_in_the_answer(pipeline):
    samples = Texts(["خدمة", "good film", ""])
    weighed = weighed_cell(pipeline, samples, [0, 2, 1], 0.5)
    mistakes = Mistakes(
        np.array([1.0, 2.0, 0.5]), np.ones(3, bool), lambda n: tag("b"), lambda n: tag("b"), "loss", weighed
    )
    table = worst_table(samples, [], mistakes)
    assert "The n-grams that moved the prediction most" in table
    cells = re.findall(r'data-label="n-grams" role="cell">(.*?)</td>', table)
    assert [re.findall(r"<bdi[^>]*>(.*?)</bdi> <small>(.*?)</small>", cell) for cell in cells] == [
        [("\u2423good\u2423film\u2423", "+0.25"), ("&lt;b&gt;", "-2.00")],
        [("\u2423خدمة\u2423", "+0.25"), ("&lt;b&gt;", "-0.00")],
        [],
    ]


def test_a_model_of_which_the_linear_one_has_no_part_shows_none(pipeline):
    assert weighed_cell(pipeline, Texts(["good"]), [0], 0.0) is None
    pipeline.wide = None
    assert weighed_cell(pipeline, Texts(["good"]), [0], 0.5) is None


def test_without_n_grams_the_words_stand_there_that_the_answer_hangs_on():
    rows = [
        ([("خدمة", 0.5), ("a", 0.0), ("<b>", -0.75), ("c", 1e-7), ("d", 0.25), ("e", -0.125)], 0),
        ([], 0),
        ([("the", 1234.5)], 1_200),
    ]

    def occluded(places):
        return [([WeighedWord(word, 0, 1, w, "occlusion") for word, w in rows[n][0]], rows[n][1]) for n in places]

    weighed = occluded_cell(occluded)
    mistakes = Mistakes(
        np.array([3.0, 2.0, 1.0]), np.ones(3, bool), lambda n: tag("b"), lambda n: tag("b"), "loss", weighed
    )
    table = worst_table(Texts(["good film", "", "x"]), [], mistakes)
    assert "The words without which the prediction loses most, and how much of it" in table
    cells = re.findall(r'data-label="words" role="cell">(.*?)</td>', table)
    assert [re.findall(r"<bdi([^>]*)>(.*?)</bdi> <small>(.*?)</small>", cell) for cell in cells] == [
        [
            (' dir="auto"', "&lt;b&gt;", "-0.750"),
            (' dir="auto" lang="ar"', "خدمة", "+0.500"),
            (' dir="auto"', "d", "+0.250"),
            (' dir="auto"', "e", "-0.125"),
        ],
        [],
        [(' dir="auto"', "the", "+1,234.5")],
    ]
    assert "–" in cells[1] and "1,200 words not weighed" in cells[2]
    assert occluded_cell(None) is None
    slow = replace(mistakes, weighed=occluded_cell(lambda places: []))
    first = replace(mistakes, weighed=occluded_cell(lambda places: occluded(places[:1])))
    assert worst_table(Texts(["good film", "", "x"]), [], first).count("<div>–</div>") == 2
    assert "words" not in worst_table(Texts(["good film", "", "x"]), [], slow)
