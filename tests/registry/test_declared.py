from importlib import metadata

import pytest

from kerasseq.registry.declared import culprits, declared

GROUPS = ["kerasseq.encoders", "kerasseq.poolers"]


def of(distribution):
    return [line[:3] + line[4:] for line in declared(GROUPS) if line.distribution == distribution]


def test_a_whole_file_gives_its_lines_and_no_damage(install):
    info = install("Whole_Pack", {"pooler": ["# a remark", "", "top = a.b:C", "end=a.b:D [extra]"]}, version="2.1")
    with (info / "entry_points.txt").open("a") as file:
        file.write("[console_scripts]\nx = y:z\n")
    assert of("whole-pack") == [
        ("kerasseq.poolers", "top", "a.b:C", "2.1", ""),
        ("kerasseq.poolers", "end", "a.b:D [extra]", "2.1", ""),
    ]


@pytest.mark.parametrize(
    ("text", "lines", "damage"),
    [
        (b"[kerasseq.poolers]\ntop = a:B\nend", [("top", "a:B"), ("end", "?")], "is damaged in line 3"),
        (b"[kerasseq.poolers]\ntop =", [("top", "?")], "is damaged in line 2"),
        (b"[kerasseq.poolers]\ntop = a:B\n[console_scr", [("top", "a:B")], "is damaged in line 3"),
        (b"[kerasseq.pool", [("?", "?")], "is damaged in line 1"),
        (b"[kerasseq.poolers]\ntop = a:B\n\xff\x00", [("top", "a:B"), ("\ufffd\x00", "?")], "is no UTF-8"),
    ],
)
def test_a_damaged_file_gives_what_can_be_read_and_says_where(install, text, lines, damage):
    info = install("cut", {"pooler": ["top = a:B"]})
    (info / "entry_points.txt").write_bytes(text)
    assert of("cut") == [("kerasseq.poolers", *line, "1.0", f"its entry_points.txt {damage}") for line in lines]


def test_a_damaged_file_of_a_distribution_that_declares_nothing_for_kerasseq_is_left_alone(install):
    info = install("elsewhere", {"pooler": []})
    (info / "entry_points.txt").write_bytes(b"[console_scripts]\nx")
    assert of("elsewhere") == []


def test_the_first_copy_on_the_path_counts(install, tmp_path, monkeypatch):
    install("copied", {"pooler": ["top = a:B"]}, version="1.0")
    first = tmp_path / "first" / "copied-2.0.dist-info"
    first.mkdir(parents=True)
    (first / "METADATA").write_text("Metadata-Version: 2.1\nName: copied\nVersion: 2.0\n")
    (first / "entry_points.txt").write_text("[kerasseq.poolers]\nend = a:B\n")
    monkeypatch.syspath_prepend(str(first.parent))
    assert of("copied") == [("kerasseq.poolers", "end", "a:B", "2.0", "")]


@pytest.mark.parametrize(
    ("text", "damage"),
    [(b"[kerasseq.poolers]\ntop", "is damaged in line 2"), (b"[console_scripts]\n\xff = a:B", "is no UTF-8")],
)
def test_the_file_at_which_a_library_stumbled_is_named_with_what_to_do(install, text, damage):
    file = install("Cut.Off", {"pooler": []}, version="2.1") / "entry_points.txt"
    file.write_bytes(text)
    with pytest.raises(Exception) as stumbled:
        metadata.entry_points(group="whatever")
    [line] = culprits(stumbled.value).splitlines()
    assert line.startswith(f"{file}: must be what cut-off 2.1 was installed with, got a file that {damage}; ")
    assert line.endswith(f"pip install --force-reinstall cut-off, or remove {file.parent}")


def test_an_error_of_another_cause_blames_no_file(install):
    (install("cut", {"pooler": []}) / "entry_points.txt").write_bytes(b"[kerasseq.poolers]\ntop")
    with pytest.raises(metadata.PackageNotFoundError) as absent:
        metadata.version("no-such-distribution")
    assert culprits(absent.value) == culprits(ValueError("another")) == ""
