"""`language_model`: the next token, at every step of a text that runs on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from kerasseq.errors import DataError
from kerasseq.spec import Example, TaskSpec

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.corpus.split import Split
    from kerasseq.diagnosis.findings import Diagnosis
    from kerasseq.tasks.language_modeller import LanguageModeller

__all__ = ["LanguageModel"]


class LanguageModel(TaskSpec):
    """How probable is each token behind those before it, and so: what may come next."""

    needs = frozenset({"tokenizer", "embedding", "encoder", "search"})
    forbids = frozenset({"pooler"})

    name: str = "language_model"
    """The component."""
    documents: Literal["joined", "apart"] = "joined"
    """`joined`: documents follow each other as one text, a separator between; the first part trains, the next
    validates, the last tests; a side that has files of its own is those, and one that has none the end of the training
    files. `apart`: each is read from a state of zeros, and sides are cut as `[split]` says, for names, titles, short
    texts."""
    condition: Literal["none", "target"] = "none"
    """`target`: the class in the column `dataset.target` writes the text; for documents that stand apart. A class has a
    vector, which is read before the first token (as Show and Tell reads a picture; Vinyals et al., 2015), so that the
    states in which a text begins are a function of its class."""
    reverse: bool = False
    """Read each text from its last token to its first, as the backward half of an encoder in two directions does, which
    can start from such a model (`encoder.from_backward`); for documents that stand apart. It writes nothing."""
    bptt: Annotated[int, Field(ge=1, le=10_000)] = 64
    """Steps that the gradient goes back, and steps of a batch; the state goes on beyond them (Williams & Peng,
    1990)."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Dropout on the vector of each step before the softmax, in [0, 1), of the same numbers at every step (Gal &
    Ghahramani, 2016; Merity et al., 2018)."""

    tied: bool = False
    """Take the vectors of the embedding for the weights of the softmax: one table in place of two (Inan et al., 2017;
    Press & Wolf, 2017). Where `encoder.units` is not the width of the vectors, a matrix stands between them."""
    activation_penalty: Annotated[float, Field(ge=0)] = 0.0
    """What the mean square of the last layer's answers, behind `dropout`, counts in the training loss, nats; Merity et
    al. (2017, "Revisiting activation regularization for language RNNs") call it AR and take 2."""
    temporal_penalty: Annotated[float, Field(ge=0)] = 0.0
    """What the mean square of their change from step to step, before `dropout`, counts there: their TAR, taken as 1."""

    def conflicts(self, sections: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What reads ahead, cuts, weighs, or stands beside a text."""
        dataset, encoder, tokenizer = sections["dataset"], sections["encoder"], sections["tokenizer"]
        if dataset.row_kind != "text":
            yield "task.name", f'"language_model" reads texts, the dataset gives {dataset.row_kind}'
        for column, what in (("text_2", "pairs"), ("weight", "weights")):
            if column in dataset.provides:
                yield f"dataset.{column}", f"must be empty, for a language model has no use for {what}"
        if not encoder.carries:
            if getattr(encoder, "bidirectional", False):
                yield "encoder.bidirectional", "must be false, for a language model does not read ahead, got true"
            else:
                yield "encoder.name", f'must give its state back, as "lstm" does, got "{encoder.name}"'
        plain = type(tokenizer)(name=tokenizer.name)
        if getattr(tokenizer, "max_length", 0) != getattr(plain, "max_length", 0):
            yield "tokenizer.max_length", "has no meaning here, for a language model reads all of a text; remove it"
        embedding = sections["embedding"]
        if embedding.subwords is not None or embedding.characters_width:
            yield "embedding.name", f'must read tokens alone, as "learned" does, got "{embedding.name}"'
        if getattr(embedding, "from", "") and embedding.has_extra_words:
            yield "embedding.file_words", "must be 0, for a language model writes the words of its own texts alone"
        if self.tied and not embedding.ties:
            yield (
                "task.tied",
                f'must be false, for no one table holds the vectors of "{embedding.name}"; "learned" has it',
            )
        if self.tied and sections["training"].lazy_embeddings:
            yield "training.lazy_embeddings", "must be false, for with task.tied every batch moves every vector"
        if self.documents == "joined" and sections["split"].method not in ("auto", "given"):
            got = sections["split"].method
            yield "split.method", f'must be "auto", for documents that are joined are cut by place, got "{got}"'
        if self.condition == "target":
            if self.documents == "joined":
                yield "task.condition", 'must be of documents = "apart", got documents that run on'
            if not getattr(dataset, "target", ""):
                yield "task.condition", "needs the class of each text; set dataset.target"
        if self.reverse and self.documents == "joined":
            yield "task.reverse", 'must be of documents = "apart", got documents that run on'
        if self.reverse and sections["exporter"]:
            got = ", ".join(part.name for part in sections["exporter"])
            yield "exporter", f"must be [] for a model that reads backwards and writes nothing, got {got}"
        if sections["training"].bptt:
            yield (
                "training.bptt",
                f"must be 0 for a language model, which has task.bptt, got {sections['training'].bptt}",
            )
        if sections["training"].folds:
            yield "training.folds", f"must be 0 for a language model, got {sections['training'].folds}"

    def table(self, table: pa.Table, split: Any) -> pa.Table:
        """Joined documents as passages, the sides cut by place."""
        if self.documents == "apart":
            return table
        from kerasseq.corpus.passages import passage_table

        return passage_table(table, split.validation, split.test)

    def build(self, sections: Any, table: pa.Table) -> LanguageModeller:
        """Learn the vocabulary from the training rows.

        Raises:
            DataError: They hold no text.
        """
        pipeline = self.pipeline(sections)
        if self.condition == "target":
            from kerasseq.tasks.conditions import classes_of

            pipeline.conditions = classes_of(table)
        samples = pipeline.samples(table)
        pipeline.fit(samples)
        if len(pipeline.tokenizer.vocabulary) < 5:
            raise DataError("train: must have at least 2 different tokens, got a text of fewer")
        return self.modeller(pipeline)

    def restore(self, sections: Any, folder: Path) -> LanguageModeller:
        """The built task again, from what a run holds."""
        said = json.loads((folder / "task.json").read_text(encoding="utf-8"))
        pipeline = self.pipeline(sections, folder)
        pipeline.conditions = tuple(said.get("conditions", ()))
        return self.modeller(pipeline)

    def modeller(self, pipeline: Any) -> LanguageModeller:
        """The task on a fitted pipeline."""
        from kerasseq.tasks.language_modeller import LanguageModeller

        return LanguageModeller(self, pipeline)

    def pipeline(self, sections: Any, folder: Path | None = None) -> Any:
        """A new one, or the fitted one of a run in `folder`."""
        from kerasseq.pipelines.running import running_pipeline

        return running_pipeline(sections, folder, self.reverse)

    def example(self) -> Example:
        """A few texts of few letters, and an encoder that does not read ahead."""
        import pyarrow as pa

        from kerasseq.encoders.recurrent import LSTM
        from kerasseq.tokenizers.character import Character

        texts = ["the cat sat", "a cat sees the hat", "the hat", "a tea set", "cats eat", "the sea", "he sat", "a seat"]
        columns = {"text": texts * 2, "source": ["made"] * 16}
        sections = {
            "encoder": LSTM(name="lstm", units=3, layers=1, bidirectional=False),
            "tokenizer": Character(name="character"),
        }
        return Example(pa.table({**columns, "line": range(1, 17)}), sections=sections)

    def diagnose(self, sections: Any, table: pa.Table, sides: Split) -> Diagnosis:
        """Look at documents, their characters, and what stands twice."""
        from kerasseq.diagnosis.language import diagnose_texts

        return diagnose_texts(table, sides, self.documents == "joined")
