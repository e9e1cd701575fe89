"""What every test may ask for."""

import atexit
import functools
import importlib
import inspect
import logging
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, settings

if "mix_stderr" in inspect.signature(CliRunner).parameters:
    # click below 8.2 gives both streams as one unless it is told, and the tests ask for each
    CliRunner.__init__ = functools.partialmethod(CliRunner.__init__, mix_stderr=False)  # type: ignore[assignment]

# Keras fixes its backend at the first import
os.environ.setdefault("KERAS_BACKEND", os.environ.get("KERASSEQ_BACKEND", "torch"))

# Whoever starts the tests in the background may have them ignore Ctrl-C, and with them all processes that they start
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long a machine takes is no fault of what is tested
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

# Thousands of small files need not outlive a loss of power, and some disks take a second for each
os.fsync = lambda descriptor: None

if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
    # jax compiles the scan of each recurrent layer of each test, and of each process that a test starts, anew; most of
    # them are the same program
    _programs = tempfile.TemporaryDirectory(prefix="kerasseq-jax-")
    atexit.register(_programs.cleanup)
    os.environ["JAX_COMPILATION_CACHE_DIR"] = _programs.name
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    os.environ["JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES"] = "-1"

_HERE = Path(__file__).resolve()

ONCE = tuple(
    (
        # never import Keras, or never run a model
        "arrays config corpus datasets diagnosis distill golden metrics onnx_graph patterns pipelines preprocessors "
        "gradient_flow/test_symptoms.py registry report runtime searches tokenizers "
        "test_console.py test_docstrings.py test_distributions.py test_errors.py test_files.py test_killed.py "
        "test_imports.py test_main.py test_plugin.py test_preparation.py test_processes.py test_progress.py "
        "test_public.py test_run_directory.py test_spec.py test_tracking.py trackers wide "
        "commands/test_complete.py commands/test_config.py "
        "commands/test_config_new.py commands/test_dataset.py commands/test_diagnose.py commands/test_distill.py "
        "commands/test_engine.py commands/test_generate.py commands/test_guide.py "
        "commands/test_main.py commands/test_plugin_new.py commands/test_plugins.py commands/test_predict_rows.py "
        "commands/test_predict_table.py commands/test_scores.py embeddings/test_fasttext_model.py "
        "embeddings/test_vectors.py evaluation/test_notebook.py "
        "tasks/test_forecaster.py tasks/test_predictions.py tasks/test_translation.py "
        "test_attacks.py test_damage.py test_hostile.py "
        "training/test_fit.py "
        "training/test_origin.py training/test_patience.py "
        # count epochs and rows, and ask an engine whose own tests, and those of resuming and of whole runs, ask both
        "training/test_loop.py training/test_loop_callbacks.py training/test_continued.py training/test_records.py "
        "training/test_judged.py evaluation/test_again.py evaluation/test_advice.py test_environment.py "
        # whole runs of every config, of which test_experiment.py asks both for every part
        "test_configs.py "
        # of the loops of torch, and of what is said of a file
        "backend/compiled/test_inlined.py test_injection.py "
        # read, say and write around a model that test_run.py trains and test_loading.py opens on both
        "commands/test_predict.py commands/test_evaluate.py commands/test_talk.py commands/test_explained.py "
        # learn from rows in NumPy
        "tasks/test_classification.py tasks/test_regression.py tasks/test_soft_classes.py "
        "embeddings/test_pretrained.py "
        # learn by engines, layers and searches whose own tests ask both backends
        "tasks/test_translator.py "
        # give weights and tokens as NumPy has them to layers and engines whose own tests ask both backends
        "tasks/test_conditions.py test_transfer.py "
        # a plugin's layer is saved and opened as ours are
        "test_plugin_runs.py "
        # ask both backends themselves
        "sklearn/test_checks.py sklearn/test_rows.py sklearn/test_search.py sklearn/test_settings.py "
        "compare stranger testing verify commands/test_compare.py commands/test_other_rows.py commands/test_verify.py "
        "exporters/keras/test_exporter.py "
        # read weights as NumPy has them: a file that jax makes has the same bytes, which test_every.py and the
        # exporters' own tests say
        "exporters/onnx/test_characters.py exporters/onnx/test_layers.py exporters/onnx/test_loops.py "
        "exporters/onnx/test_operations.py exporters/onnx/test_step.py exporters/onnx/test_translation.py "
        "exporters/torch exporters/test_fresh.py exporters/test_proof.py docs"
    ).split()
)
"""Folders and files below this one that are tested on torch alone: another backend could not break what they say."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even read what another backend tests, where `-m` says so: it takes every worker half a minute."""
    if "not once" not in str(config.option.markexpr) or collection_path.suffix != ".py":
        return None
    once = any(collection_path.is_relative_to(_HERE.parent / name) for name in ONCE)
    return True if once and "mark.both" not in collection_path.read_text(encoding="utf-8") else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is tested once, and leave out what compares backends where there is one."""
    places = [_HERE.parent / name for name in ONCE]
    missing = [place.name for place in places if not place.exists()]
    if missing:
        raise pytest.UsageError(f"tests/conftest.py: ONCE must name what is there, got {', '.join(missing)}")
    alone = find_spec("jax") is None
    files = {item.path for item in items}
    once = {path for path in files if any(path.is_relative_to(place) for place in places)}
    for item in items:
        if item.get_closest_marker("both"):
            item.add_marker(pytest.mark.skipif(alone, reason="compares torch with jax"))
        elif item.path in once:
            item.add_marker("once")


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of real data sets beside the repository; skips where it is absent."""
    folder = Path(os.environ.get("KERASSEQ_REALDATA", _HERE.parents[2] / "shared" / "data"))
    if not (folder / "INDEX.tsv").exists():
        pytest.skip(f"no real data at {folder}; set KERASSEQ_REALDATA")
    return folder


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """`install(name, entry_points, modules)`: put a distribution where Python finds it; undone at the end.

    `entry_points` maps a kind to lines, `{"pooler": ["top = pack.top:Top"]}`; `modules` maps a file to its source.
    `metadata=False` leaves METADATA out, as a broken uninstallation does.
    """
    from kerasseq.registry import compatibility
    from kerasseq.registry.components import group_of

    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    before = set(sys.modules)

    def put(
        name: str,
        entry_points: Mapping[str, Sequence[str]],
        modules: Mapping[str, str] | None = None,
        requires: Sequence[str] = (),
        version: str = "1.0",
        metadata: bool = True,
    ) -> Path:
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        if metadata:
            lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
            lines += [f"Requires-Dist: {line}" for line in requires]
            (info / "METADATA").write_text("\n".join(lines) + "\n", encoding="utf-8")
        groups = [f"[{group_of(kind)}]\n" + "\n".join(lines) for kind, lines in entry_points.items()]
        (info / "entry_points.txt").write_text("\n".join(groups) + "\n", encoding="utf-8", errors="surrogateescape")
        for file, source in (modules or {}).items():
            path = site / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source, encoding="utf-8")
        importlib.invalidate_caches()
        return info

    yield put
    for module in set(sys.modules) - before:
        if str(getattr(sys.modules[module], "__file__", None) or "").startswith(str(site)):
            del sys.modules[module]
    compatibility._unmet.cache_clear()


@pytest.fixture(scope="session")
def gradients() -> Callable[..., list[Any]]:
    """`gradients(loss, layer, x)`: of `loss(x)` by `x`, then by each trainable weight of `layer`; NumPy arrays."""
    import keras

    return _torch_gradients if keras.backend.backend() == "torch" else _jax_gradients


def _torch_gradients(loss: Callable[[Any], Any], layer: Any, x: Any) -> list[Any]:
    import torch

    inputs = torch.tensor(x, requires_grad=True)
    variables = [v.value for v in layer.trainable_variables]
    return [g.numpy() for g in torch.autograd.grad(loss(inputs), [inputs, *variables])]


def _jax_gradients(loss: Callable[[Any], Any], layer: Any, x: Any) -> list[Any]:
    import jax
    import keras
    import numpy as np

    def stateless(x: Any, values: list[Any]) -> Any:
        with keras.StatelessScope(zip(layer.trainable_variables, values, strict=True)):
            return loss(x)

    by_x, by_values = jax.grad(stateless, argnums=(0, 1))(x, [v.value for v in layer.trainable_variables])
    return [np.asarray(g) for g in (by_x, *by_values)]


TINY = """
name = "tiny"
[dataset]
name = "table"
train = "rows.csv"
target = "mood"
split = "side"
[[preprocessor]]
name = "links"
[tokenizer]
name = "word"
max_length = 8
[embedding]
name = "learned"
dimension = 4
[encoder]
name = "gru"
units = 3
layers = 1
[pooler]
name = "attention"
units = 3
[task]
name = "classification"
[training]
epochs = 2
batch_size = 16
learning_rate = 0.01
[evaluation]
resamples = 100
"""

_WORDS = "خدمة ممتازة رديئة الطعام لذيذ بارد كتاب جميل the food was good bad cold".split()


@pytest.fixture(scope="session")
def tiny() -> Callable[[Path], Path]:
    """`tiny(folder)`: write a small experiment and its 60 rows there; gives the TOML.

    The rows: `text` and `topic` (Arabic and English, with quotes, line breaks, emoji, and more than 8 tokens), `mood`
    (of 3), `liked` (yes or no), `stars` (0 to 10), `author` (of 9), `worth` (a weight), `side` (36, 12, 12 rows).
    """
    import csv
    import random

    def write(folder: Path) -> Path:
        draw = random.Random(0)
        with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["text", "topic", "mood", "liked", "stars", "author", "worth", "side"])
            for i in range(60):
                end = ["", ' "اقتباس", 😀', "\nline two", "\rend"][i % 4]
                text = " ".join(draw.choices(_WORDS, k=1 + i % 13)) + end
                topic = " ".join(draw.choices(_WORDS, k=2))
                mood, liked = ["bad", "good", "so-so"][i % 3], ["no", "yes"][i % 2]
                side = ["train", "train", "train", "validation", "test"][i // 3 % 5]
                rows.writerow([text, topic, mood, liked, i * 7 % 101 / 10, f"a{i % 9}", 1 + i % 2, side])
        (folder / "tiny.toml").write_text(TINY, encoding="utf-8")
        return folder / "tiny.toml"

    return write


@pytest.fixture(scope="session")
def finished(tiny: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a finished run of `tiny`, to look at; copy it before you change it."""
    from kerasseq.config.read import read_experiment
    from kerasseq.experiment import run

    folder = tmp_path_factory.mktemp("finished")
    return run(read_experiment(tiny(folder)), folder / "runs").directory.path


@pytest.fixture
def own_log() -> Iterator[None]:
    """What a test does to kerasseq's log ends with it."""
    logger = logging.getLogger("kerasseq")
    before = logger.handlers[:], logger.level
    yield
    logger.handlers[:], logger.level = before


@pytest.fixture(scope="session")
def work_here() -> Callable[[pytest.MonkeyPatch], None]:
    """`work_here(patch)`: as `same_process`, for as long as the patch stands."""
    from kerasseq.compare import process as compared
    from kerasseq.compare import worker as comparing
    from kerasseq.errors import RunError
    from kerasseq.verify import process, proof, worker
    from kerasseq.verify.sample import read_arrays

    here = os.environ["KERAS_BACKEND"]

    def ask(backend: str, run: Path, folder: Path, rows: int) -> process.Said:
        if backend not in (here, "onnx"):
            return process.ask(backend, run, folder, rows)
        *_, said = worker.work({"backend": backend, "run": str(run), "folder": str(folder), "rows": rows})
        if "error" in said:
            raise RunError(said["error"])
        return process.Said(read_arrays(folder / f"{backend}.npz"), said["facts"])

    def patched(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(proof, "ask", ask)
        patch.setattr(compared, "launch", comparing.attempt)
        patch.setattr(comparing, "LONG_ENOUGH", 0.0)

    return patched


@pytest.fixture
def same_process(work_here: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers of `verify` for this backend and for model.onnx, and those of `compare`, work in this process.

    Importing Keras takes longer than what they do; that they are processes, their own tests show.
    """
    work_here(monkeypatch)


@pytest.fixture(params=[True, False], ids=["ends", "restarts"])
def interrupted(request: pytest.FixtureRequest) -> Iterator[Callable[[Path], AbstractContextManager[None]]]:
    """`with interrupted(path)`: Ctrl-C comes when the path is there, and is raised. System calls end, or restart."""

    def send(path: Path) -> None:
        while not path.exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    @contextmanager
    def wait(path: Path) -> Iterator[None]:
        threading.Thread(target=send, args=[path], daemon=True).start()
        with pytest.raises(KeyboardInterrupt):
            yield

    signal.siginterrupt(signal.SIGINT, request.param)
    yield wait
    signal.siginterrupt(signal.SIGINT, True)
