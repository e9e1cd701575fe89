"""`saved_model`: text in, answer out, for TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasseq.plugin import ExporterSpec

if TYPE_CHECKING:
    from kerasseq_tftext.saving.exporter import SavedModelExporter

__all__ = ["SavedModel"]


class SavedModel(ExporterSpec):
    """`saved_model/`: rules, tokenizer, vocabulary and network in one TensorFlow SavedModel; strings in, labels and
    probabilities or the score out. It needs tensorflow and tensorflow-text."""

    name: str = "saved_model"

    def build(self) -> SavedModelExporter:
        """Return an exporter."""
        from kerasseq_tftext.saving.exporter import SavedModelExporter

        return SavedModelExporter()
