"""Machine code of an earlier version is not taken for that of this one.

numba keeps compiled loops on disk and compiles them again when the text of their own file has changed. What they
inline from other files it does not look at, so each file says the digest of those.
"""

import ast
import hashlib
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "kerasseq" / "backend" / "compiled"
PACKAGE = "kerasseq.backend.compiled."
CALLED = ("gru", "inputs", "lstm", "products", "simple_rnn")


@pytest.mark.parametrize("name", CALLED)
def test_a_file_of_loops_changes_with_those_that_it_inlines(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    imported = [n.module for n in tree.body if isinstance(n, ast.ImportFrom) and n.module]
    inlined = sorted(module.removeprefix(PACKAGE) for module in imported if module.startswith(PACKAGE))
    joined = "".join((FOLDER / f"{module}.py").read_text(encoding="utf-8") for module in inlined)
    digest = hashlib.sha256(joined.encode()).hexdigest()[:12]
    (said,) = [ast.literal_eval(n.value) for n in tree.body if isinstance(n, ast.Assign) and "INLINED" in ast.dump(n)]
    assert said == digest, f"write INLINED = {digest!r} into {name}.py"
