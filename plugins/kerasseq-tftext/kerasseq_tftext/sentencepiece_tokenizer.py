"""The built sentencepiece tokenizer."""

# N texts, P pieces of a text

from __future__ import annotations

import base64
import io
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kerasseq.plugin import SPECIALS, UNKNOWN, DataError, Truncation, UsageError
from kerasseq_tftext.sentencepiece import NEEDED
from kerasseq_tftext.tensors import tensor, tensorflow, utf8
from kerasseq_tftext.tokenizer import OperatorTokenizer

__all__ = ["SentencepieceTokenizer"]

FIRST = len(SPECIALS)
"""The id of piece 0 of the model; its own unknown piece is id 1 instead."""

LONGEST = 1_000_000
"""Bytes of a text beyond which it is not learned from."""


class SentencepieceTokenizer(OperatorTokenizer):
    """Pieces of running text.

    Args:
        max_length: See `Tokenizer`.
        truncation: See `Tokenizer`.
        vocabulary_size: Most entries of what is learned, specials included.
        algorithm: `unigram` or `bpe`.
        model: Path of a model to use in place of learning.
    """

    kind = "tftext_sentencepiece"

    def __init__(
        self,
        max_length: int = 64,
        truncation: Truncation = "head",
        vocabulary_size: int = 8_000,
        algorithm: str = "unigram",
        model: str = "",
    ) -> None:
        super().__init__(max_length, truncation, vocabulary_size)
        self._algorithm = algorithm
        self._path = model
        self._model = b""
        self._operator: Any = None
        self._unknown = 0

    def train(self, texts: Iterable[str]) -> None:
        """Learn a model, or read the one that is given.

        Raises:
            UsageError: The package sentencepiece is missing, or cannot learn so few pieces.
            DataError: The file is no model.
        """
        if not self._path:
            self._open(self._learned(texts))
            return
        try:
            self._open(Path(self._path).read_bytes())
        except Exception as cause:  # TensorFlow has a class for each of its codes
            raise DataError(f"{self._path}: must be a model of sentencepiece, got {_line(cause)}") from cause

    def _learned(self, texts: Iterable[str]) -> bytes:
        """A model; nothing where no text holds anything."""
        try:
            import sentencepiece
        except ImportError as cause:
            raise UsageError(f"tokenizer: {NEEDED}") from cause
        left = (utf8(text).decode() for text in texts if text.strip())
        first = next(left, None)
        if first is None:
            return b""
        written = io.BytesIO()
        try:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=itertools.chain([first], left),
                model_writer=written,
                model_type=self._algorithm,
                vocab_size=self._vocabulary_size - FIRST,
                hard_vocab_limit=False,
                unk_id=0,
                bos_id=-1,
                eos_id=-1,
                pad_id=-1,
                max_sentence_length=LONGEST,
                num_threads=1,  # sums of more threads differ from run to run
                minloglevel=3,
            )
        except RuntimeError as cause:
            raise UsageError(
                f"tokenizer.vocabulary_size: must let sentencepiece learn, got {self._vocabulary_size}; {_line(cause)}"
            ) from cause
        return written.getvalue()

    def _open(self, model: bytes) -> None:
        self._model = model
        self._vocabulary = SPECIALS
        if not model:
            return
        tf, _ = tensorflow()
        self._make_operator()
        numbers = tf.range(self._operator.vocab_size())
        pieces = [piece.decode() for piece in self._operator.id_to_string(numbers).numpy().tolist()]
        self._vocabulary = (*SPECIALS, *pieces)
        self._unknown = int(self._operator.string_to_id("\U0010fffe\ufdd0"))  # the number of what is no piece

    def _make_operator(self) -> None:
        tf, text = tensorflow()
        self._operator = text.SentencepieceTokenizer(model=self._model, out_type=tf.int32)

    def _asked(self, question: Callable[[Any], Any]) -> Any:
        """What the operator says. It loses its model when TensorFlow forgets a function, any function."""
        tf, _ = tensorflow()
        try:
            return question(self._operator)
        except tf.errors.NotFoundError:
            self._make_operator()
            return question(self._operator)

    def on_tensor(self, texts: Any) -> Any:
        """By `SentencepieceTokenizer`."""
        tf, _ = tensorflow()
        if self._operator is None:
            return tf.RaggedTensor.from_row_lengths(tf.constant([], tf.int32), tf.zeros_like(texts, tf.int64))
        found = self._asked(lambda operator: operator.tokenize(texts))
        flat = found.flat_values
        return found.with_flat_values(tf.where(flat == self._unknown, UNKNOWN, flat + FIRST))

    def resources(self) -> Sequence[Any]:
        """The operator with its model, a new one."""
        if self._operator is None:
            return ()
        self._make_operator()
        return (self._operator,)

    def split(self, text: str) -> list[str]:
        """What stands in the text for each piece, the white space before it left out."""
        if self._operator is None:
            return []
        written = utf8(text)
        _, starts, ends = self._asked(lambda operator: operator.tokenize_with_offsets(tensor([text])))
        offsets = zip(starts.flat_values.numpy().tolist(), ends.flat_values.numpy().tolist(), strict=True)
        return [written[start:end].decode(errors="replace").strip() for start, end in offsets]

    def decode(self, ids: Iterable[int]) -> str:
        """As sentencepiece writes pieces; it writes ` ⁇ ` for an unknown one."""
        own = [self._unknown if i == UNKNOWN else i - FIRST for i in ids if i == UNKNOWN or i >= FIRST]
        if self._operator is None or not own:
            return ""
        said: bytes = self._asked(lambda operator: operator.detokenize(own)).numpy()
        return said.decode(errors="replace")

    def to_json(self) -> dict[str, Any]:
        return {
            **super().to_json(),
            "algorithm": self._algorithm,
            "trained": bool(self._vocabulary),
            "model": base64.b64encode(self._model).decode("ascii"),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> SentencepieceTokenizer:
        tokenizer = cls(value["max_length"], value["truncation"], value["vocabulary_size"], value["algorithm"])
        if value["trained"]:
            tokenizer._open(base64.b64decode(value["model"]))
        return tokenizer


def _line(cause: Exception) -> str:
    return (str(cause).splitlines() or [type(cause).__name__])[0][:200]
