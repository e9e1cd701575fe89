"""A folder of parquet in, a folder of parquet out, on two machines, whatever is killed meanwhile."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main


def predict(*words):
    """Run the verb."""
    return CliRunner().invoke(main, ["predict", *map(str, words)], catch_exceptions=False)


def lines(result) -> str:
    assert result.exit_code == 0, result.output
    return result.stderr


@pytest.fixture
def asked(machines, model, texts, tmp_path):
    """The command line, and its folders."""
    out = tmp_path / "answers"
    words = [model, "--engine", "ray", "--input", texts, "--output", out, "--rows", 40]
    return [*words, "--address", machines.address], out


def test_a_folder_is_answered_row_by_row_and_again_nothing_is_left_to_do(asked, texts, made):
    words, out = asked
    said = lines(predict(*words))
    assert "1,200 rows in 31 parts" in said
    memory = int(said.split("at most ")[1].split(" MB")[0])
    print(f"memory of a worker: {memory} MB")
    assert memory < 1000
    made.check(texts, out)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*-*.parquet")}
    assert "goes on, 31 of 31 parts are there" in lines(predict(*words))
    assert before == {path: path.stat().st_mtime_ns for path in out.rglob("*-*.parquet")}


def test_what_is_missing_of_a_folder_is_answered_and_nothing_else(asked, texts, made):
    words, out = asked
    assert predict(*words).exit_code == 0
    parts = sorted(out.rglob("*-*.parquet"))
    parts[0].unlink()
    pq.write_table(pq.read_table(parts[1]).slice(1), parts[1])
    (out / ".left-0a1b2c3d.parquet").write_bytes(b"half")
    told = json.loads(predict(*words, "--json").stdout)
    assert told["answered"]["parts"] == 2
    made.check(texts, out)


def test_another_model_or_other_rows_do_not_go_on(asked, texts, made, tmp_path):
    words, out = asked
    assert predict(*words).exit_code == 0
    pq.write_table(made.table(0, 3), texts / "new.parquet")
    result = predict(*words)
    assert result.exit_code == 2
    assert "must hold answers to the same, got other files of --input; name another folder" in result.stderr
    assert "got other --rows, files of --input" in predict(*words, "--rows", 80).stderr


def workers() -> list[int]:
    """Processes that answer parts now."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            title = (folder / "cmdline").read_bytes().split(b"\0")[0]
        except OSError:
            continue
        if title.startswith(b"ray::answer_part"):
            found.append(int(folder.name))
    return found


def killer(out: Path, kill, after: int) -> threading.Thread:
    """Calls `kill` once so many parts are there."""

    def wait():
        while len(list(out.rglob("*-*.parquet"))) < after:
            time.sleep(0.01)
        kill()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


def test_every_row_is_answered_once_where_workers_and_a_machine_are_killed(machines, model, tmp_path, made):
    texts, out, killed = made.fill(tmp_path / "many", rows=60_000, group=1000), tmp_path / "answers", []

    def kill():
        for pid in workers():
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)
        time.sleep(1)
        machines.kill()

    words = [model, "--engine", "ray", "--input", texts, "--output", out, "--rows", 1000]
    thread = killer(out, kill, 5)
    result = predict(*words, "--address", machines.address, "--json")
    assert result.exit_code == 0, result.output
    thread.join(timeout=60)
    assert killed
    made.check(texts, out)
