"""One Spec base per kind of component, which authors of plugins import from `kerasseq.plugin`.

A Spec is one validated section of the TOML: frozen, strict, with a docstring under every field. Subclass the base of
your kind, write `build`, import Keras inside it and nowhere else in the module, and declare the class as an entry point
of the group of its kind, `kerasseq.poolers`, `kerasseq.searches`:

    [project.entry-points."kerasseq.poolers"]
    top_k = "my_package.top_k:TopK"

What may be overridden: `build`, `problems`, `to_onnx`, and the class attributes and properties named in each base.
What may not: `kind`, the type of `name`, and the model configuration. No default is None (TOML has no null: use "none",
"auto" or an empty string), and sequences are tuples.

Names and signatures here stay as they are for as long as the entry-point groups are called as they are; a change
that breaks a plugin would come with new groups beside these. `kerasseq.testing` checks a Spec against its contract.
"""

# B batch, T time, D features, U units of the encoder (2 x units when bidirectional), F features of a pooled text

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Protocol, TypeAlias, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, ValidationInfo

from kerasseq.given import MEMORY, written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

__all__ = [
    "DatasetSpec",
    "DecoderSpec",
    "EmbeddingSpec",
    "EncoderSpec",
    "Example",
    "ExporterSpec",
    "InputPath",
    "PoolerSpec",
    "PreprocessorSpec",
    "SearchSpec",
    "Sections",
    "Settings",
    "Spec",
    "Subwords",
    "TaskSpec",
    "TokenizerSpec",
    "TrackerSpec",
    "WideSpec",
    "parts_of",
    "places_of",
]


Tensor: TypeAlias = Any
"""A symbolic tensor of Keras."""
Task: TypeAlias = Any
"""A `kerasseq.tasks.task.Task`; the names here stand for what lies above this module, which names nothing there."""
Graph: TypeAlias = Any
"""A `kerasseq.onnx_graph.graph.Graph`."""
Preprocessor: TypeAlias = Any
"""A `kerasseq.preprocessors.rules.Preprocessor`."""
Tokenizer: TypeAlias = Any
"""A `kerasseq.tokenizers.tokenizer.Tokenizer`."""
Branch: TypeAlias = Any
"""A `kerasseq.wide.branch.Branch`."""
Search: TypeAlias = Any
"""A `kerasseq.searches.search.Search`."""
Exporter: TypeAlias = Any
"""A `kerasseq.exporters.exporter.Exporter`."""
Tracker: TypeAlias = Any
"""A `kerasseq.trackers.tracker.Tracker`."""
Diagnosis: TypeAlias = Any
"""A `kerasseq.diagnosis.findings.Diagnosis`."""
Split: TypeAlias = Any
"""A `kerasseq.corpus.split.Split`."""


def _resolve(value: str, info: ValidationInfo) -> str:
    if value.startswith(MEMORY):  # a table that a run was given
        return value
    if "\0" in value:
        raise ValueError(f"must be a path, got {value[:80]!r}")
    folder = Path((info.context or {}).get("folder", "."))
    return str((folder / Path(value).expanduser()).resolve()) if value else value


InputPath = Annotated[str, AfterValidator(_resolve), PlainSerializer(written, return_type=str, when_used="json")]
"""A path of a file to read. A relative one is taken from the folder of the TOML; stored absolute; empty means none."""


class Settings(BaseModel):
    """Base of every section: frozen, strict, unknown keys are errors, NaN and infinity are refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        validate_default=True,
        use_attribute_docstrings=True,
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield `(key, message)` for what only a look outside can tell: a missing file, an absent column.

        Called once, after the section is valid by itself; must be cheap and must not import Keras.
        The key is relative to the section: `"train"`, `"columns.text"`.
        """
        yield from ()


class Spec(Settings):
    """Base of every component's section."""

    kind: ClassVar[str]
    """The TOML section, the folder and, in the plural, the entry-point group."""

    name: str
    """The component, bare while that is unambiguous, or `distribution/name`."""

    def to_onnx(self, built: Any, graph: Graph, *inputs: str) -> Any:
        """Write the component into an ONNX graph.

        Preprocessors that are rules, and layers made of `keras.ops`, are written without this. What is asked for:

        - of a preprocessor: `built` and the texts, a string tensor `(B,)` -> the texts behind it;
        - of a tokenizer: `built`, trained, and the texts -> all ids of every text, `(B, T)` int64, 0 behind their end;
          truncation and pairs are the exporter's;
        - of an embedding, encoder, pooler or task: each layer of the model that is none of Keras's, as `built`, and its
          tensors, the mask `(B, T)` bool last -> what the layer returns: one name, or a tuple of names. For what cannot
          be followed, such as a recurrent cell, or goes faster so.

        Args:
            built: What `build` returned, or one of its layers.
            graph: Where nodes and constants are added; tensors are known by their names.
            inputs: Names of the tensors.

        Returns:
            The name of the output tensor, or `NotImplemented`, the default: a layer is then followed through its
            `call`, and of a preprocessor or tokenizer the exporter says so.
        """
        return NotImplemented


def parts_of(spec: type[Settings]) -> dict[str, str]:
    """The settings of a component that hold others, such as `parts: tuple[EmbeddingSpec, ...]`, and of which kind."""
    found = {}
    for name, setting in spec.model_fields.items():
        item, *more = get_args(setting.annotation) if get_origin(setting.annotation) is tuple else (None,)
        item = get_args(item)[0] if get_origin(item) is Annotated else item
        if more == [...] and isinstance(item, type) and issubclass(item, Spec):
            found[name] = item.kind
    return found


def places_of(spec: type[Settings]) -> tuple[str, ...]:
    """The settings of a section that say where files are: each an `InputPath`, or several."""
    return tuple(name for name, setting in spec.model_fields.items() if _is_place(setting.annotation, setting.metadata))


def _is_place(annotation: Any, metadata: Sequence[Any] = ()) -> bool:
    if any(getattr(each, "func", None) is _resolve for each in metadata):
        return True
    inner, *more = get_args(annotation) or (None,)
    if get_origin(annotation) is Annotated:
        return _is_place(inner, more)
    return any(map(_is_place, get_args(annotation)))


class DatasetSpec(Spec):
    """`[dataset]`: where the rows come from."""

    kind: ClassVar[str] = "dataset"

    row_kind: ClassVar[str] = "text"
    """What a row is: `"text"` (columns `text` and maybe `text_2`), `"tokens"` (a list of tokens and of a tag for each),
    `"vectors"` (a list of vectors), or `"series"` (one step of a series of numbers). Tasks say what they can use."""

    from_memory: ClassVar[Mapping[str, str]] = {}
    """Which tables in memory it takes in place of files: the role, `train`, `validation` or `test`, and the setting
    of the file. Each is written to a parquet file first, with lists of texts to jsonl, which `build` must read."""

    @property
    def provides(self) -> frozenset[str]:
        """The optional columns that `build` will give: of `text_2`, `group`, `weight`, `split`, `taught`,
        `distribution` and `deviation`."""
        return frozenset()

    def build(self) -> pa.Table:
        """Read everything.

        Returns:
            An Arrow table with the columns `text` (string), `target` (string or number, null where unlabelled),
            `source` (string: the file) and `line` (int64: the 1-based line or row in it), and where they exist `text_2`
            (string: the second text of a pair), `group` (string), `weight` (float64), `split` (string: `train`,
            `validation` or `test`), and where training goes by something else than the target `taught` (as `target`)
            or `distribution` (a struct of a float64 for each class, with sum 1), and `deviation` of it (float64, at
            least 0). Other columns are ignored. The schema's metadata may hold `licence`, `citation`, `labelled_by`,
            `hub` (its name on the Hugging Face Hub) and `target` (the target column's name in the file, for messages).

        Raises:
            DataError: A file is unreadable or a row is wrong; every line says `file:line: column: message`.
        """
        raise NotImplementedError

    def other_columns(self, rows: pa.Table) -> pa.Table:
        """What the files say of rows beside what `build` reads: ids, dates, whatever stands in the same row.

        Args:
            rows: `(N,)` rows that `build` gave, in their order.

        Returns:
            `(N,)` rows of columns of strings, in the order of the file; no columns, the default, where there are none.
        """
        return rows.select([])

    def at(self, path: Path | str, labelled: bool) -> Any:
        """A dataset of the same rows, in another file: to measure on, or to predict on.

        Args:
            path: The file.
            labelled: Whether its rows have targets.

        Returns:
            The dataset, every row of which counts; or `NotImplemented`, the default: the file is then read as the
            built-in dataset of this `row_kind` reads it: texts as a table with `text`, `text_2` and `target`, tokens
            and vectors as datasets of these names.
        """
        return NotImplemented


class Sections(Protocol):
    """The sections of an experiment, as a task sees them; None where the task has no use for one."""

    @property
    def dataset(self) -> DatasetSpec: ...
    @property
    def preprocessor(self) -> tuple[PreprocessorSpec, ...]: ...
    @property
    def tokenizer(self) -> TokenizerSpec | None: ...
    @property
    def embedding(self) -> EmbeddingSpec | None: ...
    @property
    def encoder(self) -> EncoderSpec: ...
    @property
    def pooler(self) -> PoolerSpec | None: ...
    @property
    def task(self) -> TaskSpec: ...
    @property
    def wide(self) -> WideSpec | None: ...
    @property
    def search(self) -> SearchSpec | None: ...
    @property
    def decoder(self) -> DecoderSpec | None: ...
    def describe(self, kind: str) -> str:
        """`pooler "top_k" of kerasseq-poolers 0.2 (package.module:TopK)`, for messages."""


class PreprocessorSpec(Spec):
    """`[[preprocessor]]`: text to text, in the order of the file."""

    kind: ClassVar[str] = "preprocessor"
    idempotent: ClassVar[bool] = False
    """Whether doing it twice gives what doing it once gives, for every text and all settings; the kit checks a True."""

    def build(self) -> Preprocessor:
        """Return a preprocessor: rules as data wherever rules can say it, else a picklable callable on batches."""
        raise NotImplementedError


class TokenizerSpec(Spec):
    """`[tokenizer]`: text to ids."""

    kind: ClassVar[str] = "tokenizer"
    lossless: ClassVar[bool] = False
    """Whether `decode` gives back every text that UTF-8 can write, to the last character; the kit checks a True.
    Without it, encoding what was decoded must give the same ids again, for texts of known tokens."""
    looks_up: ClassVar[bool] = False
    """Whether it looks whole words up, so that words of a file can join its vocabulary: `Tokenizer.extend`."""

    def build(self) -> Tokenizer:
        """Return an untrained tokenizer. Id 0 is padding, id 1 is unknown."""
        raise NotImplementedError

    def pieces_to_onnx(self, built: Tokenizer, graph: Graph, text: str) -> Any:
        """Write the cut alone: texts, a string tensor `(B,)` -> all tokens of every text, `(B, P)`, "" behind its end.

        Asked for where a model reads the letters of tokens; `NotImplemented`, the default, leaves the cut to Python.
        """
        return NotImplemented


@dataclass(frozen=True)
class Subwords:
    """How tokens are cut into n-grams of their letters, with `<` before and `>` behind each token.

    Attributes:
        shortest: Letters of the shortest n-gram, the two marks counted.
        longest: Letters of the longest one.
        limit: Most n-grams that are known: of those in two training tokens or more, the most frequent.
        given: Whether a file gives their vectors: then those of one training token, and of extra words, are known, too.
    """

    shortest: int = 3
    longest: int = 6
    limit: int = 20_000
    given: bool = False


class EmbeddingSpec(Spec):
    """`[embedding]`: ids to vectors."""

    kind: ClassVar[str] = "embedding"

    @property
    def characters_width(self) -> int:
        """Characters of a token that the model reads beside its id, where tokens are given apart; 0 for none."""
        return 0

    @property
    def subwords(self) -> Subwords | None:
        """The n-grams of a token that the model reads beside its id; None for none."""
        return None

    @property
    def has_extra_words(self) -> bool:
        """Whether `extra_words` gives any, known before a file is read."""
        return False

    def extra_words(self) -> Sequence[str]:
        """Words that join the vocabulary beside those of the training rows, preprocessed as they are looked up."""
        return ()

    @property
    def file_widths(self) -> int:
        """How many widths of vectors `without_files` asks for: those that a file says, and no setting."""
        return 0

    def without_files(self, widths: Sequence[int]) -> Any:
        """The same where a checkpoint gives the vectors: what builds layers of the same shapes, and reads no file.

        Args:
            widths: Numbers in a vector, as many as `file_widths` says.

        Returns:
            An `EmbeddingSpec`; or `NotImplemented`, the default where a setting names a file: a run that goes on needs
            it again.
        """
        return NotImplemented if any(getattr(self, name) for name in places_of(type(self))) else self

    @property
    def ties(self) -> bool:
        """Whether what `build` returns has `table`, one `keras.layers.Embedding` whose vectors, as they are, may be the
        weights of a language model's softmax."""
        return False

    def build_characters(self, alphabet: int) -> Callable[..., Tensor]:
        """Return a Keras layer, or a function of Keras layers, `characters(ids, mask=mask)`.

        Shapes: ids `(B, T, C)` int32, 0 behind the end of a token, mask `(B, T)` bool -> `(B, T, D)`, zeros at masked
        steps. Asked for where `characters_width` is above 0.

        Args:
            alphabet: How many ids there are.
        """
        raise NotImplementedError

    def build(self, vocabulary: Sequence[str]) -> Callable[..., Tensor]:
        """Return a Keras layer, or a function of Keras layers, `embedding(tokens, mask=mask)`.

        Shapes: tokens `(B, T)` int32, mask `(B, T)` bool -> `(B, T, D)`. The vector of id 0 stays zero.
        Called on two inputs, it must use the same weights.
        """
        raise NotImplementedError

    def build_ngrams(self, vocabulary: Sequence[str], listed: Sequence[str]) -> Callable[..., Tensor]:
        """Return what `build_subwords` returns; overridden where the vectors of n-grams are not drawn.

        Args:
            vocabulary: See `build`.
            listed: The n-grams that are known, by id from 1.
        """
        return self.build_subwords(vocabulary, len(listed) + 1)

    def build_subwords(self, vocabulary: Sequence[str], ngrams: int) -> Callable[..., Tensor]:
        """Return what `build` returns, called as `embedding(tokens, subwords, mask=mask)`.

        Shapes: subwords `(B, T, S)` int32, the n-grams of each token, 0 where there is none. Asked for in place of
        `build` where `subwords` is not None.

        Args:
            vocabulary: See `build`.
            ngrams: How many ids of n-grams there are, 0 included.
        """
        raise NotImplementedError


class EncoderSpec(Spec):
    """`[encoder]`: vectors to vectors in context."""

    kind: ClassVar[str] = "encoder"
    own_task: ClassVar[str] = ""
    """The one task that it stands in, by its bare name, where it is no layer that any task could take: another is
    refused, `build` is never asked for, and `kerasseq.testing` checks it with that task. Empty for any task."""

    @property
    def directions(self) -> int:
        """2 where the last axis holds a forward half and a backward half, else 1. The `last` pooler asks."""
        return 1

    @property
    def composes(self) -> bool:
        """Whether `build_composition` builds a second encoder, which `task.pair = "esim"` needs."""
        return False

    def build(self) -> Callable[..., Tensor]:
        """Return a Keras layer, or a function of Keras layers, `encoder(x, mask=mask)`.

        Shapes: `(B, T, D)`, mask `(B, T)` bool -> `(B, T, U)`. What stands at masked steps must not reach valid ones.
        Called on two inputs, it must use the same weights.
        """
        raise NotImplementedError

    @property
    def carries(self) -> bool:
        """Whether `build_carried` builds an encoder that takes states, and never looks ahead."""
        return False

    def build_carried(self) -> Any:
        """Return what reads a text piece by piece, which a language model needs; asked for where `carries` is true.

        It has `states`, a mapping from names to widths, and `carried(x, mask, states)`: `(B, T, D)`, mask `(B, T)`
        bool, states `(B, width)` by their names -> `(B, T, U)`, and the states behind each row's last valid step.
        """
        raise NotImplementedError

    def build_composition(self) -> Callable[..., Tensor]:
        """Return what `build` returns, with weights of its own; its layers have other names.

        Asked for where `composes` is true, once a model, beside `build`.
        """
        raise NotImplementedError


class PoolerSpec(Spec):
    """`[pooler]`: one vector per text."""

    kind: ClassVar[str] = "pooler"

    def build(self, directions: int) -> Callable[..., Tensor]:
        """Return a Keras layer, `pooler(x, mask=mask)`.

        Shapes: `(B, T, U)`, mask `(B, T)` bool -> `(B, F)`, or a pair of that and the weight of each step, `(B, T)`,
        which the report shows. An all-masked row gives a finite vector.

        Args:
            directions: What the encoder's `directions` says.
        """
        raise NotImplementedError


class DecoderSpec(Spec):
    """`[decoder]`: writes a text, step by step, from one that an encoder has read."""

    kind: ClassVar[str] = "decoder"

    def build(self, directions: int) -> Any:
        """Return a Keras layer called "decoder", `decoder(x, mask, memory, memory_mask)`.

        Shapes: what was written so far as vectors `(B, T, D)` and its mask `(B, T)` bool, the encoded text
        `(B, S, E)` and its mask `(B, S)` bool -> `(B, T, H)`, of which what comes next is said. A step must hang on no
        later one, and neither on masked ones. So that a text can be written step by step, it has as well:

        - `begin(memory, memory_mask)`: two mappings from names to tensors: what every step reads, `(B, S, ...)`, and
          the states before the first step, `(B, U)`; called once a text.
        - `step(x, held, memory_mask, states)`: one vector `(B, D)` and what `begin` gave -> `(B, H)`, how much each
          step of the text was attended to `(B, S)`, zeros where nothing is, and the states behind it. In `keras.ops`,
          the same numbers as the call's.

        Args:
            directions: What the encoder's `directions` says.
        """
        raise NotImplementedError


class WideSpec(Spec):
    """`[wide]`: a linear model beside the network, which shares the answer as far as validation says that it should."""

    kind: ClassVar[str] = "wide"
    pairs: ClassVar[bool] = False
    """Whether it reads the two texts of a pair apart: its branch is given `(first, second)` for each row."""

    share: Annotated[float, Field(ge=0, le=1)] | Literal["auto"] = "auto"
    """The network's part of the answer; the rest is the linear model's. `auto`: what is best on the validation rows,
    and 0 where the network does not help."""

    def build(self) -> Branch:
        """Return an unfitted `kerasseq.wide.branch.Branch`."""
        raise NotImplementedError


class SearchSpec(Spec):
    """`[search]`: how an answer is written, by a model that says what may come next."""

    kind: ClassVar[str] = "search"

    def build(self) -> Search:
        """Return a `kerasseq.searches.search.Search`."""
        raise NotImplementedError


@dataclass(frozen=True)
class Example:
    """A small experiment of a task, in which `kerasseq.testing` checks it.

    Attributes:
        table: Some rows that the task can learn, eight or more, with the columns that `DatasetSpec.build` gives.
        rows: What a row is, as `DatasetSpec.row_kind` says it.
        sections: Components in place of the kit's plain ones: `{"encoder": LSTM(name="lstm", units=3)}`. `dataset` is
            among them where the task asks more of it than what a row is and which columns there are.
    """

    table: pa.Table
    rows: str = "text"
    sections: Mapping[str, Spec] = field(default_factory=dict)


class TaskSpec(Spec):
    """`[task]`: targets, head, loss, metrics, baselines, decoding; decides which sections an experiment has."""

    kind: ClassVar[str] = "task"
    needs: ClassVar[frozenset[str]] = frozenset()
    """Sections that must be in the experiment."""
    forbids: ClassVar[frozenset[str]] = frozenset()
    """Sections that have no meaning for this task."""
    takes: ClassVar[frozenset[str]] = frozenset()
    """Of the sections that few experiments have, `decoder`, `wide` and `search`, those that this task makes use of."""
    softens: ClassVar[bool] = False
    """Whether its targets can lie between two answers, as shares of classes do, and numbers."""
    target: ClassVar[str] = "none"
    """What a target is: `"class"`, `"number"`, `"text"`, `"order"` (rows follow each other in time) or `"none"`. Splits
    ask."""

    def defaults(self, dataset: DatasetSpec | None) -> Mapping[str, str]:
        """Section -> the component that stands in it where a config names none, if it is another than mostly.

        Args:
            dataset: None where that section is wrong.
        """
        return {}

    def sections(self, dataset: DatasetSpec | None) -> tuple[frozenset[str], frozenset[str]]:
        """The sections that an experiment on this dataset needs, and those that have no meaning in it.

        Args:
            dataset: None where that section is wrong.
        """
        return self.needs, self.forbids

    def conflicts(self, sections: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield `(key, message)` for what other sections say that this task cannot use; keys are absolute."""
        yield from ()

    def table(self, table: pa.Table, split: Any) -> pa.Table:
        """The dataset's rows as rows of this task, before they are split; the same, unless it cuts windows.

        Args:
            table: See `DatasetSpec.build`.
            split: The section `[split]`.
        """
        return table

    def unlabelled(self, table: pa.Table) -> pa.Table:
        """The dataset's rows, without targets, as rows of this task to predict on; the same, unless it cuts windows."""
        return table

    def build(self, sections: Sections, table: pa.Table) -> Task:
        """Learn from the training rows what has to be learned: classes, a mean, a vocabulary.

        Args:
            sections: The other sections of the experiment.
            table: The training rows.
        """
        raise NotImplementedError

    def restore(self, sections: Sections, folder: Path) -> Task:
        """The built task again.

        Args:
            sections: The other sections of the experiment.
            folder: A run, with `task.json` and what the pipeline saved.
        """
        raise NotImplementedError

    def diagnose(self, sections: Sections, table: pa.Table, sides: Split) -> Diagnosis:
        """What is wrong with the data, for `kerasseq dataset check`; must not import Keras."""
        from kerasseq.errors import UsageError

        raise UsageError(f'task "{self.name}": has no check of its data; kerasseq run says what is wrong with it')

    def example(self) -> Example | None:
        """What `kerasseq.testing` checks the task on: rows that suit its settings.

        None, the default, for a task that gives a text a class or a number; the kit has texts for these.
        """
        return None


class ExporterSpec(Spec):
    """`[[exporter]]`: one artifact beside the run, proved equal to the model before it is kept."""

    kind: ClassVar[str] = "exporter"

    def build(self) -> Exporter:
        """Return an exporter."""
        raise NotImplementedError


class TrackerSpec(Spec):
    """`[[tracker]]`: who is told of a run: its settings, each epoch, and what came of it."""

    kind: ClassVar[str] = "tracker"

    def build(self) -> Tracker:
        """Return a tracker, once a run. A library that is missing is for here to say: `problems` would end the run."""
        raise NotImplementedError
