import subprocess
import sys

from kerasseq import __version__


def test_the_package_can_be_run_as_a_module():
    done = subprocess.run([sys.executable, "-m", "kerasseq", "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"kerasseq {__version__}\n")
    done = subprocess.run([sys.executable, "-m", "kerasseq", "confg"], capture_output=True, text=True)
    assert done.returncode == 2
    assert 'did you mean "config"?' in done.stderr
