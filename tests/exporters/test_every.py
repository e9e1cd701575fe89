from types import SimpleNamespace
from typing import Any

import pytest

from kerasseq.exporters.every import export_all
from kerasseq.exporters.exporter import Exported, Exporter, Refused
from kerasseq.registry.components import load
from kerasseq.run_directory import RunDirectory
from kerasseq.spec import ExporterSpec


class Fake(Exporter):
    name = "fake"

    def __init__(self, artifact, failure):
        self.artifact = artifact
        self.failure = failure

    def path(self, directory):
        return directory.path / self.artifact

    def export(self, subject, path):
        if isinstance(self.failure, Refused):
            raise self.failure
        path.write_text("half")
        if self.failure is not None:
            raise self.failure
        return Exported(path, {"size": "4 bytes"})


class FakeSpec(ExporterSpec):
    name: str = "fake"
    artifact: str = "old"
    failure: Any = Refused("not today")

    def build(self):
        return Fake(self.artifact, self.failure)


def export(folder, *specs):
    return export_all(SimpleNamespace(directory=RunDirectory(folder)), specs)


@pytest.mark.parametrize("kind", ["file", "folder", "absent"])
@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (Refused("not today"), "not today"),
        (ValueError("over 2 GB\nand more"), "the exporter fake raised ValueError: over 2 GB"),
        (
            OSError(28, "No space left on device"),
            "the exporter fake raised OSError: [Errno 28] No space left on device",
        ),
        (SystemExit(), "the exporter fake raised SystemExit"),
    ],
)
def test_what_is_refused_or_fails_is_said_and_leaves_no_file_behind(tmp_path, kind, failure, said):
    if kind == "folder":
        (tmp_path / "old" / "inner").mkdir(parents=True)
    elif kind == "file":
        (tmp_path / "old").write_text("of older weights")
    found = export(tmp_path, FakeSpec(failure=failure))
    assert found == {"old": f"not written: {said}"} and list(tmp_path.iterdir()) == []


def test_one_that_fails_harms_no_other(tmp_path, caplog):
    found = export(
        tmp_path,
        FakeSpec(failure=TypeError("no")),
        FakeSpec(artifact="model.good", failure=None),
        FakeSpec(artifact="b"),
    )
    assert list(found) == ["old", "model.good", "b"] and found["model.good"] == "size 4 bytes"
    assert [path.name for path in tmp_path.iterdir()] == ["model.good"]
    assert f"see where with: kerasseq export {tmp_path} --to fake --traceback" in caplog.text


def test_an_interruption_passes_on(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        export(tmp_path, FakeSpec(failure=KeyboardInterrupt()))


def test_the_distribution_of_the_plugin_that_failed_is_said(install, tmp_path):
    code = """
from kerasseq.spec import ExporterSpec
class Zip(ExporterSpec):
    def build(self):
        raise ValueError("no zip here")
"""
    install("kerasseq-zip", {"exporter": ["zip = ziplate:Zip"]}, {"ziplate.py": code})
    found = export(tmp_path, load("exporter", "zip")[1](name="zip"))
    assert found == {"zip": "not written: the exporter zip raised ValueError: no zip here, from kerasseq-zip 1.0"}


@pytest.mark.parametrize("artifact", [".", "..", "model.keras", "checkpoints/last.npz"])
def test_an_exporter_that_takes_the_runs_own_for_its_artifact_deletes_nothing(tmp_path, artifact):
    (tmp_path / "checkpoints").mkdir()
    for name in ("experiment.toml", "model.keras", "checkpoints/last.npz"):
        (tmp_path / name).write_text("own")
    [said] = export(tmp_path, FakeSpec(artifact=artifact)).values()
    assert "must be a file or a folder of its own, got the run's own" in said
    assert all((tmp_path / name).exists() for name in ("experiment.toml", "model.keras", "checkpoints/last.npz"))


def test_the_run_remembers_an_artifact_whose_name_does_not_tell(tmp_path):
    export(tmp_path, FakeSpec(artifact="component.npz", failure=None), FakeSpec(artifact="model.zip", failure=None))
    directory = RunDirectory(tmp_path)
    assert [path.name for path in directory.artifacts()] == ["component.npz", "model.zip"]
    assert directory.exports.read_text() == '[\n  "component.npz"\n]\n'
