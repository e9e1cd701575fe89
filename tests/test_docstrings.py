"""The examples in docstrings say what the code does."""

import doctest
import importlib
from pathlib import Path

import pytest

import kerasseq

ROOT = Path(kerasseq.__file__).parent
WITH_EXAMPLES = sorted(
    ".".join(("kerasseq", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in ROOT.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_give_what_they_say(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert found.attempted
    assert not found.failed
