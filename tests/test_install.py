"""A distribution of a third party, really installed into an environment of its own, and named in a TOML."""

import json
import os
import re
import shlex
import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from kerasseq.commands.plugin_new import write

TOML = """
name = "tiny"
exporter = []
[dataset]
name = "table"
train = "rows.tsv"
[encoder]
name = "gru"
units = 4
layers = 1
[pooler]
name = "top_k"
[task]
name = "classification"
[training]
epochs = 1
[evaluation]
resamples = 100
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a new distribution, installed into an environment that sees the kerasseq that runs here."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "environment", with_pip=True)
    call = caller(folder)
    [packages] = json.loads(call("-c", "import site, json; print(json.dumps(site.getsitepackages()[:1]))").stdout)
    with open(os.path.join(packages, "beside.pth"), "w", encoding="utf-8") as beside:
        beside.write(f"import site; site.addsitedir({site.getsitepackages()[0]!r})\n")
    distribution = write("kerasseq-top-k", "pooler", folder)
    done = call("-m", "pip", "install", "--no-deps", "--disable-pip-version-check", str(distribution))
    if done.returncode and "hatchling" in done.stderr:
        pytest.skip("hatchling, which builds the distribution, cannot be had here")
    assert done.returncode == 0, done.stderr
    return folder


def caller(folder):
    """Run the Python of the environment, in an empty folder."""
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    python = folder / "environment" / ("Scripts" if os.name == "nt" else "bin") / "python"
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "KERASSEQ_PLUGINS")}

    def call(*arguments, cwd=elsewhere):
        command = [str(python), *arguments]
        return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)

    return call


def verb(folder, *arguments):
    return caller(folder)("-c", "from kerasseq.commands.main import main; main()", *map(str, arguments))


@pytest.mark.slow
def test_an_installed_plugin_is_listed_and_shown(place):
    assert "top_k" not in subprocess.run(
        [sys.executable, "-c", "from kerasseq.commands.main import main; main(['plugins'])"],
        cwd=place / "elsewhere",
        capture_output=True,
        text=True,
    ).stdout.replace("top_k_mean", "")
    rows = json.loads(verb(place, "plugins", "--kind", "pooler", "--json").stdout)
    [row] = [row for row in rows if row["name"] == "top_k"]
    assert (row["distribution"], row["version"], row["state"]) == ("kerasseq-top-k", "0.1.0", "ok")
    assert 'name = "top_k"' in verb(place, "plugins", "show", "pooler", "top_k").stdout


@pytest.mark.slow
def test_a_toml_that_names_an_installed_plugin_runs(place):
    rows = [f"{'good' if i % 2 else 'bad'} text number {i}\t{'yes' if i % 2 else 'no'}" for i in range(60)]
    (place / "rows.tsv").write_text("\n".join(["text\ttarget", *rows]) + "\n", encoding="utf-8")
    (place / "tiny.toml").write_text(TOML, encoding="utf-8")
    done = verb(place, "run", place / "tiny.toml", "--out", place / "runs")
    assert done.returncode == 0, done.stderr
    run = place / "runs" / "tiny" / "0001"
    made = json.loads((run / "environment.json").read_text(encoding="utf-8"))["components"]["pooler"]
    assert made == {"name": "kerasseq-top-k/top_k", "version": "0.1.0"}
    done = verb(place, "predict", run, "good text")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("text,prediction,score")


@pytest.mark.slow
def test_its_own_tests_pass_where_it_is_installed(place):
    done = caller(place)("-m", "pytest", "-q", "-p", "no:cacheprovider", ".", cwd=place / "kerasseq-top-k" / "tests")
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


@pytest.mark.slow
def test_kerasseq_in_a_folder_of_source_is_found_as_the_page_says(place):
    root = Path(__file__).parents[1]
    page = (root / "docs" / "plugins.md").read_text(encoding="utf-8")
    readme = (place / "kerasseq-top-k" / "README.md").read_text(encoding="utf-8")
    build, use = re.search(r"^pip (wheel .*)\nPIP_FIND_LINKS=[$]PWD/(\S+) tox ", page, re.MULTILINE).groups()
    assert f"pip {build.replace(use, f'../{use}')}\nPIP_FIND_LINKS=../{use} tox " in readme
    words = [str(root) if word == "PATH-TO-KERASSEQ" else word for word in shlex.split(build)]
    done = caller(place)("-m", "pip", *words, cwd=place)
    assert done.returncode == 0, done.stderr
    asked = ["install", "--dry-run", "--ignore-installed", "--no-deps", "--no-index", "kerasseq>=0.1"]
    done = caller(place)("-m", "pip", *asked, "--find-links", use, cwd=place)
    assert "Would install kerasseq-" in done.stdout, done.stderr
