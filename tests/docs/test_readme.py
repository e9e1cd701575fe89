import csv
import re
import shlex
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main
from kerasseq.config.read import read_text

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = re.findall(r"^```sh\n(.*?)^```", TEXT, re.M | re.S)
SMALL = [
    "--set", "training.epochs=1", "--set", "encoder.units=2", "--set", "embedding.dimension=2", "--set",
    "encoder.layers=1", "--set", "tokenizer.max_length=8", "--set", "evaluation.resamples=100",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with `my.csv`, 300 rows of the bundled set."""
    lines = resources.files("kerasseq.datasets").joinpath("data", "technology_ar.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t")[:2] for line in lines.splitlines()[1:301]]
    with (tmp_path / "my.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["text", "score"], *rows])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_two_commands_name_what_is_there():
    first, second = SHELL[0].split(" && "), SHELL[1].split(" && ")
    assert first[0] == second[0].replace("tox", ".") == "pip install ."
    assert (ROOT / first[1].split()[-1]).is_file()
    assert second[1].strip() == "tox"
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith('/tox"')


def test_the_commands_for_ones_own_data_work_in_their_order(folder, same_process):
    for line in SHELL[2].splitlines():
        words = shlex.split(line, comments=True)
        assert words[0] == "kerasseq"
        result = CliRunner().invoke(main, words[1:] + (SMALL if words[1] == "run" else []))
        assert result.exit_code == 0, f"{line}: {result.output}"
    assert (folder / "runs" / "my" / "0001" / "report.html").exists()


def test_the_config_is_valid(folder):
    block = re.findall(r"^```toml\n(.*?)^```", TEXT, re.M | re.S)[0]
    (folder / "my.csv").write_text("text,score\nنص,3\n", encoding="utf-8")
    assert read_text(block, "README.md", folder).to_dict()["task"]["range"] == tomllib.loads(block)["task"]["range"]


def test_every_link_leads_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert target.startswith("http") or (ROOT / target).exists(), target
