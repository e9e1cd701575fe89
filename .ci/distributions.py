"""Make source distributions and wheels of kerasseq and its plugins, install them together, and run what was installed.

    python .ci/distributions.py DIST

Needs build, hatchling, twine and uv. DIST is emptied; what lies there afterwards can be uploaded.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SMALL = (
    "encoder.units=4 encoder.layers=1 embedding.dimension=4 training.epochs=1 training.batch_size=256 "
    "tokenizer.max_length=8 evaluation.resamples=100"
).split()


def main(dist: Path) -> None:
    """Build, check, install and run; the first thing that fails ends it."""
    shutil.rmtree(dist, ignore_errors=True)
    for project in (ROOT, *sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))):
        # the wheel is made of the source distribution, so that both are whole
        call([sys.executable, "-m", "build", "--no-isolation", "--outdir", dist, project], KERASSEQ_RELEASE="1")
    call([sys.executable, "-m", "twine", "check", "--strict", *sorted(dist.iterdir())])
    wheels = sorted(dist.glob("*.whl"))
    for wheel in wheels:
        publishable(wheel)
    with tempfile.TemporaryDirectory() as folder:
        use([wheel for wheel in wheels if python_fits(wheel)], Path(folder))


def use(wheels: Iterable[Path], folder: Path) -> None:
    """Install the wheels into an empty environment and train, ask and list with what is there."""
    environment = folder / "environment"
    call(["uv", "venv", "--quiet", "--python", sys.executable, environment])
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    # by their paths: whatever an index has under these names is not looked at
    call(["uv", "pip", "install", "--quiet", "--python", python, *wheels])
    kerasseq = [python.with_name("kerasseq")]
    call([*kerasseq, "version"], cwd=folder)
    listed = json.loads(call([*kerasseq, "plugins", "--json"], cwd=folder, stdout=subprocess.PIPE))
    broken = [row for row in listed if row["state"] != "ok"]
    if broken:
        sys.exit(f"kerasseq plugins: each must be ok, got {json.dumps(broken)}")
    settings = [word for setting in SMALL for word in ("--set", setting)]
    call([*kerasseq, "run", ROOT / "configs" / "gru.toml", *settings], cwd=folder)
    call([*kerasseq, "predict", "runs/gru", "خدمة ممتازة وسريعة"], cwd=folder)


def publishable(wheel: Path) -> None:
    """Refuse a wheel that asks for a place on this machine."""
    metadata = read_metadata(wheel)
    places = [line for line in metadata.get_all("Requires-Dist", []) if "@" in line]
    if places:
        sys.exit(f"{wheel.name}: must ask for distributions by name and version, got {', '.join(places)}")


def python_fits(wheel: Path) -> bool:
    """Whether this Python is one that the wheel is for."""
    from packaging.specifiers import SpecifierSet

    fits = "{}.{}".format(*sys.version_info) in SpecifierSet(read_metadata(wheel)["Requires-Python"])
    if not fits:
        print(f"{wheel.name} is not for this Python and is not installed", file=sys.stderr)
    return fits


def read_metadata(wheel: Path) -> Message:
    """The METADATA of a wheel."""
    with zipfile.ZipFile(wheel) as file:
        [name] = [name for name in file.namelist() if name.endswith(".dist-info/METADATA")]
        return HeaderParser().parsestr(file.read(name).decode())


def call(command: Sequence[object], cwd: Path | None = None, stdout: int | None = None, **variables: str) -> str:
    """Run a command to its end, whatever the Python of this process is told to import from; gives its stdout."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | variables
    words = [str(word) for word in command]
    print("$", *words, file=sys.stderr, flush=True)
    done = subprocess.run(words, cwd=cwd, env=environment, stdout=stdout, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(words)}: must end with 0, got {done.returncode}")
    return done.stdout or ""


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]).resolve())
