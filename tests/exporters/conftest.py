import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result


@pytest.fixture
def kerasseq_main() -> Callable[..., Result]:
    """The command line in this process."""
    from kerasseq.commands.main import main

    return lambda *arguments: CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture(scope="session")
def opened_here() -> Callable[[], AbstractContextManager[None]]:
    """`with opened_here():` files are opened in this process, as `opened` opens them in a new one.

    Importing Keras or torch takes longer than the rest; that they need no more, the test of each command shows.
    """
    from kerasseq.exporters.fresh import Ask
    from kerasseq.exporters.fresh_worker import _KINDS

    @contextmanager
    def opened(kind: str, path: Path, name: str, *process: Any) -> Iterator[Ask]:
        answer = _KINDS[kind](str(path))

        def ask(inputs: Sequence[Any]) -> dict[str, Any]:
            with warnings.catch_warnings(action="ignore"):  # as a new process has them
                return answer({str(place): each for place, each in enumerate(inputs)})

        yield ask

    @contextmanager
    def patched() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for kind in ("keras", "torch"):
                patch.setattr(f"kerasseq.exporters.{kind}.exporter.opened", opened)
            yield

    return patched


@pytest.fixture(scope="session")
def network() -> Callable[..., Any]:
    """`network(encoder={"name": "gru"}, pooler="last")`: a built model of 30 tokens, and its task.

    Its weights are nowhere zero, not even in biases and statistics. `range` or `deviation` make it a regression.
    """
    from kerasseq.initial_weights import initialise
    from kerasseq.model import Parts
    from kerasseq.pipelines.text import TextPipeline
    from kerasseq.registry.components import load

    def spec(kind: str, name: str, **options: Any) -> Any:
        return load(kind, name)[1](name=name, **options)

    def build(
        encoder: dict[str, Any] | None = None,
        pooler: str = "mean",
        embedding: dict[str, Any] | None = None,
        regression: dict[str, Any] | None = None,
        pair: str = "single",
        match: str = "none",
    ) -> tuple[Any, Any]:
        encoder = {"name": "none"} if encoder is None else {"units": 5, "layers": 1, **encoder}
        vectors = spec("embedding", "learned", **{"dimension": 6, **(embedding or {})})
        reader = spec("encoder", **encoder)
        cutter = spec("tokenizer", "whitespace", min_frequency=1)
        pipeline = TextPipeline((), cutter, cutter.build(), pair, match=match)
        pipeline.tokenizer.train([" ".join(f"word{10 * n}" for n in range(27))])
        task = spec("task", "classification").restored({"labels": ["a", "b", "c"]}, pipeline)
        if regression is not None:
            task = spec("task", "regression", **regression).restored({"mean": 0.4, "deviation": 0.25}, pipeline)
        sections = SimpleNamespace(embedding=vectors, encoder=reader, pooler=spec("pooler", pooler), decoder=None)
        model = task.build_model(Parts.of(sections, pipeline))
        initialise(model, 0)
        random = np.random.default_rng(0)
        for variable in model.variables:
            if variable.name in ("bias", "beta", "gamma", "moving_mean", "moving_variance"):
                variable.assign(random.uniform(0.2, 1.0, variable.shape).astype("float32"))
        return model, task

    return build


@pytest.fixture(scope="session")
def some_ids() -> Callable[..., Any]:
    """`some_ids(batch, time)`: right-padded rows, rows with gaps and on the left, and a row of padding alone."""

    def draw(batch: int, time: int, seed: int = 0) -> Any:
        random = np.random.default_rng(seed)
        ids = random.integers(1, 30, (batch, time))
        ids[np.arange(time) >= random.integers(0, time + 1, (batch, 1))] = 0
        ids[1::3] = random.integers(1, 30, ids[1::3].shape) * (random.random(ids[1::3].shape) < 0.5)
        ids[2::9] = 0
        return ids

    return draw
