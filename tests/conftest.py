"""What every test may ask for."""

import os
from pathlib import Path

import pytest

_HERE = Path(__file__).resolve()


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of real data sets beside the repository; skips where it is absent."""
    folder = Path(os.environ.get("KERASSEQ_REALDATA", _HERE.parents[2] / "shared" / "data"))
    if not (folder / "INDEX.tsv").exists():
        pytest.skip(f"no real data at {folder}; set KERASSEQ_REALDATA")
    return folder
