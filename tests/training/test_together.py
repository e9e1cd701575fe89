"""Workers that share each update: the numbers are those of one that has all rows."""

from __future__ import annotations

import runpy
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from kerasseq.corpus.streams import Streams
from kerasseq.encoders.recurrent import GRU
from kerasseq.training.checkpoint import read_checkpoint


@dataclass
class Threads:
    """What workers on several machines are to each other, in threads of one process, of which one runs at a time.

    Keras and torch change the filters of warnings for a moment, which two threads at once would mix up.
    """

    rank: int
    size: int
    barrier: threading.Barrier
    turn: threading.Lock = field(default_factory=threading.Lock)
    laid: dict[int, Any] = field(default_factory=dict)

    def sum(self, values: Any) -> None:
        found = self._all(values.copy())
        values[...] = sum(found[rank] for rank in range(self.size))

    def share(self, values: Any) -> None:
        values[...] = self._all(values.copy())[0]

    def said(self, what: Mapping[str, Any]) -> dict[str, Any]:
        return dict(self._all(what)[0])

    def _all(self, own: Any) -> dict[int, Any]:
        self.laid[self.rank] = own
        self._wait()
        found = dict(self.laid)
        self._wait()
        return found

    def _wait(self) -> None:
        self.turn.release()
        try:
            self.barrier.wait()
        finally:
            self.turn.acquire()


def together(size: int, work: Callable[[Threads], Any]) -> list[Any]:
    """What each of `size` workers gives; the first one leads."""
    first = Threads(0, size, threading.Barrier(size, timeout=120))

    def one(rank: int) -> Any:
        with first.turn:
            try:
                return work(replace(first, rank=rank))
            except BaseException:
                first.barrier.abort()
                raise

    with ThreadPoolExecutor(size) as pool:
        return [each.result() for each in [pool.submit(one, rank) for rank in range(size)]]


def weighted(examples: Any) -> Any:
    """Rows that count differently, one of them nothing."""
    weights = np.random.default_rng(3).uniform(0.2, 3, len(examples)).astype("float32")
    weights[5] = 0
    return replace(examples, weights=weights)


SETTINGS = {"epochs": 3, "batch_size": 7, "learning_rate": 0.01, "global_clipnorm": 0.05}


@pytest.mark.parametrize(
    ("size", "settings", "encoder"),
    [
        (2, {"plateau_patience": 1, "accumulate": 2}, None),
        (2, {"schedule": "cosine", "warmup_steps": 2}, None),
        pytest.param(
            3,
            {"averaging": 0.9, "warmup_steps": 5, "optimizer": "sgd", "stopping_patience": 1},
            GRU(name="gru", units=3, layers=1, dropout=0.0),
            marks=pytest.mark.once,
        ),
    ],
)
def test_the_history_and_the_weights_are_those_of_one_worker(
    tmp_path, make, rows, quiet, weights, size, settings, encoder
):
    train, validation = weighted(rows(30, 0)), rows(12, 1)  # five batches, the last one of two rows
    loops = [make(tmp_path / str(n), {**SETTINGS, **settings}, encoder=encoder) for n in range(size + 1)]
    for loop in loops:
        loop.checkpoints.mkdir()
    alone, *workers = loops

    def work(team):
        loop = workers[team.rank]
        loop.engine.team = team
        return loop.follow(train, quiet) if team.rank else loop.fit(train, validation, 8, quiet)

    wanted = alone.fit(train, validation, 8, quiet)
    found = together(size, work)[0]
    assert len(found.rows) == len(wanted.rows) and found.best_epoch == wanted.best_epoch
    for one, other in zip(found.rows, wanted.rows, strict=True):
        assert one == pytest.approx(other, abs=1e-5)
    for one, other in zip(weights(workers[0].model), weights(alone.model), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert not any(list(loop.checkpoints.iterdir()) for loop in workers[1:])  # the leader alone writes


def test_each_worker_draws_for_itself_and_what_it_draws_goes_on_behind_an_epoch(tmp_path, make, rows, quiet, weights):
    train, validation = rows(24, 0), rows(8, 1)

    def run(folder, epochs, resume=False):
        (tmp_path / folder).mkdir(exist_ok=True)
        seen = {}

        def work(team):
            where = tmp_path / folder / ("" if team.rank == 0 else "none")
            loop = make(where, {"epochs": epochs, "batch_size": 8}, word_dropout=0.4)
            loop.engine.team = team
            if team.rank:
                loop.follow(train, quiet)
            else:
                loop.fit(train, validation, 8, quiet, resume)
            weight = {id(each) for each in loop.model.weights}
            states = [v for v in loop.model.variables if id(v) not in weight]
            seen[team.rank] = [keras.ops.convert_to_numpy(state.value).tolist() for state in states]

        together(2, work)
        assert seen[0] and seen[0] != seen[1]
        return read_checkpoint(tmp_path / folder / "last.npz")[1]

    whole = run("whole", 4)
    run("parts", 2)
    parts = run("parts", 4, resume=True)
    for group in ("model", "optimizer"):
        for one, other in zip(whole[group], parts[group], strict=True):
            np.testing.assert_array_equal(one, other)


def test_rows_of_no_weight_and_a_worker_without_rows(tmp_path, make, rows, weights):
    examples = rows(3, 0)
    nothing = replace(examples, weights=np.zeros(3, "float32"))

    def step(team, given):
        loop = make(tmp_path, {"learning_rate": 0.1, "optimizer": "sgd"})
        loop.engine.team = team
        before = weights(loop.model)
        parts = examples.part(np.arange(3), team.rank, team.size)
        done = loop.engine.train([given.batch(part) for part in parts])
        return done, before, weights(loop.model)

    (one, _, wanted), *_ = together(1, lambda team: step(team, examples))
    for done, _, found in together(4, lambda team: step(team, examples)):
        assert done[:3] == pytest.approx(one[:3], abs=1e-6)
        for a, b in zip(found, wanted, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)
    for done, before, after in together(2, lambda team: step(team, nothing)):
        assert done == (0.0, 0.0, 0.0, ())
        assert all(map(np.array_equal, before, after))


def test_the_lanes_of_a_stream_stay_with_their_worker(rows):
    tokens = rows(9, 0).inputs["tokens"]
    streams = Streams({"tokens": tokens, "next": tokens}, tokens, bptt=4)
    for piece in streams.sampler(5, 0, seed=1).batches():
        parts = [part for rank in range(2) for part in streams.part(piece, rank, 2)]
        assert [part.continues for part in parts] == [piece.continues] * 2
        assert [part.starts.tolist() for part in parts] == [piece.starts[0::2].tolist(), piece.starts[1::2].tolist()]
    assert streams.part(piece, 7, 8) == []


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize("shape", ["regression", "wide", "tagging", "language_model", "translation"])
def test_every_task_is_shared(tmp_path, shape):
    from kerasseq.config.read import read_experiment
    from kerasseq.experiment import build, follow, train
    from kerasseq.run_directory import RunDirectory

    made = runpy.run_path(str(Path(__file__).parents[1] / "golden/make.py"))
    differs, sections = made["SHAPES"][shape]
    settings = {"tokenizer": "whitespace", "encoder": "lstm", "units": 3, "both": "true"}
    settings |= {"longest": "max_length = 16\n", "epochs": 3, **differs}
    made["write_data"](tmp_path)
    toml = tmp_path / "shape.toml"
    toml.write_text(made["HEAD"].format(name=shape, **settings) + sections, encoding="utf-8")
    off = ["task.dropout=0.0", *(["decoder.dropout=0.0"] if shape == "translation" else [])]
    experiment = read_experiment(toml, ["training.optimizer=sgd", "training.learning_rate=0.3", *off])
    built = [build(experiment) for _ in range(3)]

    def work(team):
        trained, prepared = built[team.rank]
        trained.engine.team = team
        if team.rank:
            return follow(trained, prepared)
        return train(trained, prepared, RunDirectory.create(tmp_path, "two"))

    alone, prepared = built[2]
    wanted = train(alone, prepared, RunDirectory.create(tmp_path, "one"))
    found, _ = together(2, work)
    for one, other in zip(found.rows, wanted.rows, strict=True):
        assert one == pytest.approx(other, abs=1e-5)
    for one, other in zip(built[0][0].model.get_weights(), alone.model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
