"""N-grams on the page: of a whole model, and of one text."""

import re

import numpy as np
import pytest

from kerasseq.corpus.text import Texts
from kerasseq.pipelines.text import TextPipeline
from kerasseq.report.heavy import weighed_cell
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
