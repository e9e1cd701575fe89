from types import SimpleNamespace

import pytest

from kerasseq.errors import UsageError
from kerasseq.exporters.every import export_all
from kerasseq.exporters.exporter import Exporter, Refused
from kerasseq.files import RunDirectory


class Refuses(Exporter):
    name = "refuses"

    def __init__(self, artifact):
        self.artifact = artifact

    def path(self, directory):
        return directory.path / self.artifact

    def export(self, subject, path):
        raise Refused("not today")


@pytest.mark.parametrize("kind", ["file", "folder", "absent"])
def test_what_is_refused_leaves_no_older_artifact_behind(tmp_path, kind):
    if kind == "folder":
        (tmp_path / "old" / "inner").mkdir(parents=True)
    elif kind == "file":
        (tmp_path / "old").write_text("of older weights")
    said = export_all(SimpleNamespace(directory=RunDirectory(tmp_path)), [Refuses("old")])
    assert said == {"old": "not written: not today"} and list(tmp_path.iterdir()) == []


def test_an_exporter_that_takes_the_run_for_its_artifact_deletes_nothing(tmp_path):
    (tmp_path / "experiment.toml").write_text("")
    with pytest.raises(UsageError, match="must be a file or a folder of its own, got the run itself"):
        export_all(SimpleNamespace(directory=RunDirectory(tmp_path)), [Refuses(".")])
    assert (tmp_path / "experiment.toml").exists()
