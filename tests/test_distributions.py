"""What the built files ask for, and how a release writes its version."""

import datetime as dt
import importlib.util
import re
import shutil
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECTS = [ROOT, *sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))]
NEEDS_RUNTIME = [ROOT, ROOT / "plugins" / "kerasseq-serve"]


@pytest.fixture(scope="module")
def release():
    spec = importlib.util.spec_from_file_location("release", ROOT / ".ci" / "release.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def asked(monkeypatch):
    """`asked(folder, release=False)`: what the METADATA of a wheel that is built there says it requires."""
    core = pytest.importorskip("hatchling.metadata.core", reason="hatchling builds the distributions")
    from hatchling.plugin.manager import PluginManager

    def ask(folder, release=False):
        monkeypatch.delenv("KERASSEQ_RELEASE", raising=False)
        if release:
            monkeypatch.setenv("KERASSEQ_RELEASE", "1")
        return core.ProjectMetadata(str(folder), PluginManager()).core.dependencies

    return ask


@pytest.fixture
def copy(tmp_path):
    """The files of the repository that a release writes, and what hatchling reads beside them."""
    for project in PROJECTS:
        to = tmp_path / project.relative_to(ROOT)
        for path in (
            *project.glob("pyproject.toml"),
            *project.glob("hatch_build.py"),
            *project.glob("README.md"),
            *project.glob("LICENSE"),
            *project.glob("CHANGELOG.md"),
            *project.glob("kerasseq*/__init__.py"),
        ):
            (to / path.relative_to(project)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, to / path.relative_to(project))
    return tmp_path


def versions(root):
    found = {}
    for file in (root / "pyproject.toml", *root.glob("plugins/*/pyproject.toml")):
        project = tomllib.loads(file.read_text("utf-8"))["project"]
        codes = [path.read_text("utf-8") for path in file.parent.glob("kerasseq*/__init__.py")]
        said = [match[1] for code in codes if (match := re.search(r'^__version__ = "(.+)"$', code, re.M))]
        found[project["name"]] = {*said, *([project["version"]] if "version" in project else [])}
    return found


@pytest.mark.parametrize("project", NEEDS_RUNTIME, ids=lambda path: path.name)
def test_from_a_clone_the_runtime_is_taken_from_where_it_lies(project, asked):
    [place] = [line for line in asked(project) if line.startswith("kerasseq-runtime")]
    assert place == f"kerasseq-runtime @ {(ROOT / 'plugins' / 'kerasseq-runtime').as_uri()}"


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_a_file_to_publish_names_no_place_of_this_machine(project, asked):
    for line in asked(project, release=True):
        assert Requirement(line).url is None, line
        assert str(ROOT) not in line


@pytest.mark.parametrize("project", NEEDS_RUNTIME, ids=lambda path: path.name)
def test_a_folder_without_its_neighbour_asks_for_a_version(project, asked, copy):
    shutil.rmtree(copy / "plugins" / "kerasseq-runtime")
    [line] = [line for line in asked(copy / project.relative_to(ROOT)) if line.startswith("kerasseq-runtime")]
    [version] = versions(ROOT)["kerasseq-runtime"]
    assert Requirement(line).specifier.contains(version)
    assert {one.operator for one in Requirement(line).specifier} == {">=", "<"}


def test_each_dependency_has_its_reason(asked):
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## What it needs, and why")[1].split("\n## ")[0]
    explained = set(re.findall(r"`([\w-]+)`", "".join(re.findall(r"^\| (`.*?) \|", page, re.M))))
    assert explained == {Requirement(line).name for line in asked(ROOT)} - {"kerasseq-runtime"}


def test_both_hooks_are_one():
    first, second = (project.joinpath("hatch_build.py").read_bytes() for project in NEEDS_RUNTIME)
    assert first == second


def test_every_distribution_has_the_one_version():
    found = versions(ROOT)
    assert len(found) == len(PROJECTS)
    assert len(set.union(*found.values())) == 1, found


@pytest.mark.parametrize(
    ("version", "runtime"), [("0.2.0", ">=0.2,<0.3"), ("0.2.4", ">=0.2,<0.3"), ("1.4.0", ">=1.4,<2")]
)
def test_a_release_writes_its_version_everywhere(version, runtime, release, copy, asked):
    changed = release.bump(copy, version, dt.date(2027, 1, 2))
    assert set(map(frozenset, versions(copy).values())) == {frozenset({version})}
    for project in NEEDS_RUNTIME:
        [line] = [
            line for line in asked(copy / project.relative_to(ROOT), release=True) if line.startswith("kerasseq-r")
        ]
        assert Requirement(line).specifier == Requirement(f"x{runtime}").specifier
        assert Version(version) in Requirement(line).specifier
    for project in PROJECTS:
        before, after = (
            (root / project.relative_to(ROOT) / "pyproject.toml").read_text("utf-8").splitlines()
            for root in (ROOT, copy)
        )
        lines = [line for line, old in zip(after, before, strict=True) if line != old]
        assert set(lines) <= {f'version = "{version}"', f'  "kerasseq-runtime{runtime}",'}
    log = (copy / "CHANGELOG.md").read_text("utf-8")
    assert f"## [Unreleased]\n\n## [{version}] - 2027-01-02\n\n### " in log
    assert copy / "CHANGELOG.md" in changed
    files = [path for path in copy.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    touched = [path for path in files if path.read_bytes() != original(copy, path)]
    assert set(touched) <= set(changed)


def original(copy, path):
    return (ROOT / path.relative_to(copy)).read_bytes()


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("0.0.9", "version: must be 0.1.0 or later, got 0.0.9"),
        ("1", "version: must be one as 0.2.0, got 1"),
        ("next", "version: must be one as 0.2.0, got next"),
        ("0.1.0", ""),
        ("0.2.0", ""),
    ],
)
def test_a_version_that_cannot_be_next_is_refused(version, said, release, copy):
    release.bump(copy, "0.1.0", dt.date(2027, 1, 2))
    text = (copy / "CHANGELOG.md").read_text("utf-8")
    (copy / "CHANGELOG.md").write_text(text.replace("## [Unreleased]\n", "## [Unreleased]\n\n- new\n"), "utf-8")
    assert release.refused(copy, version) == said


def test_a_release_of_nothing_is_refused(release, copy):
    release.bump(copy, "0.2.0", dt.date(2027, 1, 2))
    assert release.refused(copy, "0.3.0") == "CHANGELOG.md: must say below [Unreleased] what is new, got nothing"
