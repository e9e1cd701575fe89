"""What docs/tune.md says can be typed."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from kerasseq_tune.command import tune
from kerasseq_tune.space import space_of

from kerasseq.config.read import read_experiment

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/tune.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ kerasseq tune (.*)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_of_the_page_is_one(line, monkeypatch):
    monkeypatch.chdir(ROOT)
    context = tune.make_context("tune", shlex.split(line))
    assert context.params["config"] or context.params["resume"]


def test_the_section_of_the_page_is_one_of_the_config_that_it_is_about(tmp_path):
    [block] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    config = ROOT / "configs/bilstm.toml"
    found = space_of(read_experiment(config), block, "docs/tune.md")
    assert [each.key for each in found.dimensions] == list(tomllib.loads(block)["tune"])
