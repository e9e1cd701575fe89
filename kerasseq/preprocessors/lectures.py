r"""The recipe of the lectures, as a preset to compare with."""

from __future__ import annotations

from kerasseq.preprocessors.rules import CharMap, Replace, Rules
from kerasseq.spec import PreprocessorSpec

__all__ = ["Lectures"]

_SPACE = "[{space}\x1c-\x1f]"
_NO_SPACE = "[^{space}\x1c-\x1f]"


class Lectures(PreprocessorSpec):
    r"""The cleaning of the course that docs/results.md tells of, exactly and in its order; to compare, not for use.

    1. remove links (`https?://\S+`, `www\.\S+`), 2. remove `[0-9٠-٩]`, 3. drop what is not `\w`, white space or U+0600
    to U+06FF, 4. fold `إ أ آ` to `ا`, `ى` to `ي`, `ة` to `ه`, 5. strip harakat (U+064B to U+0652) and tatweel,
    6. squeeze white space and trim.

    Its faults: emoji and emoticons are lost, and with them much of the sentiment of a tweet. `don't` becomes `dont`,
    `3.5` nothing, `5/10` nothing, `covid19` `covid`; `well-known` becomes `wellknown` and `good,bad` `goodbad`, for
    what is dropped leaves no space. A link takes the Arabic text glued to it along. Arabic punctuation (`، ؛ ؟`) lies
    inside U+0600 to U+06FF, so it stays, glued to words. Extended digits (`۱۲`), alef wasla, superscript alef, the
    marks of the Quran, Persian ya and kaf and presentation forms stay as they are; a decomposed hamza stays as a
    mark; marks of other scripts are cut out of their words. Case is not folded. Nothing protects negation, and
    mentions lose their `@` only.
    """

    name: str = "lectures"

    def build(self) -> Rules:
        fold = {"إ": "ا", "أ": "ا", "آ": "ا", "ى": "ي", "ة": "ه"}
        strip = dict.fromkeys([*map(chr, range(0x064B, 0x0653)), "\u0640"], "")
        return Rules(
            [
                Replace(rf"https?://{_NO_SPACE}+|www\.{_NO_SPACE}+", "", only_with="./", sign=r"/|w\."),
                CharMap(dict.fromkeys("0123456789٠١٢٣٤٥٦٧٨٩", "")),
                Replace("[^{alnum}{space}\x1c-\x1f\u0600-\u06ff]", ""),
                CharMap(fold),
                CharMap(strip),
                Replace(f"{_SPACE}+", " "),
                Replace("{start} | {end}", ""),
            ]
        )
