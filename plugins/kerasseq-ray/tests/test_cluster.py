"""What a machine is asked before anything is written; the question travels there whole."""

import os
import subprocess
import sys
from importlib import metadata

import pytest
from kerasseq_ray.cluster import Seen, _looking, existing
from ray import cloudpickle

VERSION = metadata.version("kerasseq-ray")
ANSWER = "import sys, ray.cloudpickle as c; print(c.loads(sys.stdin.buffer.read())())"


def on_a_machine(look, path="") -> str:
    """What another Python answers, with `path` before its packages."""
    environment = {**os.environ, "PYTHONPATH": str(path)}
    told = cloudpickle.dumps(look)
    done = subprocess.run([sys.executable, "-c", ANSWER], input=told, capture_output=True, env=environment, check=True)
    return done.stdout.decode().strip()


def test_a_machine_without_the_plugin_says_what_to_install(tmp_path):
    (tmp_path / "kerasseq_ray.py").write_text("raise ModuleNotFoundError(\"No module named 'kerasseq_ray'\")")
    said = on_a_machine(_looking({"kerasseq-ray": VERSION}, Seen("", 0, str(tmp_path))), tmp_path)
    assert said == (
        f"must have kerasseq-ray {VERSION}, got ModuleNotFoundError: No module named 'kerasseq_ray'; "
        f"pip install kerasseq-ray=={VERSION} there"
    )


@pytest.mark.parametrize(
    ("version", "file", "size", "said"),
    [
        (VERSION, "", 0, ""),
        (VERSION, "a", 1, ""),
        (VERSION, "a", 2, "a as this machine does; name a folder that all machines share"),
        (VERSION, "b", 1, "b as this machine does; name a folder that all machines share"),
        ("9.9", "", 0, f"must have kerasseq-ray 9.9, got {VERSION}; pip install kerasseq-ray==9.9 there"),
    ],
)
def test_a_machine_says_what_it_lacks(tmp_path, version, file, size, said):
    (tmp_path / "a").write_text("x")
    seen = Seen(str(tmp_path / file) if file else "", size, str(tmp_path))
    needed = {"kerasseq-ray": version}
    assert _looking(needed, seen)().endswith(said)
    assert _looking(needed, Seen("", 0, "/nowhere"))() != ""


def test_the_nearest_folder_that_is_there(tmp_path):
    assert existing(tmp_path / "a/b") == tmp_path


def test_a_machine_without_the_plugin_for_studies_says_so(tmp_path):
    said = _looking({"kerasseq-ray": VERSION, "kerasseq-none": "0.1"}, Seen("", 0, str(tmp_path)))()
    assert said == (
        "must have kerasseq-none 0.1, got ModuleNotFoundError: No module named 'kerasseq_none'; "
        "pip install kerasseq-none==0.1 there"
    )
