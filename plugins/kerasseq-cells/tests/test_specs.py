"""From the section of the TOML to a trained model and its ONNX file."""

import csv
import subprocess
import sys
from pathlib import Path

import onnx
import pytest
from click.testing import CliRunner
from kerasseq_cells.parallel import MinGRU, MinLSTM
from kerasseq_cells.stacked import ConvLSTM, IndRNN, LayerNormGRU, LayerNormLSTM, PeepholeLSTM
from kerasseq_cells.transformer import Transformer
from pydantic import ValidationError

from kerasseq.plugin import EncoderSpec
from kerasseq.testing import parametrize_with_checks

SPECS = [
    PeepholeLSTM(units=3),
    PeepholeLSTM(units=3, bidirectional=False),
    LayerNormLSTM(units=3),
    LayerNormGRU(units=3),
    ConvLSTM(filters=2),
    IndRNN(units=3),
    MinGRU(units=3),
    MinLSTM(units=3, bidirectional=False),
    Transformer(units=4, heads=2, hidden=5),
]


@parametrize_with_checks(SPECS)
def test_keeps_the_rules(spec, check):
    check(spec)


@pytest.mark.parametrize(
    ("kind", "settings", "key"),
    [
        (PeepholeLSTM, {"units": 0}, "units"),
        (IndRNN, {"layers": 9}, "layers"),
        (ConvLSTM, {"units": 5}, "units"),
        (MinGRU, {"dropout": 1.0}, "dropout"),
        (Transformer, {"heads": 0}, "heads"),
    ],
)
def test_a_setting_outside_its_range_is_refused(kind: type[EncoderSpec], settings: dict, key: str) -> None:
    with pytest.raises(ValidationError, match=key):
        kind(**settings)


def test_widths_that_do_not_fit_are_said_with_what_does() -> None:
    assert list(Transformer(units=130).problems()) == [
        ("units", "must be a multiple of 4, for 4 heads and pairs of sines, got 130")
    ]
    assert list(Transformer(units=9, heads=3).problems())[0][1].startswith("must be a multiple of 6")


def test_the_specs_import_no_keras() -> None:
    code = (
        "import sys, kerasseq_cells.stacked, kerasseq_cells.parallel, kerasseq_cells.transformer\n"
        "print([m for m in ('keras', 'torch', 'jax', 'tensorflow') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


TOML = """
name = "cells"
[dataset]
name = "table"
train = "rows.csv"
[tokenizer]
name = "whitespace"
[embedding]
name = "learned"
dimension = 4
[encoder]
name = "{name}"
[pooler]
name = "last"
[task]
name = "classification"
[training]
epochs = 1
[evaluation]
resamples = 100
[[exporter]]
name = "onnx"
"""


@pytest.mark.parametrize(("name", "op"), [("peephole_lstm", "LSTM"), ("layer_norm_gru", "Scan"), ("min_lstm", "Scan")])
def test_an_experiment_that_names_one_trains_and_exports(name: str, op: str, tmp_path: Path) -> None:
    """An exporter keeps its file only where it answers as the model does."""
    from kerasseq.commands.main import main

    with (tmp_path / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "target"])
        rows.writerows((f"it was {word} {n % 3}", word) for n in range(30) for word in ("good", "bad"))
    (tmp_path / "cells.toml").write_text(TOML.format(name=name), encoding="utf-8")
    out = ["--out", str(tmp_path / "runs"), "--set", "encoder.dropout=0.0"]
    result = CliRunner().invoke(main, ["run", str(tmp_path / "cells.toml"), *out], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    run = next((tmp_path / "runs" / "cells").glob("0*"))
    assert op in {node.op_type for node in onnx.load(run / "model.onnx").graph.node}
    assert "kerasseq-cells" in (run / "environment.json").read_text(encoding="utf-8")
