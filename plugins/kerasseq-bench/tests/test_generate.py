import json

import numpy as np
import pytest
from click.testing import CliRunner
from kerasseq_bench.generate import generate, model_and_weights
from kerasseq_bench.written_by_hand import FIRST, HandWritten
from kerasseq_runtime.searches.chosen import search_of
from kerasseq_runtime.searches.filters import filtered

from kerasseq.plugin import Limits


def test_the_loops_by_hand_write_with_the_same_model():
    stepper, weights = model_and_weights(30, 5, 7)
    limits = Limits(20, forbidden=(0, 1))
    [[ours]] = search_of("greedy", {"repetition_penalty": 1.2}).write(stepper, [np.array([FIRST])], limits)
    assert HandWritten(weights).write(1, 20, temperature=0, penalty=1.2) == [ours.ids.tolist()]


@pytest.mark.parametrize("first", [False, True])
def test_the_loops_by_hand_draw_from_the_same_distribution(first):
    stepper, weights = model_and_weights(12, 5, 7)
    settings = {"temperature": 0.8, "top_k": 6, "top_p": 0.9}
    found = HandWritten(weights).write(4000, 1, **settings, penalty=1.1, first=first)
    logits, _ = stepper.start([np.array([FIRST])])
    seen = np.arange(12)[None] == FIRST
    wanted = filtered(logits, seen, (0, 1), **settings, repetition_penalty=1.1)[0]
    shares = np.bincount(np.ravel(found), minlength=12) / 4000
    assert not shares[wanted == 0].any()
    np.testing.assert_allclose(shares, wanted, atol=4 * np.sqrt(0.25 / 4000))


def test_the_table_has_a_row_of_each_contender(tmp_path, monkeypatch):
    monkeypatch.setattr("kerasseq_bench.generate.MODELS", {"characters": (60, 4)})
    asked = ["--units", "4", "--tokens", "3", "--texts", "2", "--rounds", "1", "--json", str(tmp_path / "found.json")]
    result = CliRunner().invoke(generate, asked, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "characters, sample, top-k first" in result.output
    rows = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))["rows"]
    assert [(row["search"], len(row["seconds"])) for row in rows] == [("greedy", 2), ("temperature", 2), ("sample", 3)]
