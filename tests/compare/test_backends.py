"""One small model on torch and on jax: the same score, seed by seed."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main

CONFIG = Path(__file__).with_name("backends.toml")


@pytest.mark.both
def test_torch_and_jax_train_the_same_model_to_the_same_score(tmp_path):
    out = str(tmp_path / "comparison")
    done = CliRunner().invoke(main, ["compare", str(CONFIG), "--backends", "torch,jax", "--seeds", "2", "--out", out])
    assert done.exit_code == 0, done.output  # 1 where they differ by more than seeds explain
    assert "torch" in done.output
    assert "jax" in done.output
