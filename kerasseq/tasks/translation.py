"""`translation`: a text about another, token by token."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from kerasseq.errors import DataError
from kerasseq.spec import DatasetSpec, Example, TaskSpec

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.corpus.split import Split
    from kerasseq.diagnosis.findings import Diagnosis
    from kerasseq.tasks.translator import Translator

__all__ = ["Translation"]


class Translation(TaskSpec):
    """Each text becomes another: in another language, with its diacritics, in digits, shorter."""

    needs = frozenset({"tokenizer", "embedding", "encoder", "decoder", "search"})
    forbids = frozenset({"pooler"})
    target = "text"

    name: str = "translation"
    """The component."""
    max_length: Annotated[int, Field(ge=1, le=10_000)] = 64
    """Most tokens of a translation: what is longer is cut in training and counted, and nothing longer is written. That
    of the texts is `tokenizer.max_length`."""
    shared: bool = False
    """One vocabulary for both sides, learned from both, and one table of vectors for what is read and what is written;
    else `[tokenizer]` learns one of each side."""
    preprocess: Literal["source", "both"] = "source"
    """Whether `[[preprocessor]]` changes the texts alone, or what is learned to be written too. References are compared
    as the data has them."""
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of each step's probability that training spreads over the whole vocabulary, in [0, 1) (Szegedy et al.,
    2016)."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.2
    """Dropout on the vector of each step before the softmax, in [0, 1), of the same numbers at every step."""
    scheduled_sampling: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of the tokens behind which training goes on that are the model's own guesses, in place of the reference's,
    in [0, 1) (Bengio et al., 2015). They are guessed for all steps at once behind the reference (Mihaylova & Martins,
    2019), so training takes twice as long. 0 for teacher forcing."""
    sampling_updates: Annotated[int, Field(ge=1)] = 2_000
    """Updates until that share is reached, from 0 on and evenly."""
    replace_unknown: bool = False
    """Let the unknown token be written, and put the word of the text in its place that was attended to most (Luong et
    al., 2015): for names, with a tokenizer of words."""
    score: Literal["bleu", "chrf", "cer", "exact_match"] = "bleu"
    """What a person looks at first, and what keeps the epoch. `bleu` counts sequences of four words: of texts of one or
    two words it is 0, and `chrf`, `cer` (character errors) or `exact_match` say more."""
    validate_by: Literal["loss", "search"] = "search"
    """What is looked at behind each epoch: `search`, greedy translations of the validation rows beside their loss; or
    the `loss` alone, which costs less."""
    validation_rows: Annotated[int, Field(ge=1)] = 500
    """Most rows of validation that are translated behind each epoch, evenly spread."""

    def defaults(self, dataset: DatasetSpec | None) -> Mapping[str, str]:
        """Likely texts are wanted, not varied ones; subwords know every word."""
        return {"search": "beam", "tokenizer": "subword", "encoder": "gru"}

    def conflicts(self, sections: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Rows that are no texts, pairs, and parts that do not fit each other."""
        dataset, encoder, embedding = sections["dataset"], sections["encoder"], sections["embedding"]
        if dataset.row_kind != "text":
            yield "task.name", f'"translation" reads texts, the dataset gives {dataset.row_kind}'
        if "text_2" in dataset.provides:
            yield "dataset.text_2", "must be empty, for a translation reads one text; target names the other's column"
        if embedding.subwords is not None or embedding.characters_width:
            yield "embedding.name", f'must read tokens alone, as "learned" does, got "{embedding.name}"'
        if getattr(embedding, "from", "") and embedding.has_extra_words:
            yield "embedding.file_words", "must be 0, for a translation knows the words of its own texts alone"
        if sections["training"].folds:
            yield "training.folds", f"must be 0 for a translation, got {sections['training'].folds}"
        decoder, cut = sections["decoder"], sections["tokenizer"]
        if self.replace_unknown and not cut.looks_up:
            yield "task.replace_unknown", f'must be false, for tokenizer "{cut.name}" knows every token; remove it'
        if self.replace_unknown and getattr(decoder, "attention", "") == "none":
            yield "task.replace_unknown", "must be false where decoder.attention finds no word, got true; remove it"
        units = getattr(encoder, "units", 0) * encoder.directions
        if getattr(decoder, "attention", "") == "dot" and units and decoder.units not in (0, units):
            yield (
                "decoder.attention",
                f'"dot" needs decoder.units = {units}, as many as numbers of an encoded step, got {decoder.units}; '
                'use "general"',
            )

    def build(self, sections: Any, table: pa.Table) -> Translator:
        """Learn the vocabularies from the training rows.

        Raises:
            DataError: They hold no text.
        """
        from kerasseq.pipelines.translation import translation_pipeline

        _check_targets(table)
        pipeline = translation_pipeline(sections, self)
        pipeline.fit(pipeline.samples(table))
        left = len(pipeline.target_tokenizer.vocabulary) - 2 + self.replace_unknown
        if getattr(sections.search, "width", 0) > left:
            got = sections.search.width
            raise DataError(f"search.width: must be at most the {left} tokens that may be written, got {got}; lower it")
        return self._translator(sections, pipeline)

    def restore(self, sections: Any, folder: Path) -> Translator:
        """The built task again, from what a run holds."""
        from kerasseq.pipelines.translation import translation_pipeline

        json.loads((folder / "task.json").read_text(encoding="utf-8"))
        return self._translator(sections, translation_pipeline(sections, self, folder))

    def _translator(self, sections: Any, pipeline: Any) -> Translator:
        from kerasseq.tasks.translator import Translator

        return Translator(self, pipeline, sections.search.build())

    def diagnose(self, sections: Any, table: pa.Table, sides: Split) -> Diagnosis:
        """Look at texts and translations, as they are read and learned."""
        from kerasseq.diagnosis.facts import Already
        from kerasseq.diagnosis.translation import diagnose_translation
        from kerasseq.preprocessors.rules import chain

        clean = chain(part.build() for part in sections.preprocessor)
        unicode = any(part.name.rpartition("/")[2] == "unicode" for part in sections.preprocessor)
        prepare = (clean, clean if self.preprocess == "both" else list)
        return diagnose_translation(table, sides, prepare, Already(unicode=unicode))

    def example(self) -> Example:
        """A few texts and the same in capitals, and an encoder that reads in order."""
        import pyarrow as pa

        from kerasseq.encoders.recurrent import GRU
        from kerasseq.tokenizers.word import Word

        texts = ["the cat sat", "a cat sees the hat", "the hat", "a tea set", "cats eat", "the sea", "he sat", "a seat"]
        columns = {"text": texts * 2, "target": [text.upper() for text in texts * 2], "source": ["made"] * 16}
        sections = {
            "encoder": GRU(name="gru", units=3, layers=1, bidirectional=True),
            "tokenizer": Word(name="word", min_frequency=1),
        }
        return Example(pa.table({**columns, "line": range(1, 17)}), sections=sections)


def _check_targets(table: pa.Table) -> None:
    if table["target"].null_count == table.num_rows:
        raise DataError("train: must have translations, got texts alone; dataset.target names their column")
