"""Scores of translations against those of sacrebleu itself."""

import random

import numpy as np
import pytest
from sacrebleu.metrics import BLEU, CHRF, TER

from kerasseq.metrics import against, difference, replicate
from kerasseq.metrics.bootstrap import resample_indices
from kerasseq.metrics.translation import (
    Scoring,
    quick_translation_scores,
    sentence_scores,
    translation_measure,
    translation_scores,
)

WORDS = "The the cat, sat on (a) mat. قطة على بساط؟ 12 it's".split()


def corpus(sentences=40, seed=0, longest=12):
    """References, and hypotheses with some of their words changed, moved, dropped; some are empty."""
    drawn = random.Random(seed)
    references = [" ".join(drawn.choices(WORDS, k=drawn.randrange(1, longest))) for _ in range(sentences)]
    hypotheses = []
    for reference in references:
        words = [drawn.choice(WORDS) if drawn.random() < 0.2 else word for word in reference.split()]
        start = drawn.randrange(len(words))
        words = words[start:] + words[:start] if drawn.random() < 0.3 else words
        hypotheses.append(" ".join(words[: drawn.randrange(len(words) + 3)]))
    return hypotheses, references


def by_sacrebleu(hypotheses, references, scoring):
    cased = {"lowercase": scoring.lowercase}
    metrics = {"bleu": BLEU(tokenize=scoring.tokenize, **cased), "chrf": CHRF(**cased), "ter": TER()}
    return {name: metric.corpus_score(hypotheses, [references]).score for name, metric in metrics.items()}


@pytest.mark.parametrize("scoring", [Scoring(), Scoring("intl", True), Scoring("char"), Scoring("none")], ids=str)
def test_scores_are_those_of_sacrebleu_of_all_sentences_and_of_every_draw(scoring):
    hypotheses, references = corpus()
    measure = translation_measure(hypotheses, references, scoring)
    [draws] = resample_indices(len(references), 5, seed=1)
    for rows in (np.arange(len(references)), *draws, np.array([7, 7])):
        found = measure(rows[None])
        wanted = by_sacrebleu([hypotheses[i] for i in rows], [references[i] for i in rows], scoring)
        assert {name: found[name][0] for name in wanted} == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(
    ("hypotheses", "references"),
    [
        (["", ""], ["a b", "c"]),
        (["x y"], ["a b c d e"]),
        (["a"], ["a"]),
        (["a b", "c d e"], ["a b", "c e e"]),
        (["a"], [""]),
        (["the the the the the"], ["the cat"]),
    ],
)
def test_scores_of_few_and_of_empty_texts_are_those_of_sacrebleu(hypotheses, references):
    found = {score.name: score.value for score in translation_scores(hypotheses, references, resamples=3)}
    wanted = by_sacrebleu(hypotheses, references, Scoring())
    assert {name: found[name] for name in wanted} == pytest.approx(wanted, abs=1e-9)


def test_each_score_of_sacrebleu_carries_its_signature():
    scores = {score.name: score for score in translation_scores(*corpus(), Scoring("intl", True), resamples=5)}
    assert "tok:intl" in scores["bleu"].note and "case:lc" in scores["bleu"].note and "eff:no" in scores["bleu"].note
    assert "nc:6" in scores["chrf"].note and "version:" in scores["ter"].note
    assert "nrefs:1" in scores["bleu"].note and not scores["cer"].note
    assert [name for name, score in scores.items() if score.lower_is_better] == ["ter", "cer"]


def test_character_errors_are_counted_over_all_characters_and_exact_matches_over_texts():
    found = quick_translation_scores(["كَتَبَ", "abcd"], ["كَتَبَ", "abXd"])
    assert found["cer"] == pytest.approx(1 / 10)
    assert found["exact_match"] == 0.5
    assert "ter" not in found


def test_references_without_a_character_have_no_error_rate():
    scores = {score.name: score for score in translation_scores(["a"], [""], resamples=3)}
    assert scores["cer"].value is None and scores["cer"].note


def test_single_sentences_are_scored_as_sacrebleu_scores_them():
    hypotheses, references = corpus(10)
    wanted = [CHRF().sentence_score(*pair).score for pair in zip(hypotheses, [[r] for r in references], strict=True)]
    found = sentence_scores(hypotheses, references)
    assert found["chrf"].tolist() == pytest.approx(wanted)
    assert len(found["cer"]) == 10


def test_two_systems_are_compared_on_the_same_draws():
    hypotheses, references = corpus(60)
    better = [r if i % 3 else h for i, (h, r) in enumerate(zip(hypotheses, references, strict=True))]
    mine, other = (translation_measure(system, references) for system in (better, hypotheses))
    draws = list(resample_indices(60, 200, seed=0))
    high, low = replicate([[mine], [other]], draws)
    found = difference(10.0, high["bleu"], low["bleu"])
    assert found.low is not None and found.low > 0 and found.p == pytest.approx(2 / 201)
    scores = {
        name: translation_scores(each, references, resamples=200)
        for name, each in (("model", better), ("copy_source", hypotheses))
    }
    outcomes = {
        one.own.name: one.outcome
        for one in against(scores["model"], {"copy_source": scores["copy_source"]}, "chrf", 0.95)
    }
    assert outcomes == dict.fromkeys(("bleu", "chrf", "ter", "cer", "exact_match"), "better")


def test_as_many_texts_as_references_are_needed():
    with pytest.raises(ValueError, match="got 1 and 2"):
        translation_measure(["a"], ["a", "b"])
