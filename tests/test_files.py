import errno
import json
import os
import stat

import pytest

from kerasseq.errors import DataError, PluginError, RunError, UsageError
from kerasseq.files import atomic, damage, fingerprint, guarded, write_json, write_text


def test_a_fingerprint_tells_files_apart_by_their_size_their_ends_and_what_is_between(tmp_path):
    size, seen = 8_000_000, set()
    for name, place in (("same", None), ("again", None), ("first", 0), ("middle", size // 2), ("last", size - 1)):
        content = bytearray(size)
        if place is not None:
            content[place : place + 70_000] = b"x" * min(70_000, size - place)
        (tmp_path / name).write_bytes(content)
        seen.add(fingerprint(tmp_path / name))
    (tmp_path / "short").write_bytes(b"")
    assert len(seen | {fingerprint(tmp_path / "short")}) == 5


def test_a_file_appears_only_when_its_block_ends_well(tmp_path):
    target = tmp_path / "new" / "a.txt"
    with atomic(target) as temporary:
        temporary.write_text("whole", encoding="utf-8")
        assert not target.exists()
        assert temporary.suffix == ".txt"
    assert target.read_text(encoding="utf-8") == "whole"
    assert [p.name for p in target.parent.iterdir()] == ["a.txt"]


def test_a_file_is_on_disk_before_it_has_its_name(tmp_path, monkeypatch):
    target, seen = tmp_path / "a.txt", []
    monkeypatch.setattr(os, "fsync", lambda descriptor: seen.append((os.pread(descriptor, 10, 0), target.exists())))
    write_text(target, "whole")
    assert seen == [(b"whole", False)]


@pytest.mark.parametrize("failure", [ValueError("no"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path, failure):
    target = tmp_path / "a.txt"
    write_text(target, "old")
    with pytest.raises(type(failure)), atomic(target) as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise failure
    assert target.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_text_is_utf8_with_unix_line_ends(tmp_path):
    write_text(tmp_path / "a.txt", "نص\nline\n")
    assert (tmp_path / "a.txt").read_bytes() == "نص\nline\n".encode()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_who_may_read_a_file_the_umask_says(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        write_text(tmp_path / "a.txt", "x")
        write_text(tmp_path / "a.txt", "y")
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(tmp_path / "a.txt").st_mode) == mode


def test_json_keeps_arabic_readable_and_refuses_nan(tmp_path):
    write_json(tmp_path / "a.json", {"نص": [1, 0.5]})
    assert "نص" in (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "a.json").read_bytes()) == {"نص": [1, 0.5]}
    with pytest.raises(ValueError, match="Out of range float"):
        write_json(tmp_path / "a.json", {"x": float("nan")})
    assert json.loads((tmp_path / "a.json").read_bytes()) == {"نص": [1, 0.5]}


def test_a_full_disk_says_which_file_was_not_written(tmp_path):
    with pytest.raises(OSError, match="No space left") as error, atomic(tmp_path / "a.npz"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert error.value.filename == str(tmp_path / "a.npz")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_said_by_the_name_of_the_file(tmp_path, monkeypatch):
    def refuse(path, flags, mode):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("kerasseq.files.os.open", refuse)
    with pytest.raises(PermissionError) as error, atomic(tmp_path / "metrics.json"):
        pytest.fail("nothing can be written")
    assert error.value.filename == str(tmp_path / "metrics.json")


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (FileNotFoundError(2, "No such file or directory"), "no such file or directory"),
        (KeyError("labels"), 'nothing called "labels"'),
        (json.JSONDecodeError("Expecting value", "x" * 10_000, 3), "a file that is cut off or was written over"),
        (UnicodeDecodeError("utf-8", b"x" * 10_000, 3, 4, "invalid"), "a file that is cut off or was written over"),
        (TypeError("no list\nat all"), "TypeError: no list"),
    ],
)
def test_damage_is_said_in_a_few_words(cause, said):
    assert damage(cause) == said


def nested(depth):
    return json.loads("[" * depth + "]" * depth)


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (lambda: {}["labels"], 'got nothing called "labels"'),
        (lambda: nested(100_000), "got values that are nested too deeply"),
        (lambda: bytearray(1 << 62), "got more than fits into memory"),
        (lambda: int("1" * 5000), "got ValueError: Exceeds the limit"),
        (lambda: b"\xff".decode(), "got a file that is cut off or was written over"),
        (lambda: (3).keys, "got AttributeError: 'int' object has no attribute 'keys'"),
    ],
)
def test_whatever_a_damaged_file_makes_a_reader_raise_names_the_file_and_what_to_do(read, said):
    with pytest.raises(RunError) as error, guarded("runs/x/task.json", "what training wrote", "train anew"):
        read()
    assert str(error.value).startswith(f"runs/x/task.json: must be what training wrote, {said}")
    assert str(error.value).endswith("; train anew")


def test_an_error_of_ours_goes_through_a_guard_and_an_interruption_too():
    for raised in (PluginError("x: must be y"), KeyboardInterrupt()):
        with pytest.raises(type(raised)) as error, guarded("a", "b"):
            raise raised
        assert error.value is raised
    for inner in (DataError("a.npz: must be whole"), UsageError("must be whole")):
        with (
            pytest.raises(RunError, match=r"^a.npz: must be b: must be whole; train anew$"),
            guarded("a.npz", "b", "train anew"),
        ):
            raise inner
