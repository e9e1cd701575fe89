"""`kerasseq.plugin` is what our own plugins are written with, and nothing else."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import kerasseq
import kerasseq.plugin

ROOT = Path(__file__).parents[1]
PLUGINS = (
    "arabic",
    "bench",
    "cells",
    "collect",
    "english",
    "gpt2",
    "huggingface",
    "poolers",
    "ray",
    "tftext",
    "trackers",
    "tune",
    "vectors",
)
OPEN = ("kerasseq.layers", "kerasseq.plugin", "kerasseq.testing")

BENCH = {
    "generate.py": "writes with an untrained model of known weights, without a run",
    "own.py": "splits as a run does and trains without measuring, for the measurement is what it does itself",
    "text.py": "times the built-in preprocessors and reads a table's texts alone",
    "training.py": "asks what a config is made of, to build the same in other programs",
    "language_model.py": "asks what a config is made of, to build the same in other programs",
    "translation.py": "asks what a config is made of, to build the same in other programs",
    "routes.py": "times two ways through the package beside each other",
    "layers/ours.py": "times the engine, the sampler and the optimizer without the rest of a run",
    "layers/worker.py": "chooses the backend of its own process",
}
"""Files of kerasseq-bench that reach into the package, which they measure, and why."""

RAY = {
    "bench.py": "holds the process of a trial as the package holds its own",
    "follower.py": "is the road of a run without what leads it: reads, builds, and follows",
    "manifest.py": "knows what a write that was killed leaves",
    "predict.py": "asks the config of a finished run for the columns of its table",
    "sharing.py": "is the road of a run, begun again where a worker dies",
    "train.py": "is the verb of the package with another engine",
}
TUNE = {
    "command.py": "is a verb of the package's kind: completes and finds configs as they do",
    "hand.py": "holds the process of a trial as the package holds its own",
    "page.py": "is a page as the report is one",
    "pictures.py": "draws as the report draws",
    "space.py": "reads what a trial would, and asks what a key of a config may be",
    "study.py": "reads what a trial would",
    "worker.py": "is the road of a run, stopped where a trial is pruned",
}
"""Files of kerasseq-ray and kerasseq-tune that run the package's road in their own way, and why."""

INSIDE = {"bench": BENCH, "ray": RAY, "tune": TUNE}


def imported(path):
    """Every module of kerasseq that a file imports; of the package itself, the names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [alias.name for alias in node.names]
            yield from (f"kerasseq.{n}" for n in names) if node.module == "kerasseq" else [node.module]
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_our_own_plugins_import_public_names_alone(plugin):
    package = ROOT / "plugins" / f"kerasseq-{plugin}" / f"kerasseq_{plugin}"
    allowed = {"kerasseq", *OPEN, *(f"kerasseq.{name}" for name in kerasseq.__all__)}
    files = list(package.rglob("*.py"))
    assert files
    reaching = set()
    for path in files:
        ours = {name for name in imported(path) if name.partition(".")[0] == "kerasseq"}
        if ours - allowed:
            reaching.add(path.relative_to(package).as_posix())
    assert reaching == set(INSIDE.get(plugin, ()))


def test_every_name_comes_from_its_home():
    assert sorted(kerasseq.plugin.__all__) == sorted(kerasseq.plugin._MODULES)
    for name in kerasseq.plugin.__all__:
        assert getattr(kerasseq.plugin, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = kerasseq.plugin.nothing


def test_a_spec_of_a_plugin_imports_no_framework():
    code = "import sys; from kerasseq.plugin import PoolerSpec, Rules, UsageError; print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not {"'keras'", "'torch'", "'jax'", "'pyarrow'"} & set(done.stdout.strip("[]\n").split(", "))


@pytest.mark.parametrize("plugin", PLUGINS)
def test_the_tests_of_our_own_plugins_import_what_is_there(plugin):
    found = set()
    for path in (ROOT / "plugins" / f"kerasseq-{plugin}" / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "kerasseq":
                found |= {(node.module, alias.name) for alias in node.names}
    assert found
    assert [name for name in found if not hasattr(importlib.import_module(name[0]), name[1])] == []
