"""What docs/sequences.md shows is what happens."""

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
TEXT = (ROOT / "docs" / "sequences.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ kerasseq (.*)$", TEXT, re.M)
SMALL = ["--set", "training.epochs=1", "--set", "encoder.units=4", "--set", "evaluation.resamples=100"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KERASSEQ_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_BACKEND", keras.backend.backend())
    return tmp_path


def test_every_command_and_the_program_work_in_their_order(folder, capsys):
    assert len(COMMANDS) == 4
    for command in COMMANDS:
        words = shlex.split(command)
        words += SMALL if words[0] == "run" else []
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 0, f"{command}: {result.output}"
        if words[0] == "predict":
            answer = json.loads(next(line for line in result.output.splitlines() if line.startswith("{")))
            assert answer["tokens"][3] == "Cairo"
            assert answer["offsets"][3] == [13, 18]
            assert len(answer["prediction"]) == 7
    [program] = re.findall(r"^```python\n(.*?)^```", TEXT, re.M | re.S)
    shutil.copy(folder / "runs" / "tagging" / "0001" / "model.onnx", folder)
    exec(program, {})
    assert capsys.readouterr().out.count("'") == 8


@pytest.mark.parametrize("block", re.findall(r"^```toml\n(.*?)^```", TEXT, re.M | re.S))
def test_every_block_of_toml_is_valid(block):
    sections = tomllib.loads(block)
    assert sections
    for kind, table in sections.items():
        load(kind, table["name"])[1].model_validate_json(json.dumps(table))


def test_the_configs_of_the_table_are_there():
    named = re.findall(r"`(configs/\w+\.toml)` \|", TEXT)
    assert len(named) == 6
    assert all((ROOT / name).exists() for name in named)
