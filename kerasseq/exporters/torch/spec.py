"""`torch`: one file that torch opens without Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from kerasseq.spec import ExporterSpec

if TYPE_CHECKING:
    from kerasseq.exporters.torch.exporter import TorchExporter

__all__ = ["Torch"]


class Torch(ExporterSpec):
    """`model.pt2`: a program of torch.export, opened by `torch.export.load` without Keras and kerasseq; ids of any
    number of texts and of any length in, index of the label and probabilities or the score out. Tokenizer, vocabulary
    and labels are in the extra file `kerasseq.json` inside. `gru` with `reset = "before"` is refused: torch has no
    kernel for it."""

    name: str = "torch"
    tolerance: Annotated[float, Field(gt=0)] = 1e-5
    """Largest difference from the model's answers that is kept: of a probability, or of a score in deviations of the
    training targets."""

    def build(self) -> TorchExporter:
        """Return a `TorchExporter`."""
        from kerasseq.exporters.torch.exporter import TorchExporter

        return TorchExporter(self.tolerance)
