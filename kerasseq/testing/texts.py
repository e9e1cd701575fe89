"""Texts that preprocessors and tokenizers are tried on."""

from __future__ import annotations

from kerasseq.pipelines.made_texts import HOSTILE

__all__ = ["HOSTILE_TEXTS", "PLAIN", "WRITABLE"]

PLAIN = (
    "the food was good and the service was quick",
    "the food was cold, and nobody said sorry",
    "الطعام لذيذ والخدمة سريعة",
    "الخدمة بطيئة جدا ولا أنصح به",
    "good food",
    "الطعام بارد",
    "a long wait for cold coffee, three times in a row",
    "قرأت الكتاب مرتين وأعجبني في كل مرة",
    "the food was good, the coffee was good",
    "x",
)
"""Ordinary texts; tokenizers are trained on four copies of each."""

WRITABLE = (*HOSTILE, "ab " * 4000, "\u0640" * 300, "a" * 3000)
"""Texts that have broken string handling somewhere, and very long ones."""

HOSTILE_TEXTS = (*WRITABLE, "\ud800", "a\udfffb", "\udcff\ud83d x")
"""The same, and half surrogates, which stand in JSON now and then and which UTF-8 cannot write."""
