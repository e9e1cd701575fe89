"""`onnx`: one file, text in, answer out, for onnxruntime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from kerasseq.spec import ExporterSpec

if TYPE_CHECKING:
    from kerasseq.exporters.onnx.exporter import OnnxExporter

__all__ = ["Onnx"]


class Onnx(ExporterSpec):
    """`model.onnx`: rules, tokenizer, vocabulary and network in one file that onnxruntime reads; strings in, labels and
    probabilities or the score out."""

    name: str = "onnx"
    precision: Literal["float32", "float16", "int8"] = "float32"
    """How weights are stored. `float16` halves the file; `int8` makes matrix products of 8-bit numbers, in LSTM and
    dense layers, and stores the weights of GRU and RNN so, for which onnxruntime has no such products. Both are
    measured on the test texts beside float32."""

    def build(self) -> OnnxExporter:
        """Return an `OnnxExporter`."""
        from kerasseq.exporters.onnx.exporter import OnnxExporter

        return OnnxExporter(self.precision)
