"""The public face for plugin authors: one Spec base per kind of component.

A Spec is one validated section of the TOML: frozen, strict, with a docstring under every field. Subclass the base of
your kind, write `build`, import Keras inside it and nowhere else in the module, and declare the class as an entry point
of the group `kerasseq.<kind>s`:

    [project.entry-points."kerasseq.poolers"]
    top_k = "my_package.top_k:TopK"

What may be overridden: `build`, `problems`, `to_onnx`, and the class attributes and properties named in each base.
What may not: `kind`, the type of `name`, and the model configuration. No default is None (TOML has no null: use "none",
"auto" or an empty string), and sequences are tuples.

Names and signatures here stay as they are for as long as the entry-point groups are called `kerasseq.<kind>s`; a change
that breaks a plugin would come with new groups beside these. `kerasseq.testing` checks a Spec against its contract.
"""

# B batch, T time, D features, U units of the encoder (2 x units when bidirectional), F features of a pooled text

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import keras
    import pyarrow as pa

    from kerasseq.exporters.exporter import Exporter
    from kerasseq.exporters.onnx_graph import Graph
    from kerasseq.preprocessors.rules import Preprocessor
    from kerasseq.tasks.task import Task
    from kerasseq.tokenizers.tokenizer import Tokenizer

__all__ = [
    "DatasetSpec",
    "EmbeddingSpec",
    "EncoderSpec",
    "ExporterSpec",
    "InputPath",
    "PoolerSpec",
    "PreprocessorSpec",
    "Settings",
    "Spec",
    "TaskSpec",
    "TokenizerSpec",
]


def _resolve(value: str, info: ValidationInfo) -> str:
    folder = Path((info.context or {}).get("folder", "."))
    return str((folder / Path(value).expanduser()).resolve()) if value else value


InputPath = Annotated[str, AfterValidator(_resolve)]
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
    """The TOML section, the folder and, with an s, the entry-point group."""

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


class DatasetSpec(Spec):
    """`[dataset]`: where the rows come from."""

    kind: ClassVar[str] = "dataset"

    @property
    def provides(self) -> frozenset[str]:
        """The optional columns that `build` will give: of `text_2`, `group`, `weight` and `split`."""
        return frozenset()

    def build(self) -> pa.Table:
        """Read everything.

        Returns:
            An Arrow table with the columns `text` (string), `target` (string or number, null where unlabelled),
            `source` (string: the file) and `line` (int64: the 1-based line or row in it), and where they exist `text_2`
            (string: the second text of a pair), `group` (string), `weight` (float64) and `split` (string: `train`,
            `validation` or `test`). Other columns are ignored. The schema's metadata may hold `licence`, `citation`
            and `target` (the target column's name in the file, for messages).

        Raises:
            DataError: A file is unreadable or a row is wrong; every line says `file:line: column: message`.
        """
        raise NotImplementedError


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

    def build(self) -> Tokenizer:
        """Return an untrained tokenizer. Id 0 is padding, id 1 is unknown."""
        raise NotImplementedError


class EmbeddingSpec(Spec):
    """`[embedding]`: ids to vectors."""

    kind: ClassVar[str] = "embedding"

    def build(self, vocabulary: Sequence[str]) -> Callable[..., keras.KerasTensor]:
        """Return a Keras layer, or a function of Keras layers, `embedding(tokens, mask=mask)`.

        Shapes: tokens `(B, T)` int32, mask `(B, T)` bool -> `(B, T, D)`. The vector of id 0 stays zero.
        Called on two inputs, it must use the same weights.
        """
        raise NotImplementedError


class EncoderSpec(Spec):
    """`[encoder]`: vectors to vectors in context."""

    kind: ClassVar[str] = "encoder"

    @property
    def directions(self) -> int:
        """2 where the last axis holds a forward half and a backward half, else 1. The `last` pooler asks."""
        return 1

    def build(self) -> Callable[..., keras.KerasTensor]:
        """Return a Keras layer, or a function of Keras layers, `encoder(x, mask=mask)`.

        Shapes: `(B, T, D)`, mask `(B, T)` bool -> `(B, T, U)`. What stands at masked steps must not reach valid ones.
        Called on two inputs, it must use the same weights.
        """
        raise NotImplementedError


class PoolerSpec(Spec):
    """`[pooler]`: one vector per text."""

    kind: ClassVar[str] = "pooler"

    def build(self, directions: int) -> Callable[..., keras.KerasTensor]:
        """Return a Keras layer, `pooler(x, mask=mask)`.

        Shapes: `(B, T, U)`, mask `(B, T)` bool -> `(B, F)`, or a pair of that and the weight of each step, `(B, T)`,
        which the report shows. An all-masked row gives a finite vector.

        Args:
            directions: What the encoder's `directions` says.
        """
        raise NotImplementedError


class TaskSpec(Spec):
    """`[task]`: targets, head, loss, metrics, baselines, decoding; decides which sections an experiment has."""

    kind: ClassVar[str] = "task"
    needs: ClassVar[frozenset[str]] = frozenset()
    """Sections that must be in the experiment."""
    forbids: ClassVar[frozenset[str]] = frozenset()
    """Sections that have no meaning for this task."""
    target: ClassVar[str] = "none"
    """What a target is: `"class"`, `"number"` or `"none"`. Splits and the data check ask."""

    def conflicts(self, sections: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield `(key, message)` for what other sections say that this task cannot use; keys are absolute."""
        yield from ()

    def build(self, targets: pa.ChunkedArray[Any]) -> Task:
        """Learn from the training targets what has to be learned (classes, mean and deviation).

        Args:
            targets: The `target` column of the training rows.
        """
        raise NotImplementedError


class ExporterSpec(Spec):
    """`[[exporter]]`: one artifact beside the run, proved equal to the model before it is kept."""

    kind: ClassVar[str] = "exporter"

    def build(self) -> Exporter:
        """Return an exporter."""
        raise NotImplementedError
