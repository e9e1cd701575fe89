#!/usr/bin/env python
"""What only a GPU can show, in one command: `tox -e gpu`, or `python .ci/gpu.py [OUT]` beside kerasseq-bench.

Runs tests/gpu, on jax too where it sees the GPU; then measures the grid of the defaults on the card beside Keras and
PyTorch by hand, and both ways of handing a masked batch to cuDNN. What it finds is in OUT, `build/gpu`: `gpu.md` with
the card, the tests and the tables, and the logs. Without a GPU it says so and runs nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main(out: Path) -> int:
    """0 where every test passed and everything was measured, 1 otherwise."""
    card, why = seen()
    if not card:
        print(f"gpu: must run where torch sees a GPU of NVIDIA, got none ({why}); nothing was run", file=sys.stderr)
        return 1
    out.mkdir(parents=True, exist_ok=True)
    print(f"gpu: {card}", file=sys.stderr)
    backends = ["torch", *(["jax"] if jax_sees_it() else [])]
    parts = [f"# On a GPU\n\n{card}."]
    failed = False
    for backend in backends:
        tests = [sys.executable, "-m", "pytest", str(ROOT / "tests" / "gpu"), "-rs", "-p", "no:cacheprovider"]
        code, said = run(tests, out / f"tests-{backend}.log", KERASSEQ_BACKEND=backend, KERAS_BACKEND=backend)
        failed |= bool(code)
        parts.append(f"## Tests on {backend}\n\n    {said}")
    for title, command, page in measured(out):
        code, said = run(command, out / f"{page.stem}.log")
        failed |= bool(code)
        text = page.read_text(encoding="utf-8") if page.exists() else ""
        parts.append(f"## {title}\n\n" + (text or f"    {said}"))
    (out / "gpu.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(out / "gpu.md")
    return int(failed)


def measured(out: Path) -> list[tuple[str, list[str], Path]]:
    """What is measured: a title, the command, and the page that it writes."""
    python = [sys.executable, "-m"]
    grid = [*python, "kerasseq", "bench", "layers", "--grid", "defaults", "--device", "cuda", "--out", str(out)]
    routes = out / "routes.md"
    return [
        ("Packed, or moved together", [*python, "kerasseq_bench.routes", "--out", str(routes)], routes),
        ("The grid of the defaults", grid, out / "bench.md"),
    ]


def seen() -> tuple[str, str]:
    """The card with driver and versions; else nothing, and why."""
    if not find_spec("torch"):
        return "", "torch is not installed"
    import torch

    if not torch.cuda.is_available():
        return "", f"torch {torch.__version__}"
    versions = f"torch {torch.__version__}, CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}"
    return f"{torch.cuda.get_device_name()}, {versions}", ""


def jax_sees_it() -> bool:
    """Whether jax computes on a GPU here; asked in another process, for it takes memory of the card."""
    code = "import jax, sys; sys.exit(jax.default_backend() != 'gpu')"
    return bool(find_spec("jax")) and not subprocess.run([sys.executable, "-c", code], capture_output=True).returncode


def run(command: list[str], log: Path, **environment: str) -> tuple[int, str]:
    """The exit status, and the last line of what was said, all of which goes to the log."""
    with log.open("w", encoding="utf-8") as file:
        env = os.environ | {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"} | environment
        code = subprocess.run(command, cwd=ROOT, env=env, stdout=file, stderr=subprocess.STDOUT).returncode
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return code, lines[-1] if lines else f"ended with {code}"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "gpu"))
