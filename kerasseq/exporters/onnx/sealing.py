"""The last thing that is written into a file: the digest of its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasseq_runtime.seal import KEY, UNSEALED, sealed

if TYPE_CHECKING:
    import onnx

__all__ = ["sealed_bytes"]


def sealed_bytes(model: onnx.ModelProto) -> bytes:
    """A model as a file holds it; see `kerasseq_runtime.seal`."""
    kept = [entry for entry in model.metadata_props if entry.key != KEY]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    model.metadata_props.add(key=KEY, value=UNSEALED)
    return sealed(model.SerializeToString())
