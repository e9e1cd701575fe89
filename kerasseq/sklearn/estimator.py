"""What both estimators are: parameters that are kept as given, a run that is trained from them, its answers."""

# N rows

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from kerasseq.backend.select import select
from kerasseq.config.experiment import Experiment
from kerasseq.errors import DataError
from kerasseq.given import take_back
from kerasseq.progress import told
from kerasseq.run_directory import RunDirectory
from kerasseq.sklearn.errors import InvalidInput
from kerasseq.sklearn.files import open_files, take_files
from kerasseq.sklearn.rows import Rows, read_texts
from kerasseq.sklearn.settings import make_experiment

if TYPE_CHECKING:
    from kerasseq.tasks.predictions import Predictions
    from kerasseq.trained import TrainedModel

__all__ = ["TextEstimator"]


class TextEstimator(BaseEstimator):
    """A model of texts, or of pairs of texts, with scikit-learn's manners; see the classes for a task.

    Attributes:
        history_: One dict per epoch: losses, scores of the validation rows, learning rate.
        run_: The run directory; None where it was temporary.
        trained_: The model, as `kerasseq.load` gives it: `attention`, `explain`, the Keras model in `model`.
    """

    def __init__(
        self,
        *,
        config: Path | str | Mapping[str, Any] | None = None,
        overrides: Sequence[str] = (),
        encoder: str | None = None,
        units: int | None = None,
        layers: int | None = None,
        bidirectional: bool | None = None,
        embedding: str | None = None,
        dimension: int | None = None,
        pooler: str | None = None,
        dropout: float | None = None,
        tokenizer: str | None = None,
        max_length: int | None = None,
        wide: str | bool | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        validation: float | None = None,
        random_state: Any = None,
        backend: str | None = None,
        run: Path | str | None = None,
        verbose: int = 0,
    ) -> None:
        """Keep every parameter as it is given; `fit` judges them.

        One that is None is what the config says, and without a config what `kerasseq config new` writes for rows like
        these. `fit` cuts the rows that choose the epoch from those that it is given, and none to measure on.

        Args:
            config: A TOML file, or its tables as a dict: everything that has no parameter. Its data, and how it would
                cut a test from them, are left aside. None for `kerasseq config new`.
            overrides: `"training.stopping_patience=5"`, each a key path and a TOML value; they weigh most.
            encoder: `"lstm"`, `"gru"`, `"simple_rnn"`, `"none"`, or the component of a plugin; so the other names.
            units: Hidden size of each direction of a layer.
            layers: Recurrent layers.
            bidirectional: Whether texts are read both ways.
            embedding: `"learned"`, `"pretrained"`, `"subword"`, ...
            dimension: Numbers in the vector of a token.
            pooler: `"attention"`, `"mean"`, `"max"`, `"last"`, ...
            dropout: Of the pooled text before the head, in [0, 1).
            tokenizer: `"word"`, `"character"`, `"subword"`, ...
            max_length: Most tokens of a text; more are cut off.
            wide: The linear model beside the network, `"ngrams"` or for pairs `"overlap"`; False for none.
            epochs: Most passes over the rows; early stopping usually ends sooner.
            batch_size: Texts per batch.
            learning_rate: At the start.
            validation: Share of the rows that chooses the epoch, in [0, 1), stratified where each class has rows for
                both sides. None is that of the config or 0.1, and nothing of so few rows that it is none.
            random_state: Seed of weights, batch order, dropout and that share; a RandomState draws one. None is that of
                the config, 0 where it says nothing: the same rows give the same model.
            backend: `"torch"` or `"jax"`. None is what Keras runs on, and before that the usual precedence.
            run: A folder in which run directories are made and stay, for `kerasseq.load(estimator.run_)` and the
                command line. None trains in a temporary one.
            verbose: 1 shows how training goes.
        """
        self.config = config
        self.overrides = overrides
        self.encoder = encoder
        self.units = units
        self.layers = layers
        self.bidirectional = bidirectional
        self.embedding = embedding
        self.dimension = dimension
        self.pooler = pooler
        self.dropout = dropout
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.wide = wide
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.validation = validation
        self.random_state = random_state
        self.backend = backend
        self.run = run
        self.verbose = verbose

    _trained: TrainedModel | None
    _files: Mapping[str, bytes]

    @property
    def trained_(self) -> TrainedModel:
        """The model; a pickled estimator opens it when it is first asked for."""
        check_is_fitted(self)
        if self._trained is None:
            self._trained = open_files(self._files)
        return self._trained

    def _fit(self, rows: Rows, task: str) -> None:
        """Train on rows and keep what comes out.

        Raises:
            InvalidInput: The parameters, or the rows, are wrong.
            UsageError: Keras runs on another backend already.
            RunError: Training diverged, or there is no room.
        """
        experiment = make_experiment(rows, task, self.get_params(deep=False))
        told_of = told(bool(self.verbose), experiment.training.epochs)
        with _freed(experiment), self._folder() as folder, told_of as progress:
            select(experiment.backend)
            from kerasseq.experiment import build, train

            try:
                trained, prepared = build(experiment)
            except DataError as error:
                raise InvalidInput(str(error)) from error
            directory = RunDirectory.create(folder, experiment.name)
            self.history_ = train(trained, prepared, directory, progress).rows
            self._files = take_files(directory)
        self._trained = trained
        self._texts = len(rows.texts)
        self.run_ = directory.path if self.run is not None else None

    @contextlib.contextmanager
    def _folder(self) -> Iterator[Path]:
        """Where the run directory is made."""
        if self.run is not None:
            yield Path(self.run)
            return
        with tempfile.TemporaryDirectory(prefix="kerasseq-sklearn-") as folder:
            yield Path(folder)

    def _predictions(self, X: Any) -> Predictions:
        """Answers to `N` rows.

        Raises:
            NotFittedError: Before `fit`.
            InvalidInput: A row is no text, or no pair as those of `fit`.
        """
        check_is_fitted(self)
        texts = read_texts(X)
        if len(texts) != self._texts:
            got = "pairs" if len(texts) > 1 else "single texts"
            raise InvalidInput(f"X: must be {'single texts' if self._texts == 1 else 'pairs'} as in fit, got {got}")
        trained = self.trained_
        return trained.answer(trained.task.pipeline.given(*texts)).predictions

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = dict(super().__getstate__())
        if "_trained" in state:
            state["_trained"] = None  # the files say everything
        return state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.input_tags.string = True
        return tags


@contextlib.contextmanager
def _freed(experiment: Experiment) -> Iterator[None]:
    """Delete the file of the rows in the end."""
    try:
        yield
    finally:
        take_back(getattr(experiment.dataset, type(experiment.dataset).from_memory["train"]))
