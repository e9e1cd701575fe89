"""The model card."""

import math

import pytest
import yaml
from huggingface_hub import ModelCard

from kerasseq.metrics import Score
from kerasseq.report import write_card
from kerasseq.report.card import model_card


def test_the_card_says_what_a_reader_of_a_model_has_to_know(classification, tmp_path):
    write_card(classification, tmp_path / "MODEL_CARD.md")
    card = (tmp_path / "MODEL_CARD.md").read_text(encoding="utf-8")
    for heading in ("Intended use", "Data", "Training", "Scores", "Limits", "How to load", "Environment"):
        assert f"\n## {heading}\n" in card
    for fact in ("CC0-1.0", "train 1,000, test 60", "12,345 weights", "epoch 2 were kept", "keras 3.15.0", "سلبي"):
        assert fact in card


def test_every_score_stands_beside_its_interval_and_the_baselines(classification):
    card = model_card(classification)
    score = classification.main_score
    row = next(line for line in card.splitlines() if line.startswith("| F1, macro"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1:3] == [f"**{score.value:.3f}**", f"{score.low:.3f} to {score.high:.3f}"]
    assert cells[3] == f"{next(s for s in classification.baselines['majority'] if s.name == 'f1_macro').value:.3f}"
    assert "f1[" not in card


def test_a_number_says_its_range(regression):
    assert "a number, from 0.000 to 10.000." in model_card(regression)


def test_a_weak_class_is_a_limit(classification, changed):
    scores = [*classification.scores[:5], Score("f1[rare]", 0.12, 0.0, 0.3)]
    assert "F1 is under 0.5 for rare (0.120)" in model_card(changed(classification, scores=scores))


def test_modules_that_a_model_needs_are_imported_before_it_is_opened(classification, changed):
    card = model_card(changed(classification, imports=("kerasseq.layers.attention",)))
    assert card.index("import kerasseq.layers.attention") < card.index("keras.saving.load_model")


def test_text_of_the_data_cannot_become_markdown_or_html(classification, classifier, changed):
    use = classifier(("a|b", "<img src=x>", "[x](y)")).use()
    dataset = {"licence": "MIT\n# Heading", "a|b": "`code`"}
    card = model_card(changed(classification, name="<script>\n## x", use=use, dataset=dataset))
    assert "a\\|b" in card
    assert "\\<img src=x\\>" in card
    assert "\\[x\\](y)" in card
    assert "\n# Heading" not in card
    assert "# \\<script\\> \\#\\# x\n" in card


def test_a_run_without_a_finished_epoch_names_no_epoch(classification, changed):
    card = model_card(changed(classification, history=[]))
    assert "0 epochs" in card
    assert "were kept" not in card


def head(card):
    """The head as YAML reads it; it is between the first two lines of dashes."""
    assert card.startswith("---\n")
    return yaml.safe_load(card[4:].partition("\n---\n")[0])


def test_the_hub_reads_the_head_by_its_own_classes(classification, changed):
    written = """
[dataset]
name = "kerasseq/table"
train = "/secret/place/reviews.csv"
[encoder]
name = "kerasseq/lstm"
[task]
name = "kerasseq/classification"
"""
    data = changed(classification, settings=written, language="ar", hub_task="text-classification")
    card = ModelCard(model_card(data))
    told = card.data.to_dict()
    assert (told["library_name"], told["pipeline_tag"], told["language"]) == ("kerasseq", "text-classification", "ar")
    assert told["tags"] == ["keras", "lstm", "classification"]
    assert "license" not in told and "secret" not in card.content
    assert card.text.lstrip().startswith("# demo\n")
    results = card.data.eval_results
    assert (results[0].metric_type, results[0].metric_value) == ("f1", data.main_score.value)
    values = {score.title: score.value for score in data.scores if not score.of_class and score.value is not None}
    assert {result.metric_name: result.metric_value for result in results} == values
    for result in results:
        assert (result.task_type, result.dataset_type, result.dataset_name) == (
            "text-classification",
            "table",
            "reviews.csv",
        )
        assert result.dataset_split == "test"


def test_a_set_of_the_hub_is_named(classification, changed):
    found = head(model_card(changed(classification, dataset={"hub": "org/reviews"})))
    assert found["datasets"] == ["org/reviews"]
    assert found["model-index"][0]["results"][0]["dataset"] == {
        "type": "org/reviews",
        "name": "org/reviews",
        "split": "test",
    }


@pytest.mark.parametrize("name", ["a: b # c", "---\nlicense: mit\n---", "- [x]", "نعم", "'\"{}", "yes", "1.0"])
def test_whatever_a_run_is_called_the_head_stays_whole(classification, changed, name):
    found = head(model_card(changed(classification, name=name)))
    assert found["model-index"][0]["name"] == name
    assert "license" not in found and found["library_name"] == "kerasseq"


def test_what_is_not_known_is_left_out(regression, changed):
    scores = [*regression.scores, Score("mase", math.nan, None, None)]
    found = head(model_card(changed(regression, scores=scores, language="", hub_task="")))
    assert not {"language", "pipeline_tag", "datasets", "license"} & set(found)
    [result] = found["model-index"][0]["results"]
    assert result["task"] == {"type": "regression", "name": "regression"}
    assert "mase" not in [metric["type"] for metric in result["metrics"]]
    assert {"mae", "pearsonr", "spearmanr", "r_squared"} <= {metric["type"] for metric in result["metrics"]}
