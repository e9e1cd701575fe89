"""How a process ended."""

import subprocess
import sys

import pytest

from kerasseq.processes import ending


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise SystemExit(3)", "exit code 3"),
        ("import os; os.kill(os.getpid(), 9)", "signal 9"),
        ("import sys; print('first'); sys.exit('no such\\n  layer  ')", "exit code 1: layer"),
        ("import os; os.write(2, b'\\xff\\n'); raise SystemExit(1)", "exit code 1: \N{REPLACEMENT CHARACTER}"),
    ],
)
def test_it_says_code_or_signal_and_the_last_line(code: str, said: str) -> None:
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, check=False)
    assert ending(done.returncode, done.stderr) == said
