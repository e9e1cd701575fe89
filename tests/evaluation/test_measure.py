import csv
import io
import json
import re
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from kerasseq.config.read import read_experiment
from kerasseq.corpus.examples import Examples
from kerasseq.corpus.text import Texts
from kerasseq.errors import DataError
from kerasseq.evaluation.measure import Places, measure
from kerasseq.evaluation.write import _most, predictions_csv, write_outcome, write_pages
from kerasseq.experiment import build
from kerasseq.preparation import encode_test
from kerasseq.run_directory import RunDirectory
from kerasseq.training.history import History


@pytest.fixture
def prepared(tiny, tmp_path):
    def prepare(*overrides):
        return build(read_experiment(tiny(tmp_path), overrides))

    return prepare


def outcome_of(trained, data, folder):
    training = (data.samples["train"], data.examples["train"].targets)
    test = (data.samples["test"], data.examples["test"], data.counts["test"], Places(data.tables["test"]))
    return measure(trained, *test, training, RunDirectory(folder))


def outcome_of_table(trained, table, folder):
    return measure(trained, *encode_test(table, trained.task), Places(table), None, RunDirectory(folder))


def test_scores_are_those_of_the_answers(prepared, tmp_path):
    trained, data = prepared()
    outcome = outcome_of(trained, data, tmp_path)
    found = {score.name: score.value for score in outcome.scores}
    truth, answers = outcome.truth, outcome.predictions.answers
    assert found["accuracy"] == pytest.approx((truth == answers).mean())
    losses = -np.log(outcome.predictions.probabilities[np.arange(len(truth)), truth])
    assert found["log_loss"] == pytest.approx(losses.mean())
    majority = {score.name: score.value for score in outcome.baselines["majority"]}
    assert majority["accuracy"] == pytest.approx(1 / 3)


def test_the_confidence_of_the_intervals_is_that_of_the_settings(prepared, tmp_path):
    trained, data = prepared("evaluation.confidence=0.6")
    narrow = outcome_of(trained, data, tmp_path)
    assert narrow.confidence == 0.6
    trained, data = prepared("evaluation.confidence=0.99")
    wide = outcome_of(trained, data, tmp_path)
    assert wide.scores[0].value == narrow.scores[0].value
    assert wide.scores[0].high - wide.scores[0].low > narrow.scores[0].high - narrow.scores[0].low


def test_baselines_are_left_out_where_they_are_not_wanted(prepared, tmp_path):
    trained, data = prepared("evaluation.baselines=false")
    assert outcome_of(trained, data, tmp_path).baselines == {}


def test_baselines_learn_from_a_part_of_many_rows_and_log_and_report_say_so(
    prepared, finished, tmp_path, monkeypatch, caplog
):
    trained, data = prepared()
    learned = []
    baselines = trained.task.baselines
    monkeypatch.setattr(trained.task, "baselines", lambda *a: learned.append(a) or baselines(*a))
    assert outcome_of(trained, data, tmp_path).remarks == {}
    monkeypatch.setattr("kerasseq.evaluation.measure.BASELINE_ROWS", 20)
    directory = RunDirectory(tmp_path / "run")
    directory.path.mkdir()
    directory.environment.write_bytes(RunDirectory(finished).environment.read_bytes())
    outcome = outcome_of(trained, data, directory.path)
    (every, targets, _, _), (some, chosen, _, _) = learned
    assert (len(every), len(some), len(chosen)) == (36, 20, 20)
    assert set(zip(some.first, chosen, strict=True)) <= set(zip(every.first, targets, strict=True))
    said = "learned from 20 of 36 training rows, drawn at random"
    assert said in caplog.text
    write_outcome(outcome, trained)
    write_pages(outcome, trained, data.facts, History(), "2026-01-01T00:00:00+00:00")
    assert said in directory.report.read_text(encoding="utf-8")
    assert said in directory.card.read_text(encoding="utf-8")


def test_no_rows_cannot_be_measured(prepared, tmp_path):
    trained, data = prepared()
    with pytest.raises(DataError, match="test: must have rows to measure on, got none"):
        outcome_of_table(trained, data.tables["test"].slice(0, 0), tmp_path)


def test_every_row_is_named_by_file_and_line(prepared, tmp_path):
    trained, data = prepared()
    outcome = outcome_of(trained, data, tmp_path)
    lines = re.split("\r\n|\r|\n", (tmp_path / "rows.csv").read_bytes().decode("utf-8"))
    for text, where in zip(outcome.samples.first, outcome.where, strict=True):
        file, _, line = where.rpartition(":")
        assert file.endswith("rows.csv")
        assert text.split()[0] in lines[int(line) - 1]


@pytest.mark.parametrize("text", ["a\rb", "a\r\nb", "\n", '"', 'a"b, c', "نص ، عربي", "👩‍👩‍👧", " a ", "=1+1", "\t"])
def test_any_text_comes_back_from_the_csv(prepared, tmp_path, text):
    trained, data = prepared()
    table = data.tables["test"].slice(0, 1)
    inputs, counts = trained.task.pipeline.encode(Texts([text]))
    examples = Examples(inputs, trained.task.targets(table))
    outcome = measure(trained, Texts([text]), examples, counts, Places(table), None, RunDirectory(tmp_path))
    [row] = csv.DictReader(io.StringIO(predictions_csv(outcome, trained), newline=""))
    assert row["text"] == text


def test_pairs_have_both_texts_and_numbers_one_prediction(prepared, tmp_path):
    trained, data = prepared('dataset.text_2="topic"', 'task.name="regression"', 'dataset.target="stars"')
    outcome = outcome_of(trained, data, tmp_path)
    rows = list(csv.DictReader(io.StringIO(predictions_csv(outcome, trained), newline="")))
    assert list(rows[0]) == ["text", "text_2", "target", "prediction", "place"]
    assert [row["place"] for row in rows] == [place.rpartition("/")[2] for place in outcome.where]
    assert [float(row["target"]) for row in rows] == [float(v) for v in data.tables["test"]["target"].to_pylist()]
    assert [row["text_2"] for row in rows] == data.tables["test"]["text_2"].to_pylist()


def test_a_column_of_the_table_that_is_called_as_one_of_ours_stands_under_another_name(prepared, tmp_path):
    trained, data = prepared()
    outcome = outcome_of(trained, data, tmp_path)
    names = ["prediction", "text_2", "data.prediction", "id"]
    beside = pa.table({name: [f"{name} {row}" for row in range(12)] for name in names})
    rows = list(csv.DictReader(io.StringIO(predictions_csv(replace(outcome, beside=beside), trained), newline="")))
    read = {"data.prediction": "prediction", "data.text_2": "text_2", "data.data.prediction": "data.prediction"}
    assert list(rows[0])[-5:] == ["place", *read, "id"]
    for number, row in enumerate(rows):
        assert {name: row[name] for name in read} == {name: f"{own} {number}" for name, own in read.items()}
        assert row["prediction"] in ("good", "bad", "so-so") and row["id"] == f"id {number}"


@pytest.mark.parametrize("pair", ["join", "combine"])
def test_the_report_shows_attention_over_words_as_they_stood_in_the_text(prepared, finished, tmp_path, pair):
    trained, data = prepared('dataset.text_2="topic"', f'task.pair="{pair}"', "evaluation.examples=3")
    directory = RunDirectory(tmp_path / "run")
    directory.path.mkdir()
    directory.environment.write_bytes(RunDirectory(finished).environment.read_bytes())
    outcome = outcome_of(trained, data, directory.path)
    write_outcome(outcome, trained)
    write_pages(outcome, trained, data.facts, History(), "2026-01-01T00:00:00+00:00")
    report = directory.report.read_text(encoding="utf-8")
    assert report.count("most weight:") == (3 if pair == "join" else 6)
    first = outcome.samples.second[0].split()[0]
    assert f">{first}</span>" in report
    assert ("[SEP]" in report) == (pair == "join")
    assert json.loads(directory.metrics.read_bytes())["rows"] == 12


@pytest.fixture
def paged(prepared, finished, tmp_path):
    """`paged(setting, ...)`: the outcome of an untrained model, and its page."""

    def page(*overrides):
        trained, data = prepared(*overrides)
        directory = RunDirectory(tmp_path / "run")
        directory.path.mkdir(exist_ok=True)
        directory.environment.write_bytes(RunDirectory(finished).environment.read_bytes())
        outcome = outcome_of(trained, data, directory.path)
        write_pages(outcome, trained, data.facts, History(), "2026-01-01T00:00:00+00:00")
        return outcome, directory.report.read_text(encoding="utf-8")

    return page


@pytest.mark.parametrize("target", ["mood", "stars"])
def test_the_worst_rows_show_the_words_that_their_answers_hang_on(paged, target):
    task = "classification" if target == "mood" else "regression"
    outcome, report = paged(f'dataset.target="{target}"', f'task={{name="{task}"}}', 'pooler={name="mean"}')
    truth = np.asarray(outcome.truth)
    losses = outcome.model.task.row_losses(truth, outcome.predictions)
    wrong = truth != outcome.predictions.answers
    worst = next(row for row in (-losses).argsort(kind="stable") if wrong[row])
    [found] = outcome.model.explain([outcome.samples.first[worst]], method="occlusion")
    heavy = max(found.words, key=lambda word: abs(word.weight))
    cells = re.findall(r'data-label="words" role="cell">(.*?)</td>', report)
    assert len(cells) == wrong.sum()
    word, weight = re.search(r"<bdi[^>]*>(.*?)</bdi> <small>(.*?)</small>", cells[0]).groups()
    assert word == heavy.word and float(weight) == pytest.approx(heavy.weight, rel=0.06, abs=6e-4)


def test_of_long_rows_some_words_are_weighed_of_many_the_first_and_of_a_large_network_none(paged, monkeypatch):
    setting = 'pooler={name="mean"}'
    cell = r'data-label="words" role="cell"><div>(.*?)</div></td>'
    assert "words not weighed" not in paged(setting)[1]
    with monkeypatch.context() as patch:
        patch.setattr("kerasseq.evaluation.write._most", lambda words, steps, room: 3 * (len(words) < 3))
        outcome, report = paged(setting)
    cells = re.findall(cell, report)
    shown = [len(re.findall("<bdi", each)) for each in cells]
    assert all(0 < number <= 3 for number in shown[:2]) and set(cells[2:]) == {"–"}
    longest = max(len(text.split()) for text in outcome.samples.first)
    lefts = list(map(int, re.findall(r"<small>(\d+) words not weighed</small>", report)))
    assert len(lefts) <= 2 and all(left <= longest - 3 for left in lefts)
    monkeypatch.setattr("kerasseq.evaluation.write.WORK", 10)
    _, report = paged(setting)
    assert "Worst errors" in report and not re.findall(cell, report)


def test_the_most_words_are_weighed_for_which_there_is_room():
    words, steps = np.array([10, 100, 400]), np.array([10, 100, 256])
    assert _most(words, steps, 10**6) == 200
    assert _most(words, steps, 11 * 10 + 101 * 100 + 256 * (22 + 150 + 2)) == 150
    assert _most(words, steps, 11 * 10 + 100 * (12 + 30 + 2) + 256 * (22 + 30 + 2)) == 30
    assert _most(words, steps, 500) == 0
