import json
import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from kerasseq_bench.memory import memory
from kerasseq_bench.memory_picture import drawn
from kerasseq_bench.peaks import watched
from kerasseq_bench.short_texts import write_table

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says what a process holds")

MIB = 2**20
HOLDS = "held = bytearray({0}); held[::4096] = b'x' * len(held[::4096])"


def test_memory_of_a_child_counts_while_both_live(tmp_path: Path) -> None:
    child = HOLDS.format(40 * MIB) + "; import time; time.sleep(0.3)"
    parent = HOLDS.format(60 * MIB) + f"; import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with (tmp_path / "log").open("w") as log:
        alone = watched([sys.executable, "-c", "import time; time.sleep(0.1)"], log)[1]
        code, both = watched([sys.executable, "-c", parent], log)
    assert code == 0
    assert 100 * MIB <= both.anonymous <= 100 * MIB + 3 * alone.anonymous
    assert both.resident > both.anonymous


def test_a_mapped_file_is_resident_and_not_anonymous(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 64 * MIB)
    maps = f"import mmap, time; f = open({str(tmp_path / 'file')!r}, 'rb')\n"
    maps += "m = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ); sum(m[::4096]); time.sleep(0.2)"
    with (tmp_path / "log").open("w") as log:
        peaks = watched([sys.executable, "-c", maps], log)[1]
    assert peaks.resident > 64 * MIB > 2 * peaks.anonymous


def test_the_exit_code_is_told_and_nothing_lives_on(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log:
        assert watched([sys.executable, "-c", "raise SystemExit(3)"], log)[0] == 3


def test_a_table_has_its_rows_and_is_the_same_again(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        write_table(tmp_path / name, 300)
    lines = (tmp_path / "a.csv").read_text("utf-8").splitlines()
    assert (tmp_path / "b.csv").read_text("utf-8").splitlines() == lines
    assert lines[0] == "text,target"
    assert len(set(lines)) == 301
    assert {line.rpartition(",")[2] for line in lines[1:]} == {"good", "bad"}
    assert all(6 <= len(line.split()) <= 12 for line in lines[1:])


def test_the_verbs_that_are_asked_for_are_measured_once_and_drawn(tmp_path: Path) -> None:
    asked = ["--rows", "1000", "--folder", str(tmp_path / "m"), "--json", str(tmp_path / "m.json")]
    asked += ["--work", "check", "--work", "onnx"]
    asked += ["--picture", str(tmp_path / "m.svg")]
    first = CliRunner().invoke(memory, asked, catch_exceptions=False)
    assert first.exit_code == 0, first.output
    found = json.loads((tmp_path / "m.json").read_text("utf-8"))
    assert [each["work"] for each in found] == ["check", "onnx"]
    assert all(20 * MIB < each["anonymous"] < each["resident"] for each in found)
    assert f"| 1,000 | {found[0]['anonymous'] / 1e6:,.0f} |" in first.output
    os.rename(tmp_path / "m", tmp_path / "gone")  # what stands in the file is not measured again
    assert CliRunner().invoke(memory, asked, catch_exceptions=False).output == first.output
    assert not [*(tmp_path / "m").iterdir()]
    assert (tmp_path / "m.svg").read_text("utf-8").startswith("<?xml")


def test_the_picture_of_the_same_numbers_is_the_same() -> None:
    found = [{"work": "run", "rows": rows, "anonymous": rows * 90, "resident": rows * 99} for rows in (1000, 100_000)]
    picture = drawn(found, {"check": "check", "run": "run"})
    assert picture == drawn(found[::-1], {"check": "check", "run": "run"})
    assert picture.count("#d2691e") and not picture.count("#1f6fb4")
