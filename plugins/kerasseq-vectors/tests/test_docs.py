"""What docs/vectors.md says can be typed, done in its order with a short training."""

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main
from kerasseq.registry.components import find, load

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/vectors.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ kerasseq (.*)$", PAGE, re.MULTILINE)
SMALL = ["--epochs", "1", "--dimension", "8", "--buckets", "100", "--force"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    (folder / "configs").symlink_to(ROOT / "configs")
    (folder / "tweets.txt").write_text("هاتف شبكة حاسوب هاتف شبكة حاسوب\n" * 3, encoding="utf-8")
    return folder


def test_every_command_of_the_page_works_in_its_order(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert len(COMMANDS) > 4
    for command in COMMANDS:
        words = shlex.split(command)
        result = CliRunner().invoke(main, [*words, *(SMALL if words[1] == "train" else [])])
        assert result.exit_code == 0, f"{command}: {result.output}"
    assert {path.name for path in folder.iterdir()} >= {"words.vec", "more.vec", "words.npz", "near.svg"}


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
def test_every_section_of_the_page_is_one(block):
    for kind, table in tomllib.loads(block).items():
        if table["name"] in ("static", "huggingface") and table["name"] not in {each.name for each in find(kind)}:
            pytest.skip("kerasseq-huggingface is not here")
        assert load(kind, table["name"])[1].model_validate_json(json.dumps(table)).name == table["name"]
