"""The guide to choosing says no number that was not measured, and no command that does not work."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main
from kerasseq.config.read import read_experiment

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "choose.md").read_text(encoding="utf-8")
MEASURED = "\n".join(
    DOCS.joinpath(f"{page}.md").read_text(encoding="utf-8")
    for page in "results benchmarks speed sequences compare pairs".split()
)
NUMBER = r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w.]*\d)"


@pytest.mark.parametrize("number", sorted(set(re.findall(NUMBER, TEXT))))
def test_every_number_was_measured_elsewhere(number):
    small = {"0", "64", "1,440"}  # a share, the size that config new writes, the training rows of AJGT
    bundled = "1,743"  # rows of the bundled table
    assert number in small | {bundled} or re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d]|[.,]\d)", MEASURED)


def test_the_table_of_encoders_is_that_of_the_results():
    rows = re.findall(r"^\| (`\w+`.*?) \| ([\d.]+) \| ([\d,]+) \| ([\d.]+) \|$", TEXT, re.M)
    assert len(rows) == 7
    for _, *numbers in rows:
        error, parameters, epochs = numbers
        pattern = rf"^\| `\w+` \| \**{error}\** ± .*\| {parameters} \| {epochs} \|$"
        assert re.search(pattern, MEASURED, re.M), numbers


def test_the_command_of_the_page_is_read(tmp_path, monkeypatch, same_process):
    command = re.search(r"`kerasseq (compare .*?)`", TEXT)[1]
    words = shlex.split(command)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.csv").write_text("text,score\n" + "some text,1\nother text,2.5\n" * 20, encoding="utf-8")
    assert CliRunner().invoke(main, ["config", "new", "my.csv", "--target", "score"]).exit_code == 0
    settings = [word for i, word in enumerate(words) if words[i - 1] == "--set"]
    [(key, values)] = [word.split("=") for i, word in enumerate(words) if words[i - 1] == "--over"]
    for value in values.split(","):
        read_experiment(tmp_path / words[1], [*settings, f"{key}={value}"])


def test_the_components_of_the_page_are_there():
    from kerasseq.registry.components import find

    encoders = {component.name for component in find("encoder")}
    assert set(re.findall(r"^\| `(\w+)` \| [a-z]", TEXT.split("## `none`")[1], re.M)) == encoders
