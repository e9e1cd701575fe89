import json
from collections import Counter, defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kerasseq.datasets.drawn import progress
from kerasseq.datasets.streams import Detection, Recall
from kerasseq.errors import DataError


def rows(table, side, *columns):
    values = zip(table["split"].to_pylist(), *(table[column].to_pylist() for column in columns), strict=True)
    return [row[1:] for row in values if row[0] == side]


@given(st.text("UDAB", max_size=30), st.sampled_from(["UDA", "UU", "UDAUD"]))
def test_progress_is_the_longest_start_of_the_sequence_that_is_a_subsequence(stream, sequence):
    for step, stage in enumerate(progress(stream, sequence)):
        seen = iter(stream[: step + 1])
        whole = [letter in seen for letter in sequence]  # each looks on where the one before it stopped
        assert stage == (whole.index(False) if False in whole else len(sequence))


def test_detection_gives_an_answer_at_every_step_and_no_stream_twice():
    table = Detection().build()
    assert table.column_names == ["tokens", "target", "source", "line", "split"]
    assert table.schema.field("tokens").type == table.schema.field("target").type == pa.list_(pa.string())
    assert Counter(table["split"].to_pylist()) == {"train": 1600, "validation": 200, "test": 200}
    assert table["line"].to_pylist() == list(range(1, 2001))
    streams = [tuple(tokens) for tokens in table["tokens"].to_pylist()]
    assert len(set(streams)) == 2000
    assert {len(stream) for stream in streams} == set(range(15, 31))
    for stream, tags in zip(streams, table["target"].to_pylist(), strict=True):
        assert tags == ["UDACITY"[:stage] or "-" for stage in progress(stream, "UDACITY")]


def test_every_stage_is_reached_about_equally_often():
    last = Counter(tags[-1] for tags in Detection().build()["target"].to_pylist())
    assert sorted(last, key=len) == ["-", "U", "UD", "UDA", "UDAC", "UDACI", "UDACIT", "UDACITY"]
    assert min(last.values()) > 2000 / 8 * 0.8


def test_one_step_alone_does_not_tell_the_answer():
    table = Detection().build()
    seen = defaultdict(Counter)
    for tokens, tags in rows(table, "train", "tokens", "target"):
        for token, tag in zip(tokens, tags, strict=True):
            seen[token][tag] += 1
    hits = [
        seen[token].most_common(1)[0][0] == tag
        for tokens, tags in rows(table, "test", "tokens", "target")
        for token, tag in zip(tokens, tags, strict=True)
    ]
    assert np.mean(hits) < 0.45
    # but the last answer and the step together do
    for tokens, tags in rows(table, "test", "tokens", "target"):
        stage = 0
        for token, tag in zip(tokens, tags, strict=True):
            stage += stage < 7 and token == "UDACITY"[stage]
            assert tag == ("UDACITY"[:stage] or "-")


def test_complete_is_said_from_the_last_letter_on():
    spec = Detection(answer="complete", sequence="ABA", others="xy", length=12, rows=40)
    for tokens, tags in zip(*(spec.build()[name].to_pylist() for name in ("tokens", "target")), strict=True):
        stages = progress(tokens, "ABA")
        assert tags == ["complete" if stage == 3 else "waiting" for stage in stages]


@pytest.mark.parametrize("length", [3, 50])
def test_recall_asks_for_the_first_symbol_behind_noise(length):
    table = Recall(length=length, rows=500, symbols=3).build()
    for text, target in rows(table, "train", "text", "target"):
        steps = text.split()
        assert steps[0] == target
        assert 2 <= len(steps) <= length + 1
    test = rows(table, "test", "text", "target")
    assert {len(text.split()) for text, _ in test} == {length + 1}
    assert len(set(test)) == 50
    known = {text for side in ("train", "validation") for text, _ in rows(table, side, "text", "target")}
    assert not known & {text for text, _ in test}
    assert set(table["target"].to_pylist()) == {"a", "b", "c"}


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (0.2, 0.2), (1.0, 1)])
def test_distractors_are_the_share_of_the_noise_that_was_asked_for(share, expected):
    noise = [s for text in Recall(distractors=share).build()["text"].to_pylist() for s in text.split()[1:]]
    assert np.mean([symbol in "abcd" for symbol in noise]) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("kind", [Detection, Recall])
def test_the_seed_decides_every_row(kind):
    assert kind(rows=50).build().equals(kind(rows=50).build())
    assert not kind(rows=50).build().equals(kind(rows=50, seed=1).build())
    assert kind().provides == {"split"}


def test_settings_that_give_too_few_streams_are_refused():
    with pytest.raises(DataError, match=r"recall: must give 200 different streams, got \d+; take a longer length"):
        Recall(length=2, symbols=2, distractors=1.0).build()
    with pytest.raises(DataError, match="detection: must give 2,000 different streams"):
        Detection(sequence="AB", others="C", length=4).build()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"others": "U"}, "others must share no letter"),
        ({"others": "BB"}, "each letter once"),
        ({"sequence": "A B"}, "letters without spaces"),
        ({"sequence": "AB", "others": ""}, "at least 3 different letters"),
        ({"length": 13}, "at least twice that of sequence, 14"),
    ],
)
def test_letters_that_cannot_be_noticed_are_refused(settings, message):
    with pytest.raises(ValidationError, match=message):
        Detection.model_validate_json(json.dumps(settings))
