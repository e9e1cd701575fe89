import os

import pytest

from kerasseq.registry.compatibility import UNKNOWN, paths, state_of


def test_what_needs_nothing_of_kerasseq_is_ok(install):
    install("easy", {"pooler": ["top = easy:Top"]}, requires=["numpy>=99", "not a requirement at all"])
    assert state_of("easy", "easy:Top") == ("ok", "")


def test_two_versions_in_one_folder_are_named_with_it(install):
    for version in ("1.0", "1.1"):
        info = install("Two_Times", {"pooler": ["top = two:Top"]}, version=version)
    assert state_of("two-times", "two:Top") == ("duplicate", f"it is installed as 1.0 and as 1.1 in {info.parent}")


def test_what_is_left_without_metadata_is_named_by_its_folder(install):
    info = install("gone", {"pooler": ["top = gone:Top"]}, metadata=False)
    assert state_of(UNKNOWN, "gone:Top") == ("orphan", f"its distribution has no metadata in {info}")
    assert state_of(UNKNOWN, "nobody:Top") == ("orphan", "its distribution has no metadata")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that may not be read")
def test_a_folder_that_may_not_be_read_harms_nothing(tmp_path, monkeypatch):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    monkeypatch.syspath_prepend(str(closed))
    assert state_of("numpy", "numpy:Top") == ("ok", "")
    closed.chmod(0o700)


def test_paths_that_do_not_exist_are_left_out(monkeypatch):
    monkeypatch.syspath_prepend("/nowhere/at/all")
    assert "/nowhere/at/all" not in dict(paths())
