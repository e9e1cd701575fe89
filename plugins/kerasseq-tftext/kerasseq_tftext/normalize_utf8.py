"""`normalize_utf8`: the normal forms of Unicode."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from kerasseq.plugin import PreprocessorSpec

if TYPE_CHECKING:
    from kerasseq_tftext.steps import Normalization

__all__ = ["NormalizeUtf8"]


class NormalizeUtf8(PreprocessorSpec):
    """Write every character in one normal form of Unicode, by ICU: `ﷺ`, `ﬁ` and `é` in NFKC as five words, two letters
    and one.

    kerasseq's own `unicode` does much the same by rules, which `model.onnx` holds; there this step is left to Python.
    """

    idempotent: ClassVar[bool] = True

    name: str = "normalize_utf8"
    form: Literal["NFC", "NFD", "NFKC", "NFKD"] = "NFKC"
    """The normal form: C composes letters and accents, D takes them apart; K also replaces compatibility forms."""

    def build(self) -> Normalization:
        """Return the step."""
        from kerasseq_tftext.steps import Normalization

        return Normalization(self.form)
