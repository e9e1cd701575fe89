import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def wrong():
    """`wrong("wrong_parts", "SumsEverything")`: an instance of a component that breaks a rule."""
    import importlib

    folder = str(Path(__file__).parent / "wrong")
    sys.path.insert(0, folder)
    yield lambda module, name: getattr(importlib.import_module(module), name)(name="wrong")
    sys.path.remove(folder)
