"""Keras's own tests of its recurrent layers, with every layer accelerated and without: `tox -e kerassuite`.

Keras ships its tests with its package, so they are of the version that is installed, and nothing of them is kept
here. Each backend runs them twice, in processes of their own; this fails where a test ends one way in the one and
another way in the other.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

BACKENDS = ("torch", "jax")
SUBJECTS = ("lstm", "gru", "simple_rnn", "bidirectional", "rnn", "stacked_rnn_cells", "time_distributed")
PATHS = ("plain", "accelerated")


class Outcomes:
    """What became of each test, as a plugin of pytest."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        """A test passes by its call; it fails or is skipped by any of its phases."""
        if report.when == "call" or report.outcome != "passed":
            self.of[report.nodeid.rpartition("/")[2]] = report.outcome


def accelerate_every_call() -> dict[str, int]:
    """Bind the fused path onto each recurrent layer when it is called, however it was made: constructed, read from a
    config, copied or loaded. Counts the loops that ran by it.
    """
    from keras import layers

    from kerasseq.backend import torch_kernels
    from kerasseq.backend.accelerate import accelerate

    count = {"loops": 0}
    loop = torch_kernels.fused_loop

    def counting(*args: Any, **how: Any) -> Any:
        count["loops"] += 1
        return loop(*args, **how)

    torch_kernels.fused_loop = counting

    def bound(kind: Any) -> Any:
        call = kind.__call__

        def accelerated(layer: Any, *args: Any, **how: Any) -> Any:
            return call(accelerate(layer), *args, **how)

        return accelerated

    for kind in (layers.LSTM, layers.GRU, layers.SimpleRNN):
        kind.__call__ = bound(kind)
    return count


def one(path: str, out: Path) -> int:
    """Run the tests in this process and write what became of them."""
    import keras
    import pytest

    count = accelerate_every_call() if path == "accelerated" else {"loops": 0}
    folder = Path(keras.__file__).parent / "src" / "layers" / "rnn"
    outcomes = Outcomes()
    files = [str(folder / f"{subject}_test.py") for subject in SUBJECTS]
    settings = ["-q", "-p", "no:cacheprovider", "-p", "no:warnings", "-c", os.devnull, "--rootdir", str(folder)]
    status = pytest.main([*settings, *files], plugins=[outcomes])
    out.write_text(json.dumps({"outcomes": outcomes.of, **count}), encoding="utf-8")
    return 0 if status in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) else int(status)


def measured(backend: str, path: str, folder: Path) -> dict[str, Any]:
    """What became of the tests on a backend, in a process of their own."""
    out = folder / f"{backend}-{path}.json"
    env = os.environ | {"KERASSEQ_BACKEND": backend, "KERAS_BACKEND": backend, "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, __file__, "--path", path, "--out", str(out)], env=env, check=True)
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def compared(backends: list[str]) -> bool:
    """Whether the tests end alike in both ways; one line for each way and each difference."""
    alike, lines = True, ["", f"{'backend':8} {'path':12} passed failed skipped  loops by our kernels"]
    with tempfile.TemporaryDirectory() as folder:
        for backend in backends:
            found = {path: measured(backend, path, Path(folder)) for path in PATHS}
            plain, ours = (found[path]["outcomes"] for path in PATHS)
            for path in PATHS:
                count = [list(found[path]["outcomes"].values()).count(o) for o in ("passed", "failed", "skipped")]
                lines.append("{:8} {:12} {:6} {:6} {:7} {:8}".format(backend, path, *count, found[path]["loops"]))
            for name in sorted(plain | ours):
                if plain.get(name) != ours.get(name):
                    alike = False
                    lines.append(f"{backend}: {name}: {plain.get(name)} by Keras, {ours.get(name)} accelerated")
            if not plain or (backend == "torch" and not found["accelerated"]["loops"]):
                alike = False
                lines.append(f"{backend}: nothing ran; keras {SUBJECTS[0]}_test.py ships with the package")
    print("\n".join(lines))
    return alike


def main() -> int:
    """Compare both ways on each backend; with --path, be one of the processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backends", default=",".join(BACKENDS))
    parser.add_argument("--path", choices=PATHS)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    if given.path:
        return one(given.path, given.out)
    return 0 if compared(given.backends.split(",")) else 1


if __name__ == "__main__":
    sys.exit(main())
