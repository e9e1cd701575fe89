import importlib
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def wrong():
    """`wrong("wrong_parts", "SumsEverything")`: an instance of a component that breaks a rule."""
    yield from _instances(HERE / "wrong")


@pytest.fixture(scope="session")
def shape():
    """`shape("steps", "Steps")`: an instance of a task of another shape than ours."""
    yield from _instances(HERE / "shapes")


def _instances(folder):
    sys.path.insert(0, str(folder))
    yield lambda module, name: getattr(importlib.import_module(module), name)(name=folder.name)
    sys.path.remove(str(folder))
