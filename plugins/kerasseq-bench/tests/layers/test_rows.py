import json

import pytest
from kerasseq_bench.layers.cells import Cell, grid
from kerasseq_bench.layers.report import page, write
from kerasseq_bench.layers.rows import Folder, row

from kerasseq.plugin import RunError, UsageError

MACHINE = {
    "processor": "Abacus 3000",
    "cores": 2,
    "threads": 2,
    "system": "Linux",
    "python": "3.11.7",
    "versions": {"torch": "2.5.0", "keras": "3.13.0"},
}
CELL = Cell("lstm", "bi", 128, "tweets", "train")


def system(*seconds, texts=64, useful=1.0, note=""):
    return {"texts": texts, "seconds": list(seconds), "useful": useful, "note": note, "batches": 1, "steps": 24.0}


def measured(cell=CELL, **systems):
    from dataclasses import asdict

    systems = {name.replace("_", "-"): value for name, value in systems.items()}
    return {"cell": asdict(cell), "rounds": 3, "systems": systems, "failed": {"keras-jax": "boom"}, "floor": [0.02] * 3}


def example():
    return measured(
        kerasseq=system(0.04, 0.05, 0.10, useful=0.86, note="fused"),  # median 64 / 0.05 = 1,280
        keras_torch=system(0.4, 0.5, 0.6),  # 128
        torch_padded=system(0.1, 0.1, 0.1),  # 640
        torch_packed=system(0.4, 0.4, 0.4, texts=128),  # 320
    )


def test_ratios_are_those_of_the_medians():
    found = row(CELL, example())
    assert found.speeds["kerasseq"].median == pytest.approx(1280)
    assert found.speeds["torch-packed"].median == pytest.approx(320)
    assert found.best == "torch-padded"
    assert found.ratio == pytest.approx(2.0)
    assert found.stock == pytest.approx(10.0)
    assert found.share == pytest.approx(0.02 / 0.05)
    assert found.useful == 0.86
    assert found.speeds["torch-padded"].spread == 0
    assert found.speeds["keras-torch"].spread == pytest.approx((64 / 0.45 - 64 / 0.55) / 2 / 128, rel=0.05)


def test_the_page_shows_speeds_ratios_and_what_failed():
    text = page(MACHINE, [row(CELL, example())])
    (line,) = [line for line in text.splitlines() if line.startswith("| lstm bi 128 ")]
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[1].startswith("1,280 ±")
    assert cells[3] == "**640** ±0%"
    assert cells[-4:] == ["2.00", "10.00", "40%", "86%"]
    assert "Abacus 3000, 2 cores, 2 threads" in text
    assert "torch 2.5.0" in text
    assert "- `kerasseq`, fused: lstm bi 128." in text
    assert "- `keras-jax`, failed: boom: lstm bi 128." in text
    assert "| train, tweets | 1 | 2.00 | 2.00 | 0 | 10.00 | 10.00 | 40% |" in text


def test_a_row_without_rivals_has_no_ratio():
    found = row(CELL, measured(kerasseq=system(0.05)))
    assert (found.best, found.ratio, found.stock) == ("", 0.0, 0.0)
    assert "| lstm bi 128 | 1,280 ±0% | - | 40% | 100% |" in page(MACHINE, [found])


def test_what_is_written_is_one_picture_and_the_same_numbers_twice(tmp_path):
    write(tmp_path, MACHINE, [row(CELL, example())])
    assert (tmp_path / "bench.png").read_bytes().startswith(b"\x89PNG")
    kept = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert kept["rows"][0]["ratio"] == pytest.approx(2.0)
    assert kept["machine"] == MACHINE
    assert (tmp_path / "bench.md").read_text(encoding="utf-8") == page(MACHINE, [row(CELL, example())])


def test_a_line_that_was_cut_off_is_measured_again(tmp_path):
    folder = Folder(tmp_path, MACHINE)
    folder.append(example())
    with folder.lines.open("a", encoding="utf-8") as file:
        file.write('{"cell": {"lay')
    again = Folder(tmp_path, MACHINE)
    other = Cell("gru", "uni", 64, "equal", "predict")
    again.append(measured(other, kerasseq=system(0.1)))
    assert list(again.read()) == [CELL, other]


def test_the_newest_numbers_of_a_cell_count(tmp_path):
    folder = Folder(tmp_path, MACHINE)
    folder.append(measured(kerasseq=system(9.0)))
    folder.append(measured(kerasseq=system(0.05)))
    assert row(CELL, folder.read()[CELL]).speeds["kerasseq"].median == pytest.approx(1280)


def test_numbers_of_another_machine_are_not_mixed_in(tmp_path):
    Folder(tmp_path, MACHINE)
    with pytest.raises(UsageError, match=r"--out: .* of another \(processor, threads\); choose another"):
        Folder(tmp_path, MACHINE | {"processor": "Abacus 4000", "threads": 1})


def test_a_damaged_line_is_named(tmp_path):
    folder = Folder(tmp_path, MACHINE)
    folder.lines.write_text("{}\n", encoding="utf-8")
    with pytest.raises(RunError, match=r"rows.jsonl:1: must be a measured cell"):
        folder.read()


def test_the_grid_has_every_row_once():
    assert len(set(grid())) == 108
    assert grid(layer=["gru"], directions=["bi"], units=[64], lengths=["imdb"], mode=["predict"]) == [
        Cell("gru", "bi", 64, "imdb", "predict")
    ]
