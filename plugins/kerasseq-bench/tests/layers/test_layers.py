import json
from dataclasses import asdict

import pytest
from click.testing import CliRunner
from kerasseq_bench.layers import floor
from kerasseq_bench.layers.cells import Cell, defaults
from kerasseq_bench.layers.workers import start

from kerasseq.commands.main import main
from kerasseq.plugin import RunError

TORCH = ["keras-torch", "torch-padded", "torch-packed"]
TINY = ["--layer", "simple_rnn", "--directions", "uni", "--units", "64", "--lengths", "tweets", "--mode", "predict"]


def bench(*arguments):
    return CliRunner().invoke(main, ["bench", "layers", *arguments])


def test_one_cell_runs_through_real_processes_and_is_not_measured_twice(tmp_path):
    rivals = [argument for name in TORCH for argument in ("--rival", name)]
    arguments = [*TINY, *rivals, "--rounds", "2", "--seconds", "0.01", "--threads", "1", "--out", str(tmp_path / "out")]
    done = bench(*arguments)
    assert done.exit_code == 0, done.output
    assert "1/1 simple_rnn uni 64 tweets predict: kerasseq " in done.stderr
    kept = json.loads((tmp_path / "out" / "bench.json").read_text(encoding="utf-8"))
    (row,) = kept["rows"]
    assert list(row["speeds"]) == ["kerasseq", *TORCH]
    assert row["failed"] == {}
    assert row["speeds"]["kerasseq"]["note"].partition(":")[0] in ("fused", "compiled")
    assert row["best"] in TORCH
    assert row["ratio"] == pytest.approx(row["speeds"]["kerasseq"]["median"] / row["speeds"][row["best"]]["median"])
    assert 0.8 < row["useful"] < 0.95
    assert row["share"] > 0
    assert kept["machine"]["threads"] == 1
    assert "simple_rnn uni 64" in (tmp_path / "out" / "bench.md").read_text(encoding="utf-8")
    assert (tmp_path / "out" / "bench.png").stat().st_size > 5000
    lines = (tmp_path / "out" / "rows.jsonl").read_text(encoding="utf-8")
    assert len(lines.splitlines()) == 1
    assert len(json.loads(lines)["systems"]["kerasseq"]["seconds"]) == 2

    assert bench(*arguments).exit_code == 0
    assert (tmp_path / "out" / "rows.jsonl").read_text(encoding="utf-8") == lines


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--layer", "transformer"], "simple_rnn"),
        (["--units", "100"], "'64', '128', '256'"),
        (["--rival", "torch"], "keras-torch"),
        (["--rounds", "0"], "--rounds"),
        (["--threads", "100000"], "--threads: must be at most"),
    ],
)
def test_an_unknown_choice_is_an_error_of_the_command_line(tmp_path, arguments, said):
    done = bench(*arguments, "--out", str(tmp_path / "out"))
    assert done.exit_code == 2
    assert said in done.output
    assert not (tmp_path / "out").exists()


def test_a_system_that_fails_leaves_the_others_and_a_dead_process_is_named(tmp_path):
    with start(["torch"], 1, tmp_path) as workers:
        cell = {"layer": "lstm", "directions": "uni", "units": 64, "lengths": "tweets", "mode": "predict"}
        built = workers["torch"].ask("build", cell=cell | {"layer": "none"}, systems=["torch-padded"])
        assert list(built["failed"]) == ["torch-padded"]
        assert built["failed"]["torch-padded"].startswith("KeyError")
        assert workers["torch"].ask("time", system="torch-padded")["error"].startswith("KeyError")
        workers["torch"].process.kill()
        with pytest.raises(RunError, match=r"the process of torch must answer, got its end with code -9"):
            workers["torch"].ask("time", system="torch-padded")


def test_the_floor_is_the_time_of_the_products_and_nothing_else(monkeypatch):
    assert 0 < floor.floor(Cell("lstm", "uni", 64, "equal", "predict"), 16) < 10
    two = Cell("lstm", "bi", 64, "equal", "predict", batch=8, stack=2, dimension=32)
    monkeypatch.setattr(floor, "_seconds", lambda rows, inner, columns: rows * inner * columns * 1e-9)
    deep = 16 * 8 * (32 + 2 * 64 + 64 + 64) * 256 * 2 * 1e-9
    assert floor.floor(two, 16) == pytest.approx(deep)
    once = (64 * 24.5 * 128 * 4 * 256 + 24.5 * 64 * 256 * 4 * 256) * 1e-9
    assert floor.floor(Cell("lstm", "uni", 256, "tweets", "predict"), 24.5) == pytest.approx(once, rel=0.03)
    assert floor.floor(Cell("lstm", "bi", 256, "tweets", "train"), 24.5) == pytest.approx(6 * once, rel=0.03)
    assert floor.floor(Cell("gru", "uni", 256, "tweets", "predict"), 24.5) == pytest.approx(0.75 * once, rel=0.03)


def test_the_grid_of_the_defaults_changes_one_thing_at_a_time():
    rows = defaults(lengths=["tweets"], mode=["train"])
    assert len(rows) == len(set(rows)) == 10
    plain, *others = (asdict(cell) for cell in rows)
    assert (plain["batch"], plain["stack"], plain["directions"]) == (32, 2, "bi")
    assert [sum(plain[key] != other[key] for key in plain) for other in others] == [1] * 9
    assert rows[0].beyond() == ["batch 32", "stack 2", "vocabulary 5000"]
    assert Cell("gru", "uni", 64, "imdb", "train").beyond() == []
