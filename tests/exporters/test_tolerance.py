"""How much an artifact may differ from its model, as a config and the command line say it."""

import pytest

from kerasseq.config.read import read_experiment
from kerasseq.corpus.text import Texts
from kerasseq.errors import ConfigError
from kerasseq.exporters.every import subject_of
from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.onnx.exporter import OnnxExporter
from kerasseq.exporters.proof import TOLERANCE, Proof
from kerasseq.loading import load
from kerasseq.registry.components import load as load_component
from kerasseq.run_directory import RunDirectory

KINDS = ("onnx", "keras", "torch")


@pytest.mark.once
@pytest.mark.parametrize("kind", KINDS)
def test_the_tolerance_of_a_config_is_that_of_the_proof(kind, finished, tmp_path, monkeypatch, opened_here):
    asked = []

    def recorded(name, trained, samples, answers, tolerance):
        asked.append(tolerance)
        return Proof(0, 0, 0.0)

    monkeypatch.setattr(f"kerasseq.exporters.{kind}.exporter.prove", recorded)
    spec = load_component("exporter", kind)[1]
    assert spec(name=kind).tolerance == TOLERANCE
    subject = subject_of(load(finished), RunDirectory(finished), Texts(["a"]), None, "")
    exporter = spec(name=kind, tolerance=0.25).build()
    with opened_here():
        exporter.export(subject, tmp_path / exporter.path(subject.directory).name)
    assert set(asked) == {0.25}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", ["0", "-1e-5", "nan", '"1e-5"'])
@pytest.mark.once
def test_no_other_number_is_a_tolerance(kind, value, tiny, tmp_path):
    with pytest.raises(ConfigError, match=r"tolerance: must be"):
        read_experiment(tiny(tmp_path), [f'exporter=[{{name="{kind}",tolerance={value}}}]'])


def test_what_lies_within_the_default_is_refused_within_less(finished, tmp_path):
    subject = subject_of(load(finished), RunDirectory(finished), Texts(["good food", "خدمة"]), None, "")
    OnnxExporter().export(subject, tmp_path / "model.onnx")
    with pytest.raises(Refused, match="must answer as the model does"):
        OnnxExporter(tolerance=1e-14).export(subject, tmp_path / "other.onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]
