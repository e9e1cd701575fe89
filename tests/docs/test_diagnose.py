"""docs/diagnose.md: its commands work in their order and say what the page says."""

import json
import re
import shlex
import shutil
from pathlib import Path

import keras
from click.testing import CliRunner

from kerasseq.commands.main import main

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "diagnose.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ kerasseq (.*)$", TEXT, re.M)


def test_every_command_works_and_the_explosion_is_told_and_gone(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KERASSEQ_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_BACKEND", keras.backend.backend())
    [config] = re.findall(r"^```toml\n(.*?)^```", TEXT, re.M | re.S)
    Path("memory.toml").write_text(config, encoding="utf-8")
    said = []
    for command in COMMANDS:
        result = CliRunner().invoke(main, shlex.split(command))
        assert result.exit_code == 0, f"{command}: {result.output}"
        said.append(result.stdout)
    assert len(said) == 4
    [shown] = re.findall(r"^    (exploding: .*?)\n\n", TEXT, re.M | re.S)
    message, line = (" ".join(each.split()) for each in shown.split("\n      "))
    assert message in said[2] and line in said[2] and "exploding" not in said[3]
    numbers = json.loads(Path("memory.diagnosis.json").read_text(encoding="utf-8"))
    assert numbers["format"] == 1 and re.search(r"has a `format`, 1;", TEXT)
    stage = numbers["stages"]["before"]
    names = {*numbers, *stage, *stage["layers"][0], *stage["layers"][0]["kept"], *numbers["symptoms"][0]}
    told = set(re.findall(r"`(\w+)`", TEXT.partition("## The numbers")[2])) - {"before", "after"}
    assert told <= names
