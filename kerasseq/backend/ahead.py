"""Compile the recurrent loops on another core while this process still imports and reads.

numba compiles a loop when it is first called and keeps the machine code beside the source, so only the first run after
an installation waits for it, for as long as some epochs take. A second Python compiles meanwhile what the experiment
will call, and is waited for where it is first needed. If it fails, nothing is lost: the loops compile where they are.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from kerasseq_runtime.cores import cores

__all__ = ["compile_ahead", "switched_off", "wait"]

KINDS = {"lstm": "lstm", "gru": "gru", "simple_rnn": "rnn_tanh"}
"""What the loops of a component are called; their file has the component's name."""

SECONDS = 180
"""Longer than any machine took; then this process does it itself."""

_running: list[subprocess.Popen[bytes]] = []


def switched_off() -> bool:
    """Whether the environment says that nothing is to be compiled."""
    return os.environ.get("KERASSEQ_COMPILED", "1") == "0"


def compile_ahead(component: str) -> bool:
    """Begin to compile for the encoder `component`; whether there was something to do.

    Nothing is done where its loops are compiled already, where there is one core, or no numba, or none is wanted.
    """
    if component not in KINDS or _running or cores() < 2 or switched_off():
        return False
    if not find_spec("numba") or _is_compiled(component):
        return False
    silent = subprocess.DEVNULL
    command = [sys.executable, "-P", "-m", "kerasseq.backend.compiled.first", KINDS[component]]
    with suppress(OSError):
        _running.append(subprocess.Popen(command, stdin=silent, stdout=silent, stderr=silent))
    return bool(_running)


def wait() -> None:
    """Come back when what was begun is done."""
    while _running:
        process = _running.pop()
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _is_compiled(name: str) -> bool:
    """Whether machine code of the last loop in a file lies where numba would look for it, newer than its source."""
    source = Path(__file__).parent / "compiled" / f"{name}.py"
    folders = [source.parent / "__pycache__"]
    for root in (os.environ.get("NUMBA_CACHE_DIR", ""), "~/.cache/numba"):
        if root:
            folders += [path for path in Path(root).expanduser().glob("*") if path.is_dir()]
    written = source.stat().st_mtime
    return any(
        index.stat().st_mtime >= written for folder in folders for index in folder.glob(f"{name}.backward-*.nbi")
    )
