"""Every kind of file that is read: a sound one, and how it is read."""

from __future__ import annotations

import contextlib
import gzip
import json
import shutil
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

__all__ = ["GOLDEN", "Kind", "kinds", "prepare"]

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
TEXTS = ["خدمة ممتازة", "the food was good", "", "لا يوجد"]
EARLY = ("moods", "stars")
"""Runs without digests, whose files are read further than those of a run that has them."""


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes:
        name: What the command calls it.
        file: Below the folder of `prepare`.
        sort: A key of `damage.DAMAGE`.
        read: Reads it, given the folder; what it gives is compared.
        weight: How often it is drawn, beside others: what is read at once weighs more.
        sealed: Whether a file that is read must give the answer of the sound one: whatever changed is noticed.
    """

    name: str
    file: str
    sort: str
    read: Callable[[Path], Any]
    weight: float = 1.0
    sealed: bool = False


def prepare(folder: Path) -> None:
    """Write every sound file."""
    version = max(path for path in GOLDEN.iterdir() if path.name[0].isdigit())
    for source in (*(GOLDEN / name for name in EARLY), *(path for path in version.iterdir() if path.is_dir())):
        shutil.copytree(source, folder / source.name)
    for path in (GOLDEN / "rows.csv", *version.glob("*.*")):
        if path.is_file():
            shutil.copy(path, folder / path.name)
    _write_tables(folder)
    _write_vectors(folder)
    _write_sequences(folder)
    _write_checkpoint(folder)
    _write_resumable(folder)
    for path in folder.glob("*/model.onnx"):
        _write_unsealed(path)
    (folder / "moods" / "exports.json").write_text('["extra.onnx"]')
    for kind, (_, sent) in BODIES.items():
        (folder / f"{kind}.body").write_text(json.dumps(sent, ensure_ascii=False), encoding="utf-8")


def _write_unsealed(path: Path) -> None:
    """A file without the digest of itself, whose bytes are read further."""
    import onnx
    from kerasseq_runtime.seal import KEY

    model = onnx.load(path)
    kept = [entry for entry in model.metadata_props if entry.key != KEY]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    path.with_name("unsealed.onnx").write_bytes(model.SerializeToString())


def _write_tables(folder: Path) -> None:
    import csv

    import pyarrow as pa
    import pyarrow.parquet as pq

    with (folder / "rows.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    table = pa.Table.from_pylist(rows)
    pq.write_table(table, folder / "t.parquet")
    pq.write_table(table, folder / "packed.parquet", compression="zstd", use_dictionary=True)
    lines = [",".join(f'"{value}"' for value in row.values()) for row in rows]
    text = "\n".join([",".join(rows[0]), *lines, ""])
    (folder / "t.csv").write_text(text, encoding="utf-8")
    (folder / "t.csv.gz").write_bytes(gzip.compress(text.encode()))
    (folder / "t.tsv").write_text(text.replace('","', '"\t"').replace(",", "\t"), encoding="utf-8")
    objects = [json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / "t.jsonl").write_text("\n".join([*objects, ""]), encoding="utf-8")
    (folder / "t.json").write_text("[" + ",\n".join(objects) + "]", encoding="utf-8")
    (folder / "steps.csv").write_text(
        "month,level\n" + "".join(f"{1960 + m // 12}-{m % 12 + 1:02},{m / 7}\n" for m in range(300))
    )


def _write_vectors(folder: Path) -> None:
    import numpy as np

    (folder / "v.txt").write_text("3 2\na 1 2\nb 3 4\nc 5 6\n")
    (folder / "v.txt.gz").write_bytes(gzip.compress((folder / "v.txt").read_bytes()))
    words = b"".join(word + b" " + struct.pack("<2f", 1, 2) + b"\n" for word in (b"a", b"b", b"c"))
    (folder / "v.bin").write_bytes(b"3 2\n" + words)
    arguments = struct.pack("<2i12id", 793712314, 12, 2, 5, 1, 1, 5, 1, 2, 2, 4, 2, 3, 100, 1e-4)
    entries = b"".join(word + b"\0" + struct.pack("<qb", 1, 0) for word in (b"a", b"b", b"c"))
    rows = np.ones((7, 2), dtype="<f4").tobytes()
    dictionary = struct.pack("<3i2q", 3, 3, 0, 3, -1) + entries
    (folder / "model.bin").write_bytes(arguments + dictionary + struct.pack("<?2q", False, 7, 2) + rows)
    np.savez(folder / "v.npz", words=np.array(["a", "b", "c"]), vectors=np.ones((3, 2), dtype="float32"))


def _write_sequences(folder: Path) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    draw = np.random.default_rng(0)
    lengths, classes = np.arange(40) % 5 + 1, np.arange(40) % 2
    flat = draw.normal(size=(lengths.sum(), 2)).astype("float32")
    np.savez(folder / "s.npz", flat=flat, lengths=lengths, y=classes)
    rows = np.split(flat, np.cumsum(lengths)[:-1])
    table = pa.table({"vectors": [row.tolist() for row in rows], "target": [str(c) for c in classes]})
    pq.write_table(table, folder / "s.parquet")
    with pa.OSFile(str(folder / "s.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    head = "@problemName s\n@univariate false\n@dimensions 2\n@equalLength false\n@classLabel true 0 1\n@data\n"
    lines = [
        ":".join(",".join(map(str, column)) for column in row.T) + f":{c}" for row, c in zip(rows, classes, strict=True)
    ]
    (folder / "s.ts").write_text(head + "\n".join(lines) + "\n")
    sentences = (folder / "sentences.conll").read_text(encoding="utf-8").strip().split("\n\n")[:10]
    pairs = [[line.split() for line in sentence.split("\n")] for sentence in sentences]
    objects = [{"tokens": [t for t, _ in row], "tags": [tag for _, tag in row]} for row in pairs]
    (folder / "k.jsonl").write_text(
        "".join(json.dumps(o, ensure_ascii=False) + "\n" for o in objects), encoding="utf-8"
    )
    form = "{0}\t{1}\t{1}\t{2}\t{2}\t_\t0\t_\t_\t_\n"
    blocks = ["".join(form.format(i, *pair) for i, pair in enumerate(row, 1)) for row in pairs]
    (folder / "k.conllu").write_text("\n".join([*blocks, ""]), encoding="utf-8")
    (folder / "one.txt.gz").write_bytes(gzip.compress((folder / "one.txt").read_bytes()))
    with zipfile.ZipFile(folder / "d.zip", "w") as archive:
        archive.write(folder / "texts.txt", "a/one.txt")
        archive.writestr("two.jsonl", '{"text": "a text"}\n{"text": "نص"}\n')


def _write_checkpoint(folder: Path) -> None:
    import numpy as np

    state = np.frombuffer(json.dumps({"epoch": 2, "best": [0.5, None], "names": ["a"]}).encode(), dtype=np.uint8)
    arrays = {f"weights.{i:05d}": np.ones((3, i + 1), dtype="float32") for i in range(3)}
    np.savez(folder / "last.npz", state=state, **arrays)


# === How each is read ===


def opened(name: str) -> Callable[[Path], Any]:
    """A run, as `predict` opens it, and its answer."""

    def read(folder: Path) -> Any:
        from kerasseq.loading import load

        trained, run = load(folder / name), Path(name).name
        if run == "language_model":
            return [draft.text for draft in trained.generate(["the "], max_length=4, seed=1)]
        return trained.predict(*_asked(run))

    return read


def restored(name: str) -> Callable[[Path], Any]:
    """What training wrote beside the model, without Keras: settings, vocabulary, classes."""

    def read(folder: Path) -> Any:
        from kerasseq.config.finished import read_run
        from kerasseq.files import guarded
        from kerasseq.run_directory import RunDirectory

        run = RunDirectory(folder / name)
        experiment = read_run(run, "torch")
        with guarded(run.task, "what training wrote"):
            task = experiment.task.restore(experiment, run.path)
        return len(task.pipeline.vocabulary)

    return read


def _asked(run: str) -> list[Any]:
    if run == "tagging":
        return [[["Mona", "lives"], []]]
    return [TEXTS, TEXTS[::-1]] if run in ("stars", "regression") else [TEXTS]


def exported(name: str, file: str = "model.onnx") -> Callable[[Path], Any]:
    """An exported file with onnxruntime and NumPy, and its answer."""

    def read(folder: Path) -> Any:
        from kerasseq_runtime import load

        model = load(folder / name / file, threads=1)
        if model.writes:
            return [[draft.text for draft in drafts] for drafts in model.generate(["the "], max_length=4, seed=1)]
        return model.predict(*_asked(name))

    return read


def proved(name: str) -> Callable[[Path], Any]:
    """An exported file as `verify` opens it."""

    def read(folder: Path) -> Any:
        from kerasseq.verify.onnx_file import OnnxFile

        return OnnxFile(folder / name / "unsealed.onnx").precision

    return read


def described(folder: Path) -> Any:
    """The environment of a run, as `evaluate` reads it."""
    from kerasseq.environment import read_environment
    from kerasseq.run_directory import RunDirectory

    return read_environment(RunDirectory(folder / "moods"))


def table(dataset: str) -> Callable[[Path], Any]:
    """The rows of an experiment whose data set is this section, and what `dataset check` says of it."""

    def read(folder: Path) -> Any:
        from kerasseq.config.read import read_experiment
        from kerasseq.corpus.split import split
        from kerasseq.errors import DataError

        path = folder / "fuzzed.toml"
        task = TASKS.get(dataset.split('"')[1], "classification")
        settings = f'name = "fuzzed"\n[dataset]\n{dataset}\n[task]\nname = "{task}"\n'
        settings += '[encoder]\nname = "gru"\nbidirectional = false\n' * (task == "language_model")
        path.write_text(settings, encoding="utf-8")
        experiment = read_experiment(path)
        try:
            rows = experiment.task.table(experiment.dataset.build(), experiment.split)
            sides = split(rows, experiment.split, experiment.task.target)
        except DataError as error:
            if not str(error).startswith("split: "):  # of rows that are too few by now, which is right
                raise
            return str(error)
        return experiment.task.diagnose(experiment, rows, sides).render()

    return read


def guessed(name: str) -> Callable[[Path], Any]:
    """The first config of a file, as `config new` writes it."""

    def read(folder: Path) -> Any:
        from click.testing import CliRunner

        from kerasseq.commands.main import main

        aim = ["--target", "mood"] if name.startswith("t.") else []
        result = CliRunner().invoke(
            main, ["config", "new", str(folder / name), "-o", str(folder / "new.toml"), "--force", *aim]
        )
        return _said(result)

    return read


def answered(name: str) -> Callable[[Path], Any]:
    """The answers to the rows of a file, as `predict --input` reads them."""

    def read(folder: Path) -> Any:
        from kerasseq.config.read import read_experiment
        from kerasseq.datasets.unlabelled import read_texts

        experiment = read_experiment(folder / "moods" / "experiment.toml", finished=True)
        return read_texts(experiment.dataset, folder / name)

    return read


def _said(result: Any) -> str:
    from kerasseq.errors import KerasseqError

    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    if result.exit_code:
        raise KerasseqError(result.output)
    return str(result.output)


def vectors(name: str) -> Callable[[Path], Any]:
    """Word vectors."""

    def read(folder: Path) -> Any:
        from kerasseq.embeddings.vectors import first_words, read_vectors

        first_words(folder / name, 2)
        return read_vectors(folder / name, {"a", "c"})

    return read


def checkpoint(folder: Path) -> Any:
    """Arrays and state of a checkpoint."""
    from kerasseq.training.checkpoint import read_checkpoint

    return read_checkpoint(folder / "last.npz")


def resumed(folder: Path) -> Any:
    """The history of a training that goes on from a checkpoint inside of its second epoch."""
    from kerasseq.errors import RunError

    tiny = _tiny_training()
    place = folder / "resumed"
    (place / "last.npz").unlink(missing_ok=True)
    whole = (place / "within.npz").read_bytes()
    try:
        loop = tiny.build(place, _UPDATES)
        return loop.fit(tiny.examples(16, 0), tiny.examples(8, 1), 8, tiny.Quiet(), resume=True).rows
    except RunError as error:
        if "must stay finite" not in str(error):  # of weights that are numbers, and large
            raise
        return str(error)
    finally:
        (place / "within.npz").write_bytes(whole)


_UPDATES = {"epochs": 2, "checkpoint_minutes": 1e-9}


def _tiny_training() -> Any:
    """A loop of two updates an epoch, as the tests of training have it."""
    path = GOLDEN.parent / "training" / "conftest.py"
    if path.stem not in _loaded:
        spec: Any = spec_from_file_location("tiny_training", path)
        _loaded[path.stem] = module_from_spec(spec)
        spec.loader.exec_module(_loaded[path.stem])
    return _loaded[path.stem]


_loaded: dict[str, Any] = {}


def _write_resumable(folder: Path) -> None:
    """`within.npz` of a training that was cut off in its second epoch."""
    tiny = _tiny_training()
    (folder / "resumed").mkdir()

    class CutOff(tiny.Quiet):  # type: ignore[misc, name-defined]
        def update(self, epoch: int, loss: float, tokens: int) -> None:
            super().update(epoch, loss, tokens)
            if len(self.updates) == 4:
                raise KeyboardInterrupt

    with contextlib.suppress(KeyboardInterrupt):
        tiny.build(folder / "resumed", _UPDATES).fit(
            tiny.examples(16, 0), tiny.examples(8, 1), 8, CutOff(), resume=False
        )


def configured(folder: Path) -> Any:
    """An experiment that nobody has run."""
    from kerasseq.config.read import read_experiment

    return read_experiment(folder / "moods" / "experiment.toml", finished=True).to_toml()


BODIES = {
    "text": ("classification", {"text": "the food"}),
    "texts": ("classification", {"texts": ["the food", "خدمة"]}),
    "pair": ("regression", {"texts": ["a", "b"], "texts_2": ["c", "d"]}),
    "tokens": ("tagging", {"tokens": [["Mona", "lives"], ["x"]]}),
    "prompt": ("language_model", {"prompt": "the ", "max_length": 3, "top_k": 5, "stop": ["x"], "seed": 3}),
}
"""What a client sends to the exported file of a run."""

_served: dict[str, Any] = {}


def body(kind: str) -> Callable[[Path], Any]:
    """A request, from the bytes of its body to the answer of the model."""

    def read(folder: Path) -> Any:
        from kerasseq_serve import generate, sequences
        from kerasseq_serve.model import load
        from kerasseq_serve.settings import Settings

        run, _ = BODIES[kind]
        if run not in _served:
            _served[run] = load(folder / run / "model.onnx", threads=1)
        model, sent, settings = _served[run], (folder / f"{kind}.body").read_bytes(), Settings(max_tokens=8)
        if model.facts.writes:
            return model.write(generate.wanted(sent, model.facts.search, settings))
        asked = sequences.rows(sent, model.facts, settings)
        return model.run(asked.texts) if asked.texts else []

    return read


def scored(folder: Path) -> Any:
    """What a run says of itself, as `evaluate`, trackers and `compare` read it."""
    from kerasseq.evaluation.again import _history
    from kerasseq.run_directory import RunDirectory
    from kerasseq.tracking import _known, _scores

    run = RunDirectory(folder / "moods")
    return _history(run).rows, _known(run), _scores(run.metrics), run.artifacts()


# === All ===

TABLE = 'name = "table"\ntrain = "{}"\ntarget = "mood"'
READ = {
    "t.csv": (TABLE, "bytes", 4),
    "t.csv.gz": (TABLE, "gz", 2),
    "t.tsv": (TABLE, "bytes", 2),
    "t.jsonl": (TABLE, "jsonl", 4),
    "t.json": (TABLE, "json", 3),
    "t.parquet": (TABLE, "bytes", 4),
    "packed.parquet": (TABLE, "bytes", 3),
    "s.npz": ('name = "vectors"\ntrain = "{}"', "zip", 4),
    "s.ts": ('name = "vectors"\ntrain = "{}"', "bytes", 3),
    "s.parquet": ('name = "vectors"\ntrain = "{}"', "bytes", 3),
    "s.arrow": ('name = "vectors"\ntrain = "{}"', "bytes", 3),
    "sentences.conll": ('name = "tokens"\ntrain = "{}"', "bytes", 3),
    "k.conllu": ('name = "tokens"\ntrain = "{}"', "bytes", 3),
    "k.jsonl": ('name = "tokens"\ntrain = "{}"', "jsonl", 3),
    "one.txt": ('name = "parallel"\ntrain = ["{}", "two.txt"]', "bytes", 2),
    "one.txt.gz": ('name = "parallel"\ntrain = ["{}", "two.txt"]', "gz", 2),
    "texts.txt": ('name = "documents"\ntrain = "{}"', "bytes", 1),
    "d.zip": ('name = "documents"\ntrain = "{}"', "zip", 3),
    "steps.csv": ('name = "series"\npath = "{}"\ncolumns = ["level"]\ntime = "month"', "bytes", 3),
}
"""File -> the section that reads it, its sort, its weight."""

TASKS = {"tokens": "tagging", "parallel": "translation", "documents": "language_model", "series": "forecast"}


def kinds() -> tuple[Kind, ...]:
    """All, in the order of the table that the command prints."""
    return tuple([*_runs(), *_exports(), *_files()])


def _runs() -> Iterator[Kind]:
    for name in ("experiment.toml", "environment.json", "task.json", "tokenizer.json"):
        yield Kind(f"early run: {name}", f"moods/{name}", Path(name).suffix[1:], restored("moods"), 4)
    yield Kind("early run: model.keras", "moods/model.keras", "zip", opened("moods"), 0.2)
    yield Kind("early pair: task.json", "stars/task.json", "json", restored("stars"), 3)
    for run, name in (
        *(("classification", name) for name in ("tokenizer.json", "task.json", "experiment.toml", "model.keras")),
        *(("wide", "wide.npz"), ("translation", "target_tokenizer.json"), ("regression", "model.keras")),
        *(("language_model", "tokenizer.json"), ("tagging", "task.json"), ("translation", "model.keras")),
    ):
        sort = {"toml": "toml", "json": "json"}.get(name.rpartition(".")[2], "zip")
        yield Kind(f"{run}: {name}", f"{run}/{name}", sort, opened(run), 0.2, sealed=True)
        if sort == "json" or name == "wide.npz":
            yield Kind(f"{run}: {name}, read further", f"{run}/{name}", sort, restored(run), 3)
    yield Kind("environment.json, of evaluate", "moods/environment.json", "json", described, 100)
    yield Kind("experiment.toml alone", "moods/experiment.toml", "toml", configured, 4)
    yield Kind("checkpoint", "last.npz", "zip", checkpoint, 120)
    yield Kind("checkpoint, of resume", "resumed/within.npz", "zip", resumed, 3)
    for name, sort in (("metrics.json", "json"), ("history.csv", "bytes"), ("exports.json", "json")):
        yield Kind(name, f"moods/{name}", sort, scored, 40)


def _exports() -> Iterator[Kind]:
    for run in ("classification", "regression", "wide", "tagging", "language_model", "translation"):
        yield Kind(f"{run}: model.onnx", f"{run}/model.onnx", "onnx", exported(run), 1, sealed=True)
        yield Kind(f"{run}: unsealed.onnx", f"{run}/unsealed.onnx", "onnx", exported(run, "unsealed.onnx"), 1)
    yield Kind("early run: model.onnx", "moods/model.onnx", "onnx", exported("moods"), 1)
    yield Kind("model.onnx, of verify", "regression/unsealed.onnx", "onnx", proved("regression"), 1)
    for kind in BODIES if find_spec("kerasseq_serve") else ():
        yield Kind(f"request: {kind}", f"{kind}.body", "json", body(kind), 100)


def _files() -> Iterator[Kind]:
    for name, (section, sort, weight) in READ.items():
        yield Kind(name, name, sort, table(section.format(name)), weight)
    for name in ("t.csv", "t.jsonl", "t.parquet", "s.npz", "k.jsonl"):
        yield Kind(f"{name}, of config new", name, READ[name][1], guessed(name), 1)
    for name in ("t.csv", "t.tsv", "t.jsonl", "t.parquet"):
        yield Kind(f"{name}, of predict", name, READ[name][1], answered(name), 2)
    files = {"v.txt": "bytes", "v.txt.gz": "gz", "v.bin": "bytes", "model.bin": "bytes", "v.npz": "zip"}
    for name, sort in files.items():
        yield Kind(f"vectors {name}", name, sort, vectors(name), 120)
