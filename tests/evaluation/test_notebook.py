"""What a notebook shows of a run and of its model."""

import csv
import shutil
from dataclasses import replace
from html.parser import HTMLParser

import pytest

import kerasseq
from kerasseq.training.history import History


class Page(HTMLParser):
    """Every element that opens and the text outside of styles; what is open must close."""

    def __init__(self, html):
        super().__init__()
        self.open, self.seen, self.texts = [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.texts.append(data)


@pytest.fixture(scope="module")
def run(finished, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile") / "run"
    shutil.copytree(finished, folder)
    toml = folder / "experiment.toml"
    toml.write_text(
        toml.read_text(encoding="utf-8").replace('name = "tiny"', 'name = "<script>a & b"'), encoding="utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def outcome(run, finished):
    return kerasseq.evaluate(run, finished.parents[2] / "rows.csv")


def test_scores_stand_beside_the_baselines_and_curves_below(outcome):
    page = Page(outcome._repr_html_())
    assert page.seen.count("svg") == 1  # no history, no curves: the intervals alone
    with (outcome.directory.history).open(encoding="utf-8") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    with_history = replace(outcome, history=History(rows, [], 1), baselines={"majority": outcome.scores})
    page = Page(with_history._repr_html_())
    assert page.seen.count("svg") == 3  # the loss, and the score that counts
    said = " ".join(page.texts)
    wanted = ["Majority class", "this model", "3 classes", "60 texts", "best baseline", "kept: epoch 1"]
    for words in [*wanted, str(outcome.directory.path), *(score.title for score in outcome.scores[:3])]:
        assert words in said


def test_what_comes_from_outside_is_escaped_and_nothing_runs(outcome):
    for html in (outcome._repr_html_(), outcome.model._repr_html_()):
        assert "<script" not in html
        assert "http://" not in html.replace("http://www.w3.org/", "")
        page = Page(html)
        assert "<script>a & b" in page.texts
        assert "script" not in page.seen


def test_a_model_says_what_it_is_made_of(outcome):
    said = Page(outcome.model._repr_html_()).texts
    assert [name for name in ("kerasseq", "word", "gru", "attention") if name in said] == ["word", "gru", "attention"]
    assert repr(outcome.model).startswith("<TrainedModel <script>a & b: 3 classes, ")


def test_a_line_says_the_score_that_counts(outcome):
    value = next(score.value for score in outcome.scores if score.name == "f1_macro")
    assert repr(outcome) == f"<Outcome {outcome.directory.path}: f1_macro {value:.3f} of 60 rows>"
