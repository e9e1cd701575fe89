"""The model card."""

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
