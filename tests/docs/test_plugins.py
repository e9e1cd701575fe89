"""The page makes a plugin from nothing: every block of it is written, installed, tested and used."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main
from kerasseq.config.read import read_text
from kerasseq.registry.components import KINDS
from kerasseq.testing.suite import EVERY
from kerasseq.testing.suite import KINDS as CHECKS

PAGE = (Path(__file__).parents[2] / "docs" / "plugins.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.M | re.S)
COMMANDS = [line[2:] for kind, text in BLOCKS if kind == "console" for line in text.splitlines()]
FILES = {re.match(r"# (\S+)\n", text)[1]: text.partition("\n")[2] for kind, text in BLOCKS if kind == "python"}
TOML, WIDE = (text for kind, text in BLOCKS if kind == "toml")


def call(line):
    """A command of the page, as a shell would call it."""
    words = shlex.split(line)
    environment = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
    words = words[len(environment) :]
    assert words[0] == "kerasseq"
    return CliRunner(env=environment).invoke(main, words[1:])


@pytest.fixture
def plugin(tmp_path, monkeypatch, install):
    """The folder of the page's plugin as the page leaves it, installed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KERASSEQ_PLUGINS", raising=False)
    assert call(COMMANDS[0]).exit_code == 0
    folder = tmp_path / "kerasseq-statistics"
    for file, text in FILES.items():
        assert (folder / file).exists(), file
        (folder / file).write_text(text, encoding="utf-8")
    return installed(folder, monkeypatch, install)


def installed(folder, monkeypatch, install):
    """The folder, whose distribution is found as an installed one."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    entries = {
        group.removeprefix("kerasseq.")[:-1]: [f"{name} = {target}" for name, target in table.items()]
        for group, table in project["entry-points"].items()
    }
    info = install(project["name"], entries, requires=project["dependencies"], version=project["version"])
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", f"{folder}{os.pathsep}{info.parent}")
    return folder


def test_the_folder_is_what_the_page_shows(plugin):
    shown = next(text for kind, text in BLOCKS if kind == "text")
    for line in shown.splitlines()[1:]:
        for file in re.findall(r"\S+/\S+\.py|\S+\.(?:toml|ini|md|txt)", line.split("  the ")[0]):
            assert (plugin / file).exists(), file


def test_the_tests_of_the_page_pass(plugin):
    assert "pytest kerasseq-statistics" in COMMANDS
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
    done = subprocess.run(command, cwd=plugin, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert re.search(r"^\d\d passed", done.stdout, re.M), done.stdout  # no skip: it exports, and both backends agree


def test_the_config_of_the_page_is_valid_and_the_commands_work(plugin, monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    experiment = read_text(TOML, "page.toml", plugin)
    assert experiment.components["pooler"].qualified == "kerasseq-statistics/statistics"
    assert experiment.pooler.smallest == 0.01
    for line in COMMANDS[1:]:
        if line.startswith(("pip ", "pytest ")):
            continue
        result = call(line)
        assert result.exit_code == 0, (line, result.output)
        if "show" in line:
            assert "smallest: number, above 0, at most 1; default 0.001" in result.stdout
        if "check " in line:
            assert "1 component, none failed" in result.stdout
        if "PLUGINS" in line:
            assert re.search(r"statistics .* disabled", result.stdout)


def test_the_linear_model_of_the_page_is_fitted_and_stands_beside_the_network(tmp_path, monkeypatch, install):
    from kerasseq.experiment import build

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    [command] = [line for line in COMMANDS if line.endswith("--kind wide")]
    assert call(command).exit_code == 0
    installed(tmp_path / "kerasseq-shares", monkeypatch, install)
    rows = [f"{word} {thing},{word}" for word in ("good", "bad") for thing in ("food", "tea", "film", "day")] * 4
    (tmp_path / "rows.csv").write_text("\n".join(["text,target", *rows]), encoding="utf-8")
    config = '[dataset]\nname = "table"\ntrain = "rows.csv"\n[task]\nname = "classification"\n'
    config += '[encoder]\nname = "none"\n[embedding]\nname = "learned"\ndimension = 3\n'
    experiment = read_text(config + WIDE, "page.toml", tmp_path)
    assert experiment.components["wide"].qualified == "kerasseq-shares/shares"
    trained, prepared = build(experiment)
    branch = trained.task.pipeline.wide
    assert (branch.width, branch.words) == (2, 200)
    assert [tensor.name for tensor in trained.model.inputs] == ["tokens", "wide"]
    wide = prepared.examples["test"].inputs["wide"]
    assert (wide.argmax(axis=1) == prepared.examples["test"].targets).all()


def test_every_kind_and_every_check_is_on_the_page():
    for kind in KINDS:
        assert f"| {kind} |" in PAGE or kind in ("embedding", "encoder", "pooler")
    names = {check.__name__ for group in (EVERY, *CHECKS.values()) for check in group}
    names |= {"check_idempotent", "check_composition"}
    assert names == set(re.findall(r"`(check_\w+)`", PAGE))


EVERY_KIND = {kind for kind in KINDS if kind != "command"}
IMPORTS = {
    "kerasseq --help": {"command"},
    "kerasseq plugins": set(),
    "kerasseq config check page.toml": set(),
    "kerasseq dataset list": {"dataset"},
    "kerasseq config schema": EVERY_KIND,
    "kerasseq config reference": EVERY_KIND,
    "kerasseq config reference --built-in": set(),
    "kerasseq plugins show pooler its_pooler": {"pooler"},
}


@pytest.mark.parametrize(("line", "kinds"), IMPORTS.items())
def test_each_verb_imports_what_the_page_says_and_nothing_else(line, kinds, install, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("kerasseq.console.show_log", lambda: None)
    for name in ("KERAS_BACKEND", "KERASSEQ_PLUGINS"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "page.toml").write_text('[dataset]\nname = "bundled"\n[task]\nname = "regression"\n', encoding="utf-8")
    modules = {f"its_{kind}.py": "import click\n\nIt = click.Command('it')\n" for kind in KINDS}
    install("its-pack", {kind: [f"its_{kind} = its_{kind}:It"] for kind in KINDS}, modules)
    call(line)
    assert {kind for kind in KINDS if f"its_{kind}" in sys.modules} == kinds


# === What is public ===

ROOT = Path(__file__).parents[2]
FOR_AUTHORS = ("kerasseq.plugin", "kerasseq.testing")
OPEN = {"kerasseq", *FOR_AUTHORS, "kerasseq.layers", "kerasseq.runtime", "kerasseq.sklearn"}
PAGES = [*sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "plugins").glob("*/README.md")), ROOT / "README.md"]
TEMPLATES = sorted((ROOT / "kerasseq" / "commands" / "templates").rglob("*.txt"))


def imported(text):
    """Every name that code imports of kerasseq, with its module."""
    for module, several, line in re.findall(r"^ *from (kerasseq(?:\.\w+)*) import (?:\(([^)]*)\)|(.+))$", text, re.M):
        yield from ((module, name) for name in re.findall(r"\w+", several or line))
    yield from ((module, "") for module in re.findall(r"^ *import (kerasseq(?:\.\w+)*)$", text, re.M))


@pytest.mark.parametrize("page", [*PAGES, *TEMPLATES], ids=lambda page: page.relative_to(ROOT).as_posix())
def test_code_of_docs_and_templates_imports_public_modules_alone(page):
    from importlib import import_module

    text = page.read_text(encoding="utf-8")
    code = text if page.suffix == ".txt" else "\n".join(re.findall(r"^```py\w*\n(.*?)^```", text, re.M | re.S))
    for module, name in imported(code):
        assert module in OPEN, (page.name, module)
        assert not name or hasattr(import_module(module), name), (page.name, name)


def test_the_page_on_python_names_the_public_modules():
    said = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    [paragraph] = [text for text in said.split("\n\n") if "Other modules may change" in text]
    assert {"kerasseq", *re.findall(r"`(kerasseq\.\w+)`", paragraph)} == OPEN


def test_authors_are_sent_to_public_modules_alone():
    texts = [PAGE, (ROOT / "docs" / "text.md").read_text(encoding="utf-8")]
    texts += [path.read_text(encoding="utf-8") for path in TEMPLATES]
    named = {name for text in texts for name in re.findall(r"`(kerasseq\.[a-z_.]+)", text)}
    assert "kerasseq.plugin" in named
    assert [name for name in named if not any(f"{name}.".startswith(f"{module}.") for module in FOR_AUTHORS)] == []


def test_every_name_that_authors_are_offered_is_in_the_module_for_them():
    import kerasseq.plugin

    table = PAGE.split("## Every kind")[1].split("\n## ")[0]
    offered = set(re.findall(r"`([A-Z][a-z]\w+)`", table))
    for code in (text for kind, text in BLOCKS if kind == "py"):
        offered |= set(re.findall(r"(?<!class )\b([A-Z]\w+)\(", code)) | set(re.findall(r"class \w+\((\w+)\)", code))
    written = (ROOT / "docs" / "text.md").read_text(encoding="utf-8").split("## Write your own")[1].split("\n## ")[0]
    offered |= set(re.findall(r"`(\w+)\((?:\w|, )+\)`", written)) | set(re.findall(r"`([A-Z][a-z]\w+)`", written))
    assert {"SequenceTaskSpec", "LookupSettings", "GRU", "RulesAfter", "spellings", "EachWord"} <= offered
    assert [name for name in sorted(offered) if name not in kerasseq.plugin.__all__] == []
