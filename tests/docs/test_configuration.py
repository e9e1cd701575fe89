import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main
from kerasseq.config.read import read_text
from kerasseq.errors import ConfigError

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_first_config_of_the_page_is_a_whole_experiment(monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    first = next(text for kind, text in BLOCKS if kind == "toml")
    assert read_text(first, "page").components["encoder"].name == "lstm"


@pytest.mark.parametrize("line", sorted(set(re.findall(r"^\$ (kerasseq (?!run).*)$", PAGE, flags=re.MULTILINE))))
def test_every_command_of_the_page_works(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("kerasseq.console.show_log", lambda: None)
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    kinds = ["dull", "bright"]
    rows = [f"a {kinds[i % 2]} day number {i},{i / 7:.2f}" for i in range(60)]
    (tmp_path / "my.csv").write_text("\n".join(["text,score", *rows]) + "\n", encoding="utf-8")
    runner = CliRunner()
    if " new " not in line:
        assert runner.invoke(main, ["config", "new", "--data", "my.csv", "--target", "score"]).exit_code == 0
    result = runner.invoke(main, line.split()[1:])
    assert result.exit_code == 0, result.output


def test_every_override_of_the_page_is_accepted(monkeypatch, tmp_path):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    overrides = re.findall(r"--set (\S+=\S+)", PAGE)
    assert len(overrides) == 4
    for override in overrides:
        read_text('[dataset]\nname = "bundled"\n[task]\nname = "regression"\n', "page", tmp_path, [override])


def test_the_errors_of_the_page_are_what_is_printed(monkeypatch, tmp_path):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    text = '[dataset]\nname = "bundled"\n[task]\nname = "regression"\n\n\n[encoder]\nname = "lstm"\nunits = 0\n'
    text += '\n[pooler]\nname = "atention"\n'
    with pytest.raises(ConfigError) as caught:
        read_text(text, "my.toml", tmp_path, ["split.method=group"])
    shown = PAGE.split("$ kerasseq config check my.toml\n")[1].split("```")[0]
    printed = f"{caught.value}\nmy.toml: 3 problems\n"
    assert printed == shown
