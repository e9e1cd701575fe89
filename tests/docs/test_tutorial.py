"""Every command of the tutorial works in its order, and what it shows is what is printed; models are small here."""

import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import urllib.request
from importlib.metadata import entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCKS = [block.splitlines() for block in re.findall(r"^```console\n(.*?)^```", TEXT, re.M | re.S)]
SMALL = [
    "--set", "training.epochs=1", "--set", "training.batch_size=256", "--set", "encoder.units=2", "--set",
    "embedding.dimension=2", "--set", "tokenizer.max_length=8", "--set", "evaluation.resamples=100", "--set",
    "wide.words=1", "--set", "wide.characters=0",
]  # fmt: skip
ALONE = ["--seeds", "1", "--set", "wide=[]", "--set", "exporter=[]", "--set", "evaluation.baselines=false"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where a newcomer stands: a folder with the bundled table at its place."""
    folder = tmp_path_factory.mktemp("tutorial")
    shutil.copytree(ROOT / "kerasseq" / "datasets" / "data", folder / "kerasseq" / "datasets" / "data")
    return folder


@pytest.fixture(scope="module")
def printed(folder, work_here):
    """What each command of the page printed, in their order; the one that serves is left out."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        work_here(patch)
        patch.chdir(folder)
        for command, *_ in BLOCKS:
            words = shlex.split(command.removeprefix("$ kerasseq "))
            if words[0] == "serve":
                continue
            words += SMALL if words[0] in ("run", "compare") else []
            words += ALONE if words[0] == "compare" else []
            result = CliRunner().invoke(main, words)
            assert result.exit_code == 0, f"{command}: {result.output}"
            found[command] = result.output
    return found


def test_every_command_of_the_page_works_in_its_order(printed, folder):
    assert [command.split()[2] for command in printed] == [
        "config", "dataset", "run", "compare", "predict", "predict", "export", "predict",
    ]  # fmt: skip
    assert (folder / "comparisons" / "0001" / "comparison.html").is_file()


def test_what_the_page_shows_of_config_check_and_export_is_printed(printed):
    shown = {command: lines for command, *lines in BLOCKS if lines and command.split()[2] in ("config", "dataset")}
    assert len(shown) == 2
    for command, lines in shown.items():
        for line in lines:
            assert line == "..." or line in printed[command].splitlines(), line
    wrote = next(lines for command, *lines in BLOCKS if " export " in command)
    assert wrote[0] in next(text for command, text in printed.items() if " export " in command)


def test_the_config_shown_is_what_config_new_writes(printed, folder):
    [shown] = re.findall(r"^```toml\n(.*?)^```", TEXT, re.M | re.S)
    written = (folder / "technology.toml").read_text(encoding="utf-8")
    for part in shown.split("\n\n"):
        assert part.strip() in written
    assert "# range = [0, 10]    # 0 to 10 was seen" in written


def test_the_pictures_of_the_page_are_in_the_report(printed, folder):
    spec = spec_from_file_location("pictures", ROOT / "docs" / "site" / "pictures.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    report = (folder / "runs" / "technology_ar" / "0001" / "report.html").read_text(encoding="utf-8")
    shown = re.findall(r"!\[.*?\]\(tutorial/(\w+)\.svg\)", TEXT)
    assert sorted(module.pictures(report)) == sorted(shown)
    assert sorted(path.stem for path in (ROOT / "docs" / "tutorial").iterdir()) == sorted(shown)
    assert all("var(--" not in drawing or "--ink:" in drawing for drawing in module.pictures(report).values())
    with pytest.raises(ValueError, match="must have the pictures scores, loss, scatter, got none of scores"):
        module.pictures("<svg><title>else</title></svg>")


def test_the_service_answers_as_the_page_asks(printed, folder):
    if "serve" not in entry_points(group="kerasseq.commands").names:
        pytest.skip("kerasseq-serve is not installed")
    [command] = [command for command, *_ in BLOCKS if " serve " in command]
    body, address = re.search(r"^curl -d '(.*)' http://127.0.0.1:8000(/\w+)$", TEXT, re.M).groups()
    words = shlex.split(command.removeprefix("$ kerasseq "))
    words[words.index("--port") + 1] = "0"
    with subprocess.Popen(
        [sys.executable, "-m", "kerasseq", *words], cwd=folder, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            port = re.search(r":(\d+)\b", process.stderr.readline().partition("//")[2])[1]
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{address}", body.encode(), timeout=60) as answer:
                assert 0 <= json.load(answer)["prediction"] <= 10
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
        finally:
            process.kill()
