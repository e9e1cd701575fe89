"""What a foreign run, file or row says is shown and never obeyed: on a terminal, in a log, on a page, in advice."""

import io
import json
import logging
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from kerasseq.commands import answers
from kerasseq.commands.main import main
from kerasseq.console import LogFile, for_stdout, shown_safely, tell

GOLDEN = Path(__file__).parent / "golden" / "0.1.0" / "classification"
EVIL = "\x1b[2J\x1b]0;owned\x07\x9b31m\r<script>alert(1)</script>\"'`$(touch harm);=1+1"


class Terminal(io.TextIOWrapper):
    def isatty(self):
        return True


def terminal(monkeypatch):
    """Standard output as a terminal; within the test, for pytest puts its own there before."""
    stream = Terminal(io.BytesIO(), encoding="utf-8", newline="")
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.setattr("click.utils._default_text_stdout", lambda: stream)
    return stream


def shown(stream):
    stream.flush()
    return stream.buffer.getvalue().decode()


def harmless(text):
    return not {c for c in text if ord(c) < 32 or 127 <= ord(c) < 160} - {"\n", "\t"}


def test_a_result_commands_no_terminal(monkeypatch):
    stream = terminal(monkeypatch)
    tell(f"class {EVIL}")
    answers.printed("csv")({"text": [EVIL], "prediction": [EVIL]})
    answers.printed("jsonl")({"text": [EVIL], "prediction": [EVIL]})
    said = shown(stream)
    assert harmless(said)
    assert "\\x1b[2J" in said


def test_a_pipe_gets_the_row_as_it_is(monkeypatch):
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO()))
    assert for_stdout(EVIL) == EVIL
    assert harmless(shown_safely(EVIL))


@pytest.mark.parametrize("name", ["a.log", "a.jsonl"])
def test_a_log_file_commands_no_terminal_and_no_line_of_it_is_forged(tmp_path, name):
    handler = LogFile(tmp_path / name)
    message = f"run {EVIL}\n2026-01-01T00:00:00 error   forged"
    handler.emit(logging.LogRecord("kerasseq", logging.INFO, "", 0, "%s", (message,), None))
    handler.close()
    lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
    assert all(map(harmless, lines))
    if name == "a.jsonl":
        assert "\n2026-01-01" in json.loads(lines[0])["message"]
    else:
        assert not lines[1].startswith("2026-01-01")


@pytest.fixture
def run(tmp_path):
    return Path(shutil.copytree(GOLDEN, tmp_path / "run"))


def said_of(*arguments):
    result = CliRunner().invoke(main, list(map(str, arguments)))
    assert result.exit_code in (0, 1, 2)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.stderr


def test_a_run_advises_no_package_of_its_own_choice(run):
    path = run / "environment.json"
    value = json.loads(path.read_text(encoding="utf-8"))
    value["components"]["pooler"] = {"name": f"evil{EVIL}/pool", "version": f"9{EVIL}"}
    value["components"]["encoder"] = {"name": "kerasseq-owned/x", "version": "1; pip install evil"}
    path.write_text(json.dumps(value), encoding="utf-8")
    said = said_of("predict", run, "text", "--backend", "torch")
    assert harmless(said)
    assert "pip install kerasseq-owned" not in said
    assert "install it from where it came" in said


@pytest.mark.parametrize("key", ["name", "encoder", "tokenizer"])
def test_names_of_a_foreign_experiment_are_shown(run, key):
    path = run / "experiment.toml"
    text = path.read_text(encoding="utf-8")
    evil = json.dumps(EVIL)
    changed = text.replace('name = "classification"', f"name = {evil}", 1) if key == "name" else text
    changed = changed.replace(f"[{key}]\nname = ", f"[{key}]\nname = {evil} #")
    path.write_text(changed, encoding="utf-8")
    assert harmless(said_of("predict", run, "text", "--backend", "torch"))


def test_a_damaged_file_is_named_without_its_control_characters(run):
    (run / "tokenizer.json").write_text(json.dumps({"kind": EVIL}), encoding="utf-8")
    assert harmless(said_of("predict", run, "text", "--backend", "torch"))


def test_a_page_and_a_card_show_what_a_row_says():
    from kerasseq.report.markdown import plain
    from kerasseq.report.markup import Html, html

    page = str(html(EVIL))
    assert "<script" not in page and '"' not in page
    assert isinstance(html(EVIL), Html)
    unescaped = plain(EVIL).replace("\\<", "").replace("\\`", "")  # what Markdown takes for itself
    assert "<script" not in unescaped and "`" not in unescaped
    assert harmless(plain(EVIL))
