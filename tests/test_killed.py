"""A run that is killed, at whatever moment, goes on to what it would have been."""

import functools
import itertools
import random
import re
import shutil
import signal
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kerasseq.config.read import read_experiment
from kerasseq.experiment import build, train
from kerasseq.files import is_temporary
from kerasseq.processes import Worker, on_backend
from kerasseq.run_directory import RunDirectory
from kerasseq.training.checkpoint import read_checkpoint

AT_EVERY_UPDATE = ["training.checkpoint_minutes=1e-9"]
KILLS = {"torch": 20, "jax": 8}
DATES = ("timing.csv", "report.html", "MODEL_CARD.md")
"""Files that say when, or how long, and are there."""


def contents(run: Path) -> dict[str, Any]:
    """What must be the same of two runs, by file."""
    found: dict[str, Any] = {}
    for path in sorted(path for path in run.rglob("*") if path.is_file()):
        name = path.relative_to(run).as_posix()
        if path.suffix == ".npz":
            state, groups = read_checkpoint(path)
            found[name] = {key: state[key] for key in state.keys() - {"timing", "sums"}}
            found |= {f"{name} {key}": [array.tobytes() for array in arrays] for key, arrays in groups.items()}
        elif path.suffix == ".keras":
            found |= {f"{name} {key}": value for key, value in members(path).items()}
        elif path.suffix == ".onnx":
            found[name] = answers(path)
        else:
            found[name] = b"" if name in DATES else path.read_bytes()
    return found


def members(path: Path) -> dict[str, bytes]:
    """Those of a `model.keras`, without what says when and where it was made: its date, and of its configuration the
    addresses in memory and the numbers that Keras gives operations without a name."""
    with zipfile.ZipFile(path) as archive:
        found = {name: archive.read(name) for name in archive.namelist() if name != "metadata.json"}
    found["config.json"] = re.sub(rb'"shared_object_id": \d+', b"", found["config.json"])
    found["config.json"] = re.sub(rb'"([a-z_]+)_\d+"', rb'"\1"', found["config.json"])
    return found


def answers(path: Path) -> dict[str, bytes]:
    """Of an exported file, which knows the digest of a `model.keras` with a date in it."""
    from kerasseq_runtime import load

    found = load(path).predict(["خدمة ممتازة", "the food was cold", ""])
    return {name: np.asarray(values).tobytes() for name, values in found.items() if name != "prediction"}


class Killed(BaseException):
    """Nothing may go on after it."""


@pytest.fixture
def killed_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """`killed_at(change)`: this change to a file, the first being 1, and all after it raise; 0 for none."""
    made = [0, 0]

    def counted(change: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(change)
        def call(path: Path, *arguments: Any, **more: Any) -> Any:
            if change.__name__ == "replace" or not is_temporary(path):
                made[0] += 1
                if 0 < made[1] <= made[0]:
                    raise Killed
            return change(path, *arguments, **more)

        return call

    for name in ("replace", "unlink"):
        monkeypatch.setattr(Path, name, counted(getattr(Path, name)))

    def at(change: int) -> None:
        made[:] = 0, change

    return at


def test_a_training_that_is_killed_again_and_again_ends_as_one_that_was_not(
    tiny: Callable[[Path], Path], tmp_path: Path, killed_at: Callable[[int], None]
) -> None:
    experiment = read_experiment(tiny(tmp_path), [*AT_EVERY_UPDATE, "exporter=[]", "training.batch_size=20"])
    runs = [RunDirectory.create(tmp_path / name, "tiny") for name in ("whole", "cut")]
    train(*build(experiment), runs[0])
    for change in itertools.count(1):
        parts = build(experiment)
        killed_at(change)
        try:
            train(*parts, runs[1], resume=runs[1].experiment.exists())
            break
        except Killed:
            killed_at(0)
    assert change > 8, "settings, checkpoints inside of epochs and at their ends, weights and history"
    assert contents(runs[1].path) == contents(runs[0].path)


class Kerasseq:
    """Runs the verb in processes of its own, each in a folder of its own.

    Args:
        worker: Runs `killing.py`.
        config: The experiment.
        folder: Where the folders are made.
        backend: Of the runs.
    """

    def __init__(self, worker: Worker, config: Path, folder: Path, backend: str) -> None:
        self.worker = worker
        self.folder = folder
        settings = [*AT_EVERY_UPDATE, "training.epochs=3", "training.batch_size=8"]
        self.arguments = ["run", str(config), "--backend", backend]
        self.arguments += [part for setting in settings for part in ("--set", setting)]
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, name: str, **kill: Any) -> dict[str, int]:
        """Start the run in a folder, or go on with it there, to its end or until it is killed; see `killing.py`."""
        place = self.folder / name
        place.mkdir(parents=True, exist_ok=True)
        begun = list(place.glob("runs/tiny/*/experiment.toml"))
        arguments = ["run", "--resume", "runs/tiny"] if begun else self.arguments
        job = {"arguments": arguments, "folder": str(place), "watched": "runs", **kill}
        return self.worker.ask(job) or {"code": 1, "changes": 0}

    def contents(self, name: str) -> dict[str, Any]:
        """Of the newest run in a folder."""
        return contents(max((self.folder / name / "runs" / "tiny").iterdir()))

    def survives(self, **kill: Any) -> str:
        """Kill a run and start it again; what is wrong with it then, or nothing."""
        name = "-".join(str(value) for value in kill.values())
        first = self.start(name, **kill)
        second = self.start(name)
        said = (self.folder / name / "log").read_text("utf-8")
        if second["code"]:
            return f"{kill}: {first}, then {second}: {said[-300:]}"
        if first["code"] > 0 and "\ninterrupted; " not in said:
            return f"{kill}: {first}: {said[-300:]}"
        found, wanted = self.contents(name), self.contents("whole")
        wrong = [each for each in wanted.keys() | found.keys() if found.get(each) != wanted.get(each)]
        if not wrong:
            shutil.rmtree(self.folder / name)
        return f"{kill}: {first}: {wrong}" if wrong else ""


@pytest.fixture(scope="module", params=["torch", "jax"])
def kerasseq(
    request: pytest.FixtureRequest, tiny: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kerasseq]:
    """`kerasseq run` of one backend; its undisturbed run is in `whole`."""
    if find_spec(request.param) is None:
        pytest.skip(f"needs {request.param}")
    folder = tmp_path_factory.mktemp(request.param)
    program = str(Path(__file__).with_name("killing.py"))
    with Worker(program, on_backend(request.param, {}), kept=False) as worker:
        made = Kerasseq(worker, tiny(folder), folder / "runs", request.param)
        assert made.start("whole")["code"] == 0
        yield made


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_a_run_that_is_killed_before_any_of_its_changes_to_files_goes_on_to_the_same_end(kerasseq: Kerasseq) -> None:
    changes = kerasseq.start("twice")["changes"]
    assert changes > 50
    wrong = list(filter(None, (kerasseq.survives(change=number) for number in range(1, changes + 1))))
    print(f"survived {changes - len(wrong)} of {changes}")
    assert wrong == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
@pytest.mark.parametrize("sent", ["SIGKILL", "SIGTERM", "SIGHUP"])
def test_a_run_that_is_ended_at_random_moments_goes_on_to_the_same_end(
    kerasseq: Kerasseq, request: pytest.FixtureRequest, sent: str
) -> None:
    started = time.monotonic()
    assert kerasseq.start("timed")["code"] == 0
    seconds, draw = time.monotonic() - started, random.Random(sent)
    kills = KILLS[request.node.callspec.params["kerasseq"]] if sent == "SIGKILL" else 4
    number = int(getattr(signal, sent))
    moments = [draw.uniform(0.2, 1) * seconds for _ in range(kills)]
    wrong = list(filter(None, (kerasseq.survives(signal=number, seconds=moment) for moment in moments)))
    print(f"survived {kills - len(wrong)} of {kills}")
    assert wrong == []
