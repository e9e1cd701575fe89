"""`onnx`: one file, text in, answer out, for onnxruntime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from kerasseq.spec import ExporterSpec

if TYPE_CHECKING:
    from kerasseq.exporters.onnx.exporter import OnnxExporter

__all__ = ["Onnx"]


class Onnx(ExporterSpec):
    """`model.onnx`: rules, tokenizer, vocabulary and network in one file that onnxruntime reads; strings in, labels and
    probabilities or the score out."""

    name: str = "onnx"
    precision: Literal["float32", "float16", "int8"] = "float32"
    """How weights are stored; all is computed in float32, so that an answer hangs on nothing beside it. `float16` takes
    half the room; `int8` stores tables of vectors, recurrent layers and products in 8 bits, with a scale for each row,
    unit of a gate or output. The float32 file is proved, what the smaller one changes is measured on the test rows."""
    tolerance: Annotated[float, Field(gt=0)] = 1e-5
    """Largest difference from the model's answers that is kept: of a probability, or of a score in deviations of the
    training targets. With `float16` and `int8` it is that of the float32 file, and of a row alone from the same row
    beside others."""

    def build(self) -> OnnxExporter:
        """Return an `OnnxExporter`."""
        from kerasseq.exporters.onnx.exporter import OnnxExporter

        return OnnxExporter(self.precision, self.tolerance)
