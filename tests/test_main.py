import os
import subprocess
import sys

import pytest

from kerasseq import __version__


def test_the_package_can_be_run_as_a_module():
    done = subprocess.run([sys.executable, "-m", "kerasseq", "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"kerasseq {__version__}\n")
    done = subprocess.run([sys.executable, "-m", "kerasseq", "confg"], capture_output=True, text=True)
    assert done.returncode == 2
    assert 'did you mean "config"?' in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="has no such pipes")
@pytest.mark.parametrize("verb", ["--help", "plugins"])
def test_what_nobody_reads_ends_as_a_program_of_unix_does(verb):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([sys.executable, "-m", "kerasseq", verb], stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")
