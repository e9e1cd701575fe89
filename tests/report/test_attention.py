"""Attention over words, from the right and from the left."""

import re

from kerasseq.report import AttentionSample
from kerasseq.report.attention import attention_texts


def test_the_text_reads_the_same_without_its_shades(classification):
    shown = attention_texts(classification.attention)
    paragraphs = re.findall(r'<p class="text"[^>]*>(.*?)</p>', shown)
    plain = [re.sub(r"<[^>]+>", "", paragraph) for paragraph in paragraphs]
    assert plain == ["ذهب الولدُ إلى machine learning", "الكتاب جيد"]


def test_the_heaviest_token_is_darkest_and_named(classification):
    shown = attention_texts(classification.attention[:1])
    assert '<span style="--w:1.00" title="0.500">ذهب</span>' in shown
    assert 'most weight: <bdi dir="auto" lang="ar">ذهب</bdi> 50 %' in shown


def test_a_token_is_escaped_and_not_isolated():
    shown = attention_texts([AttentionSample(("<script>", "b"), (0.5, 0.5), "<i>", "x")])
    assert "<script>" not in shown
    assert "<i>" not in shown
    assert "<bdi" not in re.search(r'<p class="text"[^>]*>(.*?)</p>', shown).group(1)


def test_an_empty_text_and_weights_of_zero_draw():
    samples = [AttentionSample((), (), "a", "b"), AttentionSample(("x",), (0.0,), "a", "b")]
    assert attention_texts(samples).count("<article>") == 2


def test_the_n_grams_that_moved_the_prediction_stand_below_where_there_are_some():
    sample = AttentionSample(("<b>",), (1.0,), "a", "b", weighed=((" <b> ", 0.5), ("خ", -0.25)))
    shown = attention_texts([sample])
    [line] = re.findall(r"<p class=\"facts\">moved most by: (.*?)</p>", shown)
    assert re.findall(r"<bdi[^>]*>(.*?)</bdi> <small>(.*?)</small>", line) == [
        ("\u2423&lt;b&gt;\u2423", "+0.50"),
        ("خ", "-0.25"),
    ]
    assert "moved" not in attention_texts([AttentionSample(("x",), (1.0,), "a", "b")])
