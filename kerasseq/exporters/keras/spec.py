"""`keras`: one file that Keras opens without kerasseq."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from kerasseq.spec import ExporterSpec

if TYPE_CHECKING:
    from kerasseq.exporters.keras.exporter import KerasExporter

__all__ = ["Keras"]


class Keras(ExporterSpec):
    """`model.plain.keras`: the network of genuine Keras layers and operations alone, opened by Keras on any backend
    without kerasseq; ids or vectors in, logits, the score or the steps ahead out. Tokenizer, vocabulary and labels, or
    means and deviations, are in `kerasseq.json` inside the file. The CRF of a tagger and a plugin's layer stay what
    they are, and the export names the module to import."""

    name: str = "keras"
    tolerance: Annotated[float, Field(gt=0)] = 1e-5
    """Largest difference from the model's answers that is kept: of a probability, or of a score in deviations of the
    training targets."""

    def build(self) -> KerasExporter:
        """Return a `KerasExporter`."""
        from kerasseq.exporters.keras.exporter import KerasExporter

        return KerasExporter(self.tolerance)
