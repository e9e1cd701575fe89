"""`unicode_script`: cut where the script changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasseq_tftext.settings import LookupSettings

if TYPE_CHECKING:
    from kerasseq_tftext.lookup import LookupTokenizer

__all__ = ["UnicodeScript"]


class UnicodeScript(LookupSettings):
    """Cut at white space and where one script follows another: `ABCالف` is two tokens.

    Digits, punctuation and emoji are one script here: `covid19, 3.5` is `covid`, `19,` and `3.5`. Harakat are another,
    so a vocalised word falls apart: remove them first, as the preprocessor `arabic` does.
    """

    name: str = "unicode_script"

    def build(self) -> LookupTokenizer:
        """Return an untrained tokenizer."""
        from kerasseq_tftext.lookup import ScriptTokenizer

        return ScriptTokenizer(self.max_length, self.truncation, self.min_frequency, self.vocabulary_size)
