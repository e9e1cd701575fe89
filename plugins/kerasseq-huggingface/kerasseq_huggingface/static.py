"""`[embedding] name = "static"`: the token vectors of a model2vec folder."""

# V size of the vocabulary, T tokens of the file, R rows of its vectors, D numbers in a vector

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq.plugin import SPECIALS, UNKNOWN, DataError, InputPath, KeptVectors, VectorSettings, damage, table_lookup
from kerasseq_huggingface.tokenizer import FILE, names_of, read_library, unknown_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from kerasseq.plugin import Lookup

__all__ = ["Static", "token_vectors"]

WEIGHTS = "model.safetensors"
NAMES = ("embeddings", "embedding.weight")
"""What model2vec and sentence-transformers call the vectors."""


class Static(VectorSettings):
    """Vectors of tokens that were distilled from a sentence model (model2vec; Tulkens & van Dongen, 2024).

    A folder holds `model.safetensors` and `tokenizer.json`. Where it has a weight for each token (by Zipf's law, or SIF
    as Arora et al., 2017), vectors are multiplied by it, so that with `encoder.name = "none"` and
    `pooler.name = "mean"` a text of known tokens has the vector that model2vec gives it, before `normalize`; an unknown
    token counts here with its vector, and not there. The tokenizer must be `huggingface` with the same folder. The
    vector of padding is zero and stays zero.
    """

    name: str = "static"
    """The component."""
    folder: InputPath = ""
    """The folder, on this machine; nothing is downloaded."""
    trainable: bool = False
    """Tune the vectors with the model; false keeps them as they are."""

    def problems(self) -> Iterator[tuple[str, str]]:
        """A folder without its files."""
        lacking = [name for name in (WEIGHTS, FILE) if not (Path(self.folder) / name).is_file()]
        if not self.folder or lacking:
            yield "folder", f"must be a folder with {WEIGHTS} and {FILE}, got {self.folder or 'none'}"

    def build(self, vocabulary: Sequence[str]) -> Lookup:
        """Return a `Lookup` of genuine Keras layers, `(B, T)` -> `(B, T, D)`, D as in the file.

        Raises:
            DataError: The files are damaged, do not go together, or are of another tokenizer.
        """
        return table_lookup(_table(Path(self.folder), vocabulary), self, self.trainable)

    @property
    def file_widths(self) -> int:
        """That of the file."""
        return 1

    def without_files(self, widths: Sequence[int]) -> KeptVectors:
        """The same with vectors of zeros."""
        return KeptVectors.of(self, self.trainable, widths[0])


def _table(folder: Path, vocabulary: Sequence[str]) -> NDArray[np.float32]:
    """`(V, D)`: zeros for padding and the separator, the file's own unknown token for the unknown one."""
    import numpy as np

    library = read_library(folder / FILE)
    places = {name: place for place, name in enumerate(names_of(library))}
    vectors = token_vectors(folder / WEIGHTS, len(places))
    own = vocabulary[len(SPECIALS) :]
    absent = [token for token in own if token not in places]
    if absent:
        hint = 'tokenizer.name must be "huggingface" with the same folder'
        raise DataError(f'{folder}: must know every token, got {len(absent):,} others such as "{absent[0]}"; {hint}')
    table = np.zeros((len(vocabulary), vectors.shape[1]), dtype=np.float32)
    table[len(SPECIALS) :] = vectors[[places[token] for token in own]]
    unknown = unknown_of(library)
    if unknown >= 0:
        table[UNKNOWN] = vectors[unknown]
    return table


def token_vectors(path: Path, tokens: int) -> NDArray[np.float32]:
    """The vector of each token, with its weight, `(T, D)` float32.

    Args:
        path: A safetensors file with `embeddings` `(R, D)`, maybe `mapping` `(T,)`, the row of each token, and
            `weights` `(T,)`.
        tokens: T.

    Raises:
        DataError: It is damaged, or holds arrays of other shapes.
    """
    import numpy as np

    found = _arrays(path)
    vectors = next((found[name] for name in NAMES if name in found), None)
    if vectors is None or vectors.ndim != 2 or not vectors.shape[1] or vectors.dtype.kind not in "fi":
        got = "none" if vectors is None else f"{vectors.shape} of {vectors.dtype}"
        raise DataError(f"{path}: {NAMES[0]}: must be an (R, D) array of numbers, got {got}")
    rows = found.get("mapping", np.arange(len(vectors)))
    if rows.shape != (tokens,) or rows.dtype.kind not in "iu" or not ((rows >= 0) & (rows < len(vectors))).all():
        raise DataError(f"{path}: must have a row for each of {tokens:,} tokens, got {len(vectors):,} vectors")
    weights = found.get("weights", np.ones(tokens, dtype=np.float32))
    if weights.shape != (tokens,) or weights.dtype.kind != "f":
        raise DataError(f"{path}: weights: must be ({tokens},) numbers, got {weights.shape} of {weights.dtype}")
    table: NDArray[np.float32] = vectors[rows].astype(np.float32) * weights.astype(np.float32)[:, None]
    if not np.isfinite(table).all():
        raise DataError(f"{path}: must be finite, got NaN or infinity")
    return table


def _arrays(path: Path) -> dict[str, Any]:
    from safetensors.numpy import load_file

    try:
        return dict(load_file(path))
    except Exception as cause:  # the library has an error of its own for each kind of damage, and for types
        raise DataError(f"{path}: must be a whole safetensors file, got {damage(cause)}") from cause
