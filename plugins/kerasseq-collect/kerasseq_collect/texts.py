"""From a page to a text, or to the reason why there is none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

__all__ = ["Texts"]

ALIKE = 0.8
"""Share of common runs of words from which on two texts are one."""

RUN = 5
"""Words of a run."""

BROKEN = "\N{REPLACEMENT CHARACTER}"


class Texts:
    """Takes pages; knows the texts that it took before.

    Args:
        language: Code of ISO 639-1, or empty for any.
        words: Fewest words of a text.
    """

    def __init__(self, language: str, words: int) -> None:
        from datasketch import MinHashLSH

        self._language = language
        self._words = words
        self._known = MinHashLSH(threshold=ALIKE, num_perm=128)
        self._prints: list[Any] = []

    def take(self, address: str, body: bytes, decoded: str) -> dict[str, Any]:
        """What `Folder.add` takes.

        Args:
            address: Of the page.
            body: As it came.
            decoded: As its headers say; where they were wrong, what suits the bytes stands for it.
        """
        from trafilatura import bare_extraction

        page = body if BROKEN in decoded else decoded
        found = bare_extraction(page, url=address, include_comments=False, include_tables=False, with_metadata=True)
        text = re.sub(r"\s+", " ", str(found.text or "")).strip() if found is not None else ""
        if not text:
            return {"address": address, "left_out": "no text"}
        if len(text.split()) < self._words:
            return {"address": address, "left_out": "too few words"}
        language = _language(text)
        if self._language and language != self._language:
            return {"address": address, "left_out": "another language"}
        if not self.remember(text):
            return {"address": address, "left_out": "nearly the same as another"}
        facts = {key: str(getattr(found, key) or "") for key in ("title", "date")}
        return {"Text": text, "address": address, **facts, "language": language, "licence": _licence(found, decoded)}

    def remember(self, text: str) -> bool:
        """Whether it is like none that was remembered before; it is remembered then. By MinHash (Broder, 1997)."""
        found = _fingerprint(text)
        if any(self._prints[int(place)].jaccard(found) >= ALIKE for place in self._known.query(found)):
            return False
        self._known.insert(str(len(self._prints)), found)
        self._prints.append(found)
        return True


def _fingerprint(text: str) -> Any:
    from datasketch import MinHash

    found = MinHash(num_perm=128)
    found.update_batch([run.encode("utf-8", "replace") for run in set(_runs(text.casefold().split()))])
    return found


def _runs(words: list[str]) -> Iterable[str]:
    return (" ".join(words[start : start + RUN]) for start in range(max(len(words) - RUN + 1, 1)))


def _language(text: str) -> str:
    import py3langid

    return str(py3langid.classify(text[:5000])[0])


def _licence(found: Any, page: str) -> str:
    """What the page says of its licence: `rel="license"`, or what trafilatura finds."""
    link = re.search(r"<(?:a|link)\b[^>]*\brel\s*=\s*[\"']?license\b[^>]*>", page, re.I)
    target = re.search(r"\bhref\s*=\s*[\"']?([^\"'\s>]+)", link[0], re.I) if link else None
    return target[1] if target else str(found.license or "")
