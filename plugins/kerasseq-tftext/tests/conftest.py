"""The tests of this plugin run on torch, whatever other tests run on, TensorFlow beside it."""

import importlib
import os
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

os.environ["KERAS_BACKEND"] = "torch"  # Keras fixes its backend at the first import

PLUGIN = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def registered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The entry points, where the distribution itself is not installed but only found on the path."""
    try:
        metadata.distribution("kerasseq-tftext")
    except metadata.PackageNotFoundError:
        site = tmp_path_factory.mktemp("site")
        for folder in (PLUGIN, PLUGIN.parents[1]):
            _write(site, folder / "pyproject.toml")
        sys.path.insert(0, str(site))
        importlib.invalidate_caches()
        yield
        sys.path.remove(str(site))
    else:
        yield


def _write(site: Path, pyproject: Path) -> None:
    """The metadata that an installation would write."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    name, version = project["name"], project.get("version", "0.1.0")
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    lines = []
    for group, entries in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{key} = {value}" for key, value in entries.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
