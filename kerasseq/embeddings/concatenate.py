"""`concatenate`: several embeddings side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import SerializeAsAny, ValidationInfo, field_validator

from kerasseq.spec import EmbeddingSpec, Subwords

if TYPE_CHECKING:
    from kerasseq.embeddings.side_by_side import SideBySide

__all__ = ["Concatenate"]


class Concatenate(EmbeddingSpec):
    """Several embeddings of the same words, their vectors end to end: word beside subword, frozen beside tuned.

    Each is a section of its own, written `[[embedding.parts]]`, with a name and all its settings.
    """

    parts: tuple[SerializeAsAny[EmbeddingSpec], ...] = ()
    """Two embeddings or more, in the order in which their numbers stand; one of them at most is a `subword`."""

    @field_validator("parts", mode="before")
    @classmethod
    def _read(cls, parts: Any, info: ValidationInfo) -> Any:
        """Parts as another process writes them; those of a config come as what they are, each problem with its line."""
        from kerasseq.registry.components import load

        def read(part: Any) -> Any:
            if not isinstance(part, dict):
                return part
            return load("embedding", str(part.get("name")))[1].model_validate_json(
                json.dumps(part), context=info.context
            )

        return tuple(map(read, parts)) if isinstance(parts, list | tuple) else parts

    def problems(self) -> Iterator[tuple[str, str]]:
        """Too few parts; parts that do not go together."""
        if len(self.parts) < 2:
            yield "parts", f"must be two embeddings or more, written [[embedding.parts]], got {len(self.parts)}"
        cuts = [part.subwords for part in self.parts if part.subwords is not None]
        if len(cuts) > 1:
            yield "parts", f"must have one embedding of n-grams at most, got {len(cuts)}"
        widths = {part.characters_width for part in self.parts} - {0}
        if len(widths) > 1:
            yield "parts", f"must read as many characters of a token, got {' and '.join(map(str, sorted(widths)))}"
        if any(getattr(part, "from", "") for part in self.parts):
            yield "parts", "must start from no run of a language model, which one embedding alone can; remove from"

    @property
    def characters_width(self) -> int:
        """That of the parts which read characters."""
        return max((part.characters_width for part in self.parts), default=0)

    @property
    def subwords(self) -> Subwords | None:
        """Those of the part that reads n-grams."""
        return next((part.subwords for part in self.parts if part.subwords is not None), None)

    @property
    def has_extra_words(self) -> bool:
        """Where a part has some."""
        return any(part.has_extra_words for part in self.parts)

    def extra_words(self) -> Sequence[str]:
        """Those of all parts, each once."""
        return tuple(dict.fromkeys(word for part in self.parts for word in part.extra_words()))

    @property
    def file_widths(self) -> int:
        """Those of all parts."""
        return sum(part.file_widths for part in self.parts)

    def without_files(self, widths: Sequence[int]) -> Any:
        """The same of parts that read no file, where each of them can."""
        parts, done = [], 0
        for part in self.parts:
            parts.append(part.without_files(widths[done : done + part.file_widths]))
            done += part.file_widths
        if any(part is NotImplemented for part in parts):
            return NotImplemented
        return self.model_copy(update={"parts": tuple(parts)})

    def to_onnx(self, built: Any, graph: Any, *inputs: str) -> Any:
        """What the first part that knows the layer writes."""
        answers = (part.to_onnx(built, graph, *inputs) for part in self.parts)
        return next((answer for answer in answers if answer is not NotImplemented), NotImplemented)

    def build(self, vocabulary: Sequence[str]) -> SideBySide:
        """Return a function of what the parts build, `(B, T)` -> `(B, T, D)`, D the sum of theirs."""
        from kerasseq.embeddings.side_by_side import SideBySide

        return SideBySide([part.build(vocabulary) for part in self.parts])

    def build_subwords(self, vocabulary: Sequence[str], ngrams: int) -> SideBySide:
        """Return the same, `(B, T)` and `(B, T, K)` -> `(B, T, D)`."""
        return self._spelled(vocabulary, lambda part: part.build_subwords(vocabulary, ngrams))

    def build_ngrams(self, vocabulary: Sequence[str], listed: Sequence[str]) -> SideBySide:
        """Return the same, the vectors of the listed n-grams as the part has them."""
        return self._spelled(vocabulary, lambda part: part.build_ngrams(vocabulary, listed))

    def _spelled(self, vocabulary: Sequence[str], build: Callable[[EmbeddingSpec], Callable[..., Any]]) -> SideBySide:
        from kerasseq.embeddings.side_by_side import SideBySide

        spelled = [part.subwords is not None for part in self.parts]
        built = [
            build(part) if reads else part.build(vocabulary) for part, reads in zip(self.parts, spelled, strict=True)
        ]
        return SideBySide(built, spelled)

    def build_characters(self, alphabet: int) -> Callable[..., Any]:
        """Return what the parts which read characters make of them, side by side."""
        from kerasseq.embeddings.side_by_side import SideBySide

        return SideBySide([part.build_characters(alphabet) for part in self.parts if part.characters_width])
