"""What docs/language.md shows is what happens."""

import json
import re
import shlex
import shutil
import tomllib
from pathlib import Path

import keras
import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main
from kerasseq.registry.components import load

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ kerasseq (.*)$", TEXT, re.M)
SMALL = ["--set", "training.epochs=1", "--set", "encoder.units=8", "--set", "evaluation.resamples=100"]


def test_every_command_and_the_program_work_in_their_order(tmp_path, monkeypatch, capsys):
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KERASSEQ_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_BACKEND", keras.backend.backend())
    assert len(COMMANDS) == 7
    for command in COMMANDS:
        words = shlex.split(command)
        result = CliRunner().invoke(main, words + (SMALL if words[0] == "run" else []))
        assert result.exit_code == 0, f"{command}: {result.output}"
        if "jsonl" in words:
            assert len([json.loads(line) for line in result.stdout.splitlines()]) == 3
    [program] = re.findall(r"^```python\n(.*?)^```", TEXT, re.M | re.S)
    exec(program, {})
    written = capsys.readouterr().out
    assert written.startswith("الذكاء")
    assert "\nفي" in written


@pytest.mark.parametrize("block", re.findall(r"^```toml\n(.*?)^```", TEXT, re.M | re.S))
def test_every_block_of_toml_is_valid(block):
    sections = tomllib.loads(block)
    assert sections
    for kind, table in sections.items():
        load(kind, table["name"])[1].model_validate_json(json.dumps(table))


def test_the_page_says_how_blocks_are_measured():
    from kerasseq.corpus.streams import BLOCK, WARM

    assert f"blocks of {BLOCK:,} tokens, each with the {WARM} tokens before it" in TEXT
