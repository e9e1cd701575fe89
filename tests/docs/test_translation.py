"""What docs/translation.md shows is what happens."""

import json
import re
import shlex
import shutil
import tomllib
from pathlib import Path

import keras
import pytest
from click.testing import CliRunner
from kerasseq_runtime import load as load_file

from kerasseq.commands.main import main
from kerasseq.registry.components import load

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "translation.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ kerasseq (.*)$", TEXT, re.M)
SMALL = ["training.epochs=1", "encoder.units=4", "decoder.units=8", "evaluation.resamples=100", "dataset.rows=60"]


def test_every_command_and_the_program_work_in_their_order(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KERASSEQ_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_BACKEND", keras.backend.backend())
    assert len(COMMANDS) == 3
    for command in COMMANDS:
        words = shlex.split(command)
        small = [word for one in SMALL for word in ("--set", one)] if words[0] == "run" else []
        result = CliRunner().invoke(main, words + small, input="may\n\nthe first of june\n")
        assert result.exit_code == 0, f"{command}: {result.output}"
    head, *answers = result.stdout.splitlines()
    assert head == "text,prediction,score" and len(answers) == 3
    assert answers[1] == ",,0.0"
    [program] = [block for block in re.findall(r"^```text\n(.*?)^```", TEXT, re.M | re.S) if "load" in block]
    [file] = tmp_path.glob("runs/translation/*/model.onnx")
    monkeypatch.chdir(file.parent)
    exec(program, {})
    assert len(load_file(file).translate(["may"], beam=5, n_best=3)[0]) == 3


@pytest.mark.parametrize("block", re.findall(r"^```toml\n(.*?)^```", TEXT, re.M | re.S))
def test_every_block_of_toml_is_valid(block):
    sections = tomllib.loads(block)
    assert sections
    for kind, found in sections.items():
        for table in found if isinstance(found, list) else [found]:
            load(kind, table["name"])[1].model_validate_json(json.dumps(table))
