"""What docs/compare.md shows is what happens; each job is done in this process and small."""

import re
import shlex
import shutil
from pathlib import Path

import keras
import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main
from kerasseq.compare.parameters import count
from kerasseq.config.read import read_experiment
from kerasseq.experiment import build

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "compare.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ kerasseq (.*)$", TEXT, re.M)
SMALL = [
    "--set", "training.epochs=1", "--set", "training.batch_size=512", "--set", "encoder.units=2", "--set",
    "embedding.dimension=2", "--set", "tokenizer.max_length=8", "--set", "evaluation.resamples=100", "--set",
    "evaluation.baselines=false", "--set", "exporter=[]", "--set", "wide=[]",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch, same_process, few_rows):
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KERASSEQ_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_BACKEND", keras.backend.backend())
    return tmp_path


def expanded(words):
    """As a shell does: `{a,b}.toml` is two words."""
    for word in words:
        found = re.fullmatch(r"(.*)\{(.*)\}(.*)", word)
        yield from [f"{found[1]}{part}{found[3]}" for part in found[2].split(",")] if found else [word]


def test_every_command_of_the_page_works_in_its_order(folder):
    assert len(COMMANDS) > 5
    for command in COMMANDS:
        words = list(expanded(shlex.split(command)))
        if any(word.endswith(".toml") for word in words):
            words += SMALL
            words += ["--seeds", "1"] if words[0] == "compare" else []
        if "--backends" in words:
            words[words.index("--backends") + 1] = keras.backend.backend()
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 0, f"{command}: {result.output}"
    listed = set(re.findall(r"^\| `([\w./]+)`", TEXT.split("## Read the folder")[1], re.M))
    assert listed == {p.name + ("/" if p.is_dir() else "") for p in Path("comparisons/0001").iterdir()}


def test_the_columns_of_the_page_are_those_of_the_tables(folder):
    named = re.findall(r"^\| ([^`|]+?) \| ", TEXT.split("## Read the tables")[1].split("\n## ")[0], re.M)
    result = CliRunner().invoke(main, ["compare", "configs/rnn.toml", *SMALL, "--seeds", "1"])
    assert len(named) > 10
    for name in named:
        if name not in ("column", "F1, macro and other scores"):
            assert f" {name} " in result.stdout, name


def test_the_ratios_of_the_page_are_those_of_the_configs():
    said = {name: float(ratio) for name, ratio in re.findall(r"^\| `(\w+)` \| [\d,]+ \| ([\d.]+) \|$", TEXT, re.M)}
    sizes = {
        name: int(n.replace(",", "")) for name, n in re.findall(r"^\| `(\w+)` \| ([\d,]+) \| [\d.]+ \|$", TEXT, re.M)
    }
    unlike = {
        "bilstm_attention",
        "tagging",
        "vectors",
        "forecast",
        "detection",
        "recall",
        "order",
        "language_model",
        "translation",
    }
    assert set(said) == {path.stem for path in (ROOT / "configs").glob("*.toml")} - unlike
    for name, size in sizes.items():
        experiment = read_experiment(ROOT / "configs" / f"{name}.toml", ["wide=[]"])
        found = count(build(experiment)[0].model)
        assert found["recurrent"] == size
        assert size / sizes["rnn"] == pytest.approx(said[name], abs=0.005)
