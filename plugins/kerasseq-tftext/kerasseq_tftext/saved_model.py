"""`saved_model`: text in, answer out, for TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from kerasseq.plugin import ExporterSpec

if TYPE_CHECKING:
    from kerasseq_tftext.saving.exporter import SavedModelExporter

__all__ = ["SavedModel"]


class SavedModel(ExporterSpec):
    """`saved_model/`: rules, tokenizer, vocabulary and network in one TensorFlow SavedModel; strings in, labels and
    probabilities or the score out. It needs tensorflow and tensorflow-text."""

    name: str = "saved_model"
    tolerance: Annotated[float, Field(gt=0)] = 1e-5
    """Largest difference from the model's answers that is kept: of a probability, or of a score in deviations of the
    training targets."""

    def build(self) -> SavedModelExporter:
        """Return an exporter."""
        from kerasseq_tftext.saving.exporter import SavedModelExporter

        return SavedModelExporter(self.tolerance)
